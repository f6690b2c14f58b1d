"""Sums that a member asks for with figures of their own: a contribution on an income, late payment, a company's share.

Nothing of the member's file is used: what was typed is the only basis, and the reply says so.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from actions.tools import Content
from fund.formats import format_money, format_quarter
from fund.law.companies import calculate_company
from fund.law.contributions import calculate
from fund.law.late_payment import calculate_increases
from fund.law.parameters import Reference, Value
from fund.law.sheet import CalculationError, Step
from fund.phrases import Say
from fund.profiles import Profile
from fund.quarters import is_quarter, quarter_of

CATEGORY_OF_TOPIC = {
    "contributions.calculation": "main",
    "contributions.starter": "main",
    "contributions.adjust_provisional": "main",
    "contributions.active_pensioner": "pensioner",
    "start.contributor_categories": "main",
    "start.secondary_occupation": "secondary",
    "start.student": "student",
    "start.assisting_spouse": "spouse_maxi",
}
"""The category that a sum is made for when the message names none."""

TOPICS = frozenset({*CATEGORY_OF_TOPIC, "contributions.late_payment", "companies.annual_contribution"})
"""The topics on which a figure of the member's own is worked out."""

MOST_YEARS_BACK = 2
"""How far back the figures may come from, when those of the year asked are not known."""


@dataclass(frozen=True)
class Sum:
    """A sum as a member reads it: the result first, then line by line; with its sources and what it was made from."""

    text: str
    sources: tuple[dict[str, str], ...]
    trace: dict[str, Any]


@dataclass(frozen=True)
class _Ask:
    """What a sum is made from: the words and figures of the fund, and what the member typed."""

    content: Content
    profile: Profile
    language: str
    topic: str
    entities: Iterable[Mapping[str, Any]]
    on: date

    @property
    def address(self) -> str:
        return self.profile.address_in("nl")

    @property
    def voice(self) -> Say:
        return self.content.voice(fund=self.profile.id, language=self.language)

    def say(self, key: str, **values: object) -> str:
        return self.voice(f"sums.{key}", **values)

    def money(self, amount: Decimal) -> str:
        return format_money(amount, self.language)

    def first(self, entity: str, *, role: str | None = None) -> Mapping[str, Any] | None:
        """The first entity of a kind, in one role when it matters; a year in which something began is no year asked."""
        for one in self.entities:
            if one["entity"] == entity and one.get("role") != "since" and role in (None, one.get("role")):
                return one
        return None

    @property
    def year(self) -> int:
        """The contribution year that the message names, else this one."""
        named = self.first("year") or self.first("quarter")
        text = str(named["value"])[:4] if named else ""
        return int(text) if text.isdigit() else self.on.year


def work_out(
    *,
    content: Content,
    profile: Profile,
    language: str,
    topic: str,
    entities: Iterable[Mapping[str, Any]],
    on: date,
) -> Sum | None:
    """The sum that the figures in a message ask for on its topic; None when there is nothing to work out."""
    ask = _Ask(content, profile, language, topic, tuple(entities), on)
    if topic in CATEGORY_OF_TOPIC:
        return _contribution(ask)
    if topic == "contributions.late_payment":
        return _late_payment(ask)
    return _company(ask) if topic == "companies.annual_contribution" else None


def _contribution(ask: _Ask) -> Sum | None:
    typed = ask.first("amount", role="income")
    if typed is None:
        return None
    income = Decimal(typed["value"])
    named = ask.first("category")
    category = named["value"] if named else CATEGORY_OF_TOPIC[ask.topic]
    before: list[str] = []
    if typed.get("per") == "month":
        income *= 12
        before.append(ask.say("per_month", month=ask.money(Decimal(typed["value"])), year=ask.money(income)))

    def calculate_for(year: int):
        fee = ask.profile.fee_value_on(date(year, 12, 31))
        known = fee if isinstance(fee, Value) else None
        found = calculate(
            law=ask.content.law, phrases=ask.content.phrases, year=year, category=category, income=income, fee=known,
            address=ask.address,
        )  # fmt: skip
        return found, known

    found = _newest_known(ask, calculate_for)
    if found is None:
        return None
    (result, fee), refusal = found
    if refusal:
        before.append(refusal)
    before.append(
        ask.say(
            "contribution_with_fee" if fee else "contribution",
            income=ask.money(income),
            category=ask.voice(f"calculation.category_{category}"),
            year=result.year,
            fund=ask.profile.name,
            quarterly=ask.money(result.quarterly_with_fee),
            annual=ask.money(result.annual),
        )
    )
    notes = [ask.say("contribution_note")]
    if fee is None and result.quarterly:
        notes.insert(0, ask.say("fee_not_known", year=result.year))
    return _written(ask, before, result.steps, notes, result.sources, kind="contribution", year=result.year)


def _late_payment(ask: _Ask) -> Sum | None:
    typed, named = ask.first("amount"), ask.first("quarter")
    if typed is None or named is None:
        return None
    quarter = named["value"] if is_quarter(named["value"]) else f"{ask.on.year}{named['value']}"
    if not is_quarter(quarter) or quarter > quarter_of(ask.on):
        return None
    amount = Decimal(typed["value"])
    try:
        result = calculate_increases(
            law=ask.content.law, phrases=ask.content.phrases, quarter=quarter, amount=amount, on=ask.on,
            address=ask.address,
        )  # fmt: skip
    except CalculationError:
        return None
    values = {"amount": ask.money(amount), "quarter": format_quarter(quarter, ask.language)}
    first = (
        ask.say("late", **values, increases=ask.money(result.increases))
        if result.steps
        else ask.say("not_late", **values)
    )
    return _written(ask, [first], result.steps, [ask.say("late_note")], result.sources, kind="late", year=ask.on.year)


def _company(ask: _Ask) -> Sum | None:
    typed = ask.first("amount", role="balance")
    if typed is None:
        return None

    def calculate_for(year: int):
        return calculate_company(
            law=ask.content.law, phrases=ask.content.phrases, year=year, balance_total=Decimal(typed["value"]),
            address=ask.address,
        )  # fmt: skip

    found = _newest_known(ask, calculate_for)
    if found is None:
        return None
    result, refusal = found
    first = ask.say(
        "company", year=result.year, amount=ask.money(result.amount), balance=ask.money(Decimal(typed["value"]))
    )
    before = [refusal, first] if refusal else [first]
    return _written(
        ask, before, result.steps, [ask.say("company_note")], result.sources, kind="company", year=result.year
    )


def _newest_known(ask: _Ask, calculate_for: Callable[[int], Any]) -> tuple[Any, str | None] | None:
    """The result for the year asked, or for the newest one before it whose figures are known, and then why."""
    refusal = None
    for year in range(ask.year, ask.year - MOST_YEARS_BACK - 1, -1):
        try:
            return calculate_for(year), refusal and ask.say("other_year", reason=refusal, year=year)
        except CalculationError as error:
            if error.code != "not_known":
                return None
            if refusal is None:
                refusal = error.text(ask.voice, language=ask.language)
    return None


def _written(
    ask: _Ask,
    before: list[str],
    steps: Iterable[Step],
    notes: list[str],
    sources: Iterable[Reference],
    *,
    kind: str,
    year: int,
) -> Sum:
    lines = [f"- {step.text(ask.language)} = {ask.money(step.amount)}" for step in steps]
    paragraphs = [*before, *(["\n".join([ask.say("steps"), *lines])] if lines else []), *notes]
    return Sum(
        text="\n\n".join(paragraphs),
        sources=tuple({"title": one.title, "url": one.url, "date": one.date.isoformat()} for one in sources),
        trace={"calculation": kind, "year": year},
    )
