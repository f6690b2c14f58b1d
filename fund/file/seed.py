"""Invented members for the demo and the tests: named stories and random people whose accounts hang together.

Contributions are those of the law to the cent, with the fund's fee. The same seed on the same day gives the same file.
"""

import random
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml
from faker import Faker
from sqlalchemy import insert, select
from sqlalchemy.orm import Session
from stdnum.be import ogm_vcs

from fund.file.account import ZERO
from fund.file.models import (
    AccountManager,
    Affiliation,
    Allocation,
    Contribution,
    ContributionLine,
    FileBase,
    Income,
    Increase,
    Member,
    Notice,
    Payment,
    Person,
    Regularisation,
)
from fund.formats import to_cents
from fund.law.contributions import Contribution as Calculation
from fund.law.contributions import calculate
from fund.law.parameters import Law, NotKnown, load_law
from fund.law.sheet import CalculationError, day_of_year
from fund.phrases import Phrases, load_phrases
from fund.quarters import first_day, last_day, number_of, quarter_of, shift

DATA = Path(__file__).resolve().parents[2] / "data"
FEE = Decimal("3.95")
"""Management fee of the demo's fund, in percent."""

_FIRST_RANDOM_MEMBER = 1001
_BATCH = 500
_TABLES: tuple[type[FileBase], ...] = (
    Person, Member, Affiliation, Income, Contribution, Regularisation, ContributionLine, Increase, Notice, Payment,
    Allocation,
)  # fmt: skip
# Income per year (EUR) of random members, lowest and highest, and how often a category occurs among a hundred.
_RANDOM_CATEGORIES = {
    "main": ((9_000, 118_000), 42),
    "secondary": ((2_400, 19_000), 20),
    "pensioner": ((4_200, 21_000), 10),
    "student": ((9_500, 15_500), 8),
    "spouse_maxi": ((8_000, 31_000), 7),
    "primostarter": (None, 6),
    "article_37": ((3_200, 8_300), 4),
    "spouse_mini": ((22_000, 68_000), 3),
}
_MINI_STATUS_BORN_BEFORE = 1956  # later generations of assisting spouses are in the maxi status


class FileNotEmptyError(RuntimeError):
    """The file already holds members; invented ones are never added to them."""


@dataclass(frozen=True)
class Life:
    """One invented member: who it is, in which category, with which incomes, and how the contributions are paid.

    `incomes` are final, by year (EUR). `starts_on` is a first day of a quarter. `account` is open, paid, part or
    overdue (with `unpaid` quarters before the present one); the words are explained in data/demo/members.yml.
    """

    member_id: str
    first_name: str
    last_name: str
    sex: str
    born: date
    language: str
    street: str
    postal_code: str
    city: str
    category: str
    starts_on: date
    incomes: dict[int, Decimal]
    account: str
    manager_id: int | None
    unpaid: int = 0
    settled: bool = False
    direct_debit: bool = False
    blocked: bool = False
    deceased: bool = False
    wrong: bool = False


@dataclass(frozen=True)
class Story:
    """A named demo member: its fixed member id, its language, what it shows, and the rest as written in the file."""

    name: str
    id: str
    language: str
    shows: str
    content: MappingProxyType[str, Any]


def load_demo(data: Path = DATA) -> dict[str, Any]:
    """The demo's stories, account managers, places and streets, as they stand in `demo/members.yml`."""
    return yaml.safe_load((data / "demo" / "members.yml").read_text(encoding="utf-8"))


STORIES: tuple[Story, ...] = tuple(
    Story(name, content["member_id"], content["language"], content["shows"], MappingProxyType(content))
    for name, content in load_demo()["stories"].items()
)
"""The stories in order; the first one is the member whom a demo signs in when nobody else is named."""


def get_story(name: str) -> Story:
    """The story of that name in data/demo/members.yml; KeyError when there is none."""
    return {story.name: story for story in STORIES}[name]


def seed_members(session: Session, *, count: int, seed: int, on: date) -> list[str]:
    """Fill an empty file with the stories and `count` random members, as it stands on the day `on`.

    Gives the member ids, stories first. The same `seed` on the same day gives the same people and amounts, whatever
    the count. Raises FileNotEmptyError when the file holds members.
    """
    if session.scalar(select(Member.id).limit(1)) is not None:
        raise FileNotEmptyError("the file already holds members")
    demo = load_demo()
    session.execute(insert(AccountManager), [dict(row) for row in demo["account_managers"].values()])
    writer = _Writer(session, on=on, calculator=_Calculator(load_law(DATA / "law"), load_phrases(DATA)))
    lives = [*_stories(demo, on=on)]
    for life in lives:
        writer.add(life)
    member_ids = [life.member_id for life in lives]
    for life in _random_lives(demo, count=count, seed=seed, on=on):
        writer.add(life)
        member_ids.append(life.member_id)
    writer.flush()
    return member_ids


def national_number(*, born: date, serial: int) -> str:
    """The national number of the `serial`-th person (odd for a man) born on a day, with its check digits."""
    digits = f"{born:%y%m%d}{serial:03}"
    checked = int(f"2{digits}" if born.year >= 2000 else digits)
    return f"{digits}{97 - checked % 97:02}"


def structured_communication(number: int) -> str:
    """The twelve digits of a structured communication that differs for every `number`."""
    digits = f"{number * 7_919_713 % 10**10:010}"  # a factor prime to 10: no two numbers meet
    return digits + ogm_vcs.calc_check_digits(digits)


def belgian_iban(number: int) -> str:
    """An invented Belgian account number with both pairs of check digits; 999 is no bank, so it is nobody's account."""
    bank_and_number = f"999{number % 10**7:07}"
    account = f"{bank_and_number}{int(bank_and_number) % 97 or 97:02}"
    return f"BE{98 - int(f'{account}111400') % 97:02}{account}"  # B = 11, E = 14


# Who the members are.


def _stories(demo: dict[str, Any], *, on: date) -> Iterator[Life]:
    for story in STORIES:
        content = story.content
        started = content["started"]
        if "quarters_ago" in started:
            starts_on = first_day(shift(quarter_of(on), -started["quarters_ago"]))
        else:
            starts_on = date(on.year - started["years_ago"], 1, 1)
        manager = content.get("manager")
        yield Life(
            member_id=story.id,
            first_name=content["name"][0],
            last_name=content["name"][1],
            sex=content["sex"],
            born=content["born"],
            language=story.language,
            street=content["street"],
            postal_code=str(content["place"][0]),
            city=content["place"][1],
            category=content["category"],
            starts_on=starts_on,
            incomes={
                on.year - 5 + place: Decimal(f"{amount:.2f}") for place, amount in enumerate(content.get("incomes", ()))
            },
            account=content["account"],
            manager_id=demo["account_managers"][manager]["id"] if manager else None,
            **{key: content[key] for key in _STORY_FLAGS if key in content},
        )


_STORY_FLAGS = ("unpaid", "settled", "direct_debit", "blocked", "deceased", "wrong")


def _random_lives(demo: dict[str, Any], *, count: int, seed: int, on: date) -> Iterator[Life]:
    rng = random.Random(seed)
    fakers = {"nl": Faker("nl_BE"), "fr": Faker("fr_BE")}
    for faker in fakers.values():
        faker.seed_instance(seed)
    managers = {
        language: [row["id"] for row in demo["account_managers"].values() if language in row["languages"]]
        for language in fakers
    }
    categories = list(_RANDOM_CATEGORIES)
    weights = [often for _, often in _RANDOM_CATEGORIES.values()]
    for number in range(count):
        # The first few take the categories in turn, so that even a small file has them all.
        category = categories[number] if number < len(categories) else rng.choices(categories, weights)[0]
        language = rng.choice(("nl", "fr"))
        sex = rng.choice(("f", "m"))
        faker = fakers[language]
        postal_code, city = rng.choice(demo["places"][language])
        starts_on = _random_start(category, rng, on=on)
        account, unpaid = _random_account(category, rng)
        yield Life(
            member_id=f"M{_FIRST_RANDOM_MEMBER + number:06}",
            first_name=faker.first_name_female() if sex == "f" else faker.first_name_male(),
            last_name=faker.last_name(),
            sex=sex,
            born=_random_birth(category, rng, on=on),
            language=language,
            street=f"{rng.choice(demo['streets'][language])} {rng.randint(1, 180)}",
            postal_code=str(postal_code),
            city=city,
            category=category,
            starts_on=starts_on,
            incomes=_random_incomes(category, rng, starts_on=starts_on, on=on),
            account=account,
            unpaid=unpaid,
            # Who is behind is not settled here: the two would cross in one account and explain neither.
            settled=account != "overdue" and rng.random() < 0.5,
            direct_debit=account == "open" and rng.random() < 0.3,
            manager_id=rng.choice(managers[language]),
        )


def _random_start(category: str, rng: random.Random, *, on: date) -> date:
    if category == "primostarter":
        return date(on.year - 1, 1, 1)
    if category == "student":
        return date(on.year - rng.choice((1, 2)), 1, 1)
    return date(on.year - rng.randint(6, 24), 1, 1)


def _random_birth(category: str, rng: random.Random, *, on: date) -> date:
    years = {"student": (19, 24), "pensioner": (67, 78), "primostarter": (22, 45)}.get(category, (32, 62))
    year = rng.randint(_MINI_STATUS_BORN_BEFORE - 8, _MINI_STATUS_BORN_BEFORE - 1)
    if category != "spouse_mini":
        year = on.year - rng.randint(*years)
    return date(year, rng.randint(1, 12), rng.randint(1, 28))


def _random_incomes(category: str, rng: random.Random, *, starts_on: date, on: date) -> dict[int, Decimal]:
    span = _RANDOM_CATEGORIES[category][0]
    if span is None:
        return {}
    low, high = span
    income = rng.triangular(low, high, low + (high - low) / 4)
    incomes = {}
    for year in range(on.year - 5, on.year - 1):
        income *= rng.uniform(0.88, 1.14)
        if year >= starts_on.year:
            incomes[year] = to_cents(Decimal(f"{income:.2f}"))
    return incomes


def _random_account(category: str, rng: random.Random) -> tuple[str, int]:
    account = rng.choices(("open", "paid", "part", "overdue"), (45, 30, 8, 17))[0]
    # The yearly increase has exceptions for starters; a random starter is never behind.
    if account == "overdue" and category in ("primostarter", "student"):
        account = "open"
    return account, rng.randint(1, 5) if account == "overdue" else 0


# What they owe.


@dataclass
class _Calculator:
    """The law, asked once per distinct case."""

    law: Law
    phrases: Phrases
    _known: dict[tuple, Calculation | None] = field(default_factory=dict)

    def contribution(
        self, *, year: int, category: str, income: Decimal, quarter_of_activity: int | None = None
    ) -> Calculation | None:
        """The contribution with the fund's fee; None when the figures of that year are not known."""
        case = (year, category, income, quarter_of_activity)
        if case not in self._known:
            if len(self._known) > 10_000:
                self._known.clear()
            try:
                self._known[case] = calculate(
                    law=self.law,
                    phrases=self.phrases,
                    year=year,
                    category=category,
                    income=income,
                    quarter_of_activity=quarter_of_activity,
                    fee=FEE,
                )
            except CalculationError as error:
                if error.code != "not_known":
                    raise
                self._known[case] = None
        return self._known[case]

    def figure(self, id_: str, *, on: date) -> Decimal | None:
        """A figure of the law on a day; None when it is not known."""
        value = self.law.value_on(id_, on=on)
        return None if isinstance(value, NotKnown) else value.value

    def parts(self, *, year: int, category: str, income: Decimal) -> list[tuple[Decimal, Decimal]]:
        """The parts of a yearly income and the rate of each, in percent, as they stand on a notice."""
        day = day_of_year(year)
        first, second = {
            "pensioner": ("rate_pensioner_band1", "rate_band2"),
            "spouse_mini": ("rate_mini_spouse_band1", "rate_mini_spouse_band2"),
        }.get(category, ("rate_band1", "rate_band2"))
        if category == "student":
            low, high = (self.figure(f"student_threshold_{end}", on=day) for end in ("low", "high"))
            if low is not None and high is not None and low <= income < high:
                return [(income - low, self.figure(first, on=day))]
        middle, top = self.figure("ceiling_intermediate", on=day), self.figure("ceiling_max", on=day)
        parts = [(min(income, middle), self.figure(first, on=day))]
        if income > middle:
            parts.append((min(income, top) - middle, self.figure(second, on=day)))
        return parts


@dataclass
class _Claim:
    """The contribution of one quarter while its account is written."""

    id: int
    quarter: str
    claimed_on: date
    due_on: date
    amount: Decimal
    lines: list[dict[str, Any]]
    basis: str
    category: str
    status: str = "provisional"
    paid: Decimal = ZERO
    """What was paid and counts for this quarter."""

    @property
    def total(self) -> Decimal:
        """What the quarter costs now."""
        return sum((line["amount"] for line in self.lines), ZERO)


class _Writer:
    """Turns lives into rows, and the rows into the file, some hundreds of members at a time."""

    def __init__(self, session: Session, *, on: date, calculator: _Calculator):
        self.session, self.on, self.calculator = session, on, calculator
        self.rows: dict[type[FileBase], list[dict[str, Any]]] = {table: [] for table in _TABLES}
        self.last_id: Counter[type[FileBase]] = Counter()
        self.born_on: Counter[tuple[date, str]] = Counter()
        self.waiting = 0

    def add(self, life: Life) -> None:
        """One member with the whole account."""
        self._who(life)
        claims = self._claims(life)
        settlement = self._settle(life, claims) if life.settled else None
        self._pay(life, claims, settlement)
        for claim in claims:
            self._keep(life, claim)
        self.waiting += 1
        if self.waiting == _BATCH:
            self.flush()

    def flush(self) -> None:
        """Write what is waiting, parents first."""
        for table, rows in self.rows.items():
            if rows:
                self.session.execute(insert(table), rows)
                rows.clear()
        self.waiting = 0

    def _row(self, table: type[FileBase], **values: Any) -> int:
        self.last_id[table] += 1
        self.rows[table].append({"id": self.last_id[table], **values})
        return self.last_id[table]

    def _who(self, life: Life) -> None:
        number = self.last_id[Person] + 1
        self.born_on[life.born, life.sex] += 1
        # High serials: hardly any living person has one.
        serial = 1000 - 2 * self.born_on[life.born, life.sex] - (1 if life.sex == "m" else 0)
        person_id = self._row(
            Person,
            national_number=national_number(born=life.born, serial=serial),
            first_name=life.first_name,
            last_name=life.last_name,
            birth_date=life.born,
            language=life.language,
            street=life.street,
            postal_code=life.postal_code,
            city=life.city,
            country="BE",
            email=f"{_ascii(life.first_name)}.{_ascii(life.last_name)}@example.com",
            telephone=f"0400 {number // 10_000 % 100:02} {number // 100 % 100:02} {number % 100:02}",
            bank_account=belgian_iban(number * 613),
            deceased_on=self.on - timedelta(days=24) if life.deceased else None,
        )
        self.rows[Member].append(
            {
                "id": life.member_id,
                "person_id": person_id,
                "account_manager_id": life.manager_id,
                "direct_debit": life.direct_debit,
                "blocked_since": self.on - timedelta(days=40) if life.blocked else None,
                "data_as_of": datetime(self.on.year, self.on.month, self.on.day, 5, tzinfo=UTC),
            }
        )
        for category, starts_on, ends_on in _periods(life, on=self.on):
            self._row(Affiliation, member_id=life.member_id, category=category, starts_on=starts_on, ends_on=ends_on)
        for year, amount in life.incomes.items():
            self._row(
                Income,
                member_id=life.member_id,
                year=year,
                status="final",
                source="tax_administration",
                amount=amount,
                quarters=4,
                received_on=date(year + 2, 5, 20),
            )

    def _claims(self, life: Life) -> list[_Claim]:
        """The quarters that were claimed until today, since the year before last."""
        claims = []
        quarter = max(quarter_of(life.starts_on), f"{self.on.year - 2}Q1")
        while _claimed_on(quarter) <= self.on:
            claim = self._claim(life, quarter)
            if claim:
                claims.append(claim)
            quarter = shift(quarter, 1)
        return claims

    def _claim(self, life: Life, quarter: str) -> _Claim | None:
        """One quarter's provisional contribution; None when there is none to pay or the law has no figures."""
        year = int(quarter[:4])
        day = first_day(quarter)
        category = _category_on(life, day, on=self.on)
        rules, income = category, ZERO
        if year < life.starts_on.year + 3:
            basis = "starter"
            if category in ("secondary", "article_37", "student", "pensioner"):
                rules = "pensioner" if category == "pensioner" else "secondary"
                threshold = "threshold_active_pensioner" if category == "pensioner" else "threshold_secondary"
                income = self.calculator.figure(threshold, on=day_of_year(year))
        else:
            basis = "income_n3"
            coefficient = self.calculator.figure("revaluation_coefficient_n3", on=day_of_year(year))
            wrong = life.wrong and quarter == quarter_of(self.on)
            income = None
            if coefficient is not None:
                income = to_cents(life.incomes[year - 3] * (1 if wrong else coefficient))
        if income is None:
            return None
        nth = _distance(quarter_of(life.starts_on), quarter) + 1 if category == "primostarter" else None
        calculation = self.calculator.contribution(year=year, category=rules, income=income, quarter_of_activity=nth)
        if calculation is None or not calculation.quarterly:
            return None
        whole = calculation.quarterly
        if nth == 1:
            whole = self.calculator.contribution(year=year, category=rules, income=income).quarterly
        return _Claim(
            id=self._next_contribution(),
            quarter=quarter,
            claimed_on=_claimed_on(quarter),
            due_on=last_day(quarter),
            amount=calculation.quarterly_with_fee,
            lines=self._lines(calculation, category=rules, income=income, whole=whole),
            basis=basis,
            category=category,
        )

    def _next_contribution(self) -> int:
        self.last_id[Contribution] += 1
        return self.last_id[Contribution]

    def _lines(
        self, calculation: Calculation, *, category: str, income: Decimal, whole: Decimal
    ) -> list[dict[str, Any]]:
        """The lines of a calculated quarter as a notice shows them; they add up to it to the cent.

        `whole` is the quarter without fee and before a starter's reduction.
        """
        lines: list[dict[str, Any]] = []
        if income:
            lines.append({"kind": "basis", "basis": income, "rate": None, "amount": ZERO})
        parts = self.calculator.parts(year=calculation.year, category=category, income=income)
        shares = [to_cents(part * rate / 400) for part, rate in parts]
        if abs(sum(shares) - whole) <= Decimal("0.01"):
            shares[-1] += whole - sum(shares)  # the parts were rounded one by one, the quarter only once
            lines += [
                {"kind": "rate_part", "basis": part, "rate": rate, "amount": share}
                for (part, rate), share in zip(parts, shares, strict=True)
            ]
        else:
            lines.append({"kind": "minimum", "basis": None, "rate": None, "amount": whole})
        if calculation.quarterly < whole:
            lines.append({"kind": "reduction", "basis": None, "rate": None, "amount": calculation.quarterly - whole})
        lines.append({"kind": "fee", "basis": calculation.quarterly, "rate": FEE, "amount": calculation.management_fee})
        return lines

    def _settle(self, life: Life, claims: list[_Claim]) -> int | None:
        """Settle the year before last on its final income; gives the id of the regularisation, None without one."""
        year, sent_on = self.on.year - 2, date(self.on.year, 6, 15)
        of_year = [claim for claim in claims if claim.quarter.startswith(str(year))]
        if sent_on > self.on or len(of_year) < 4 or year not in life.incomes:
            return None
        category = of_year[0].category
        final = self.calculator.contribution(year=year, category=category, income=life.incomes[year])
        if final is None:
            return None
        difference = final.quarterly_with_fee - of_year[0].amount
        regularisation_id = self._row(
            Regularisation,
            member_id=life.member_id,
            year=year,
            sent_on=sent_on,
            due_on=date(self.on.year, 9, 30) if difference > 0 else None,
        )
        for claim in of_year:
            claim.status, claim.basis = "final", "own_year"
            if difference:
                kind = "supplement" if difference > 0 else "credit"
                claim.lines.append(
                    {
                        "kind": kind,
                        "basis": None,
                        "rate": None,
                        "amount": difference,
                        "regularisation_id": regularisation_id,
                    }
                )
        return regularisation_id

    def _pay(self, life: Life, claims: list[_Claim], settlement: int | None) -> None:
        """What came in, and to which quarters it went."""
        now = quarter_of(self.on)
        earlier = [claim for claim in claims if claim.quarter != now]
        unpaid = {claim.quarter for claim in earlier[len(earlier) - life.unpaid :]} if life.unpaid else set()
        freed: list[tuple[int, Decimal]] = []  # payments with money left after a settlement
        for claim in claims:
            asked = claim.amount
            if claim.quarter in unpaid or (claim.quarter == now and life.account in ("open", "overdue")):
                continue
            if claim.quarter == now and life.account == "part":
                asked = (claim.amount / 2).quantize(Decimal(10)) or claim.amount
            payment_id = self._payment(life, amount=asked, claim=claim)
            kept = min(asked, claim.total)
            if kept:
                self._allocate(payment_id, claim, kept)
            if asked > kept:
                freed.append((payment_id, asked - kept))
        for claim in claims:
            open_ = claim.total - claim.paid
            if claim.quarter == now and open_ > 0:
                for payment_id, left in self._set_off(freed, open_):
                    self._allocate(payment_id, claim, left)
        if settlement:
            self._pay_supplement(life, [claim for claim in claims if claim.status == "final"])
        for claim in claims:
            if claim.quarter in unpaid:
                self._increase(claim)

    def _set_off(self, freed: list[tuple[int, Decimal]], open_: Decimal) -> Iterator[tuple[int, Decimal]]:
        for payment_id, left in freed:
            used = min(left, open_)
            if used > 0:
                open_ -= used
                yield payment_id, used

    def _pay_supplement(self, life: Life, settled: list[_Claim]) -> None:
        """One payment for the supplement of the whole year, in time."""
        received_on = min(date(self.on.year, 9, 18), self.on)
        open_ = sum((claim.total - claim.paid for claim in settled), ZERO)
        if open_ <= 0:
            return
        payment_id = self._row(
            Payment,
            member_id=life.member_id,
            received_on=received_on,
            amount=open_,
            method="transfer",
            structured_communication=None,
        )
        for claim in settled:
            self._allocate(payment_id, claim, claim.total - claim.paid)

    def _payment(self, life: Life, *, amount: Decimal, claim: _Claim) -> int:
        before_due = timedelta(days=2 if life.direct_debit else 4 + (claim.id * 5) % 17)
        known_on = self.on - timedelta(days=1 + claim.id % 9)  # what came in today is not in the file yet
        received_on = max(claim.claimed_on, min(claim.due_on - before_due, known_on))
        return self._row(
            Payment,
            member_id=life.member_id,
            received_on=received_on,
            amount=amount,
            method="direct_debit" if life.direct_debit else "transfer",
            structured_communication=structured_communication(claim.id),
        )

    def _allocate(self, payment_id: int, claim: _Claim, amount: Decimal) -> None:
        claim.paid += amount
        self._row(Allocation, payment_id=payment_id, contribution_id=claim.id, amount=amount)

    def _increase(self, claim: _Claim) -> None:
        """The increases of a quarter that was never paid: one per end of quarter, and once one on 1 January."""
        day = claim.due_on
        while day < self.on:
            self._increase_on(claim, day, "quarter")
            if (day.month, day.year) == (12, claim.claimed_on.year) and day + timedelta(days=1) <= self.on:
                self._increase_on(claim, day + timedelta(days=1), "year")
            day = last_day(shift(quarter_of(day), 1))

    def _increase_on(self, claim: _Claim, day: date, kind: str) -> None:
        rate = self.calculator.figure(f"late_increase_{kind}", on=day)
        if rate is not None:
            amount = to_cents(claim.amount * rate / 100)
            claim.lines.append(
                {"kind": "increase", "basis": claim.amount, "rate": rate, "amount": amount, "increase": (kind, day)}
            )

    def _keep(self, life: Life, claim: _Claim) -> None:
        """The rows of one quarter: contribution, lines, increases, notice."""
        self.rows[Contribution].append(
            {
                "id": claim.id,
                "member_id": life.member_id,
                "quarter": claim.quarter,
                "category": claim.category,
                "status": claim.status,
                "basis": claim.basis,
                "claimed_on": claim.claimed_on,
                "due_on": claim.due_on,
            }
        )
        for position, line in enumerate(claim.lines, start=1):
            increase = line.pop("increase", None)
            line_id = self._row(
                ContributionLine,
                contribution_id=claim.id,
                position=position,
                **{"regularisation_id": None, **line},
            )
            if increase:
                self.rows[Increase].append({"line_id": line_id, "kind": increase[0], "applied_on": increase[1]})
        self._row(
            Notice,
            member_id=life.member_id,
            quarter=claim.quarter,
            issued_on=claim.claimed_on,
            due_on=claim.due_on,
            amount=claim.amount,
            structured_communication=structured_communication(claim.id),
            pay_to=belgian_iban(1_234_567),
        )


def _periods(life: Life, *, on: date) -> list[tuple[str, date, date | None]]:
    """The periods of a member: a primostarter goes over to main occupation after four quarters."""
    if life.category != "primostarter":
        return [(life.category, life.starts_on, None)]
    goes_over = first_day(shift(quarter_of(life.starts_on), 4))
    if goes_over > on:
        return [("primostarter", life.starts_on, None)]
    return [("primostarter", life.starts_on, goes_over - timedelta(days=1)), ("main", goes_over, None)]


def _category_on(life: Life, day: date, *, on: date) -> str:
    """The category of a member on a day since the start."""
    return next(
        category for category, starts, ends in _periods(life, on=on) if starts <= day and (not ends or day <= ends)
    )


# Quarters.


def _distance(earlier: str, later: str) -> int:
    return number_of(later) - number_of(earlier)


def _claimed_on(quarter: str) -> date:
    """Notices go out in the first month of the quarter."""
    return first_day(quarter) + timedelta(days=7)


def _ascii(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return "".join(letter for letter in plain.lower() if letter.isalpha())
