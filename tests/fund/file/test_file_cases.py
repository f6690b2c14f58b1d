"""Files written by hand: what the demo does not show, and what must never be said."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from fund.database import Database
from fund.file.models import (
    AccountManager,
    Affiliation,
    Allocation,
    Contribution,
    ContributionLine,
    Income,
    Increase,
    Member,
    Notice,
    Payment,
    Person,
    Regularisation,
)
from fund.file.seed import national_number, structured_communication
from fund.file.service import FileDisagrees

MEMBER = "M000001"
# Main occupation in 2025 on the indexed income of 2022: 30.000 × 1,09233053 = 32.769,92; 20,5 % by quarter; 3,95 %.
LINES = (
    ("basis", "32769.92", None, "0.00"),
    ("rate_part", "32769.92", "20.5", "1679.46"),
    ("fee", "1679.46", "3.95", "66.34"),
)
QUARTER = Decimal("1745.80")


def plain(said: str) -> str:
    return said.replace("\u00a0", " ").replace("\u202f", " ")


class File:
    """Rows of one member, added one by one."""

    def __init__(self, database: Database):
        self.database = database
        self.last = 0
        self.add(
            Person(
                id=1, national_number=national_number(born=date(1980, 1, 1), serial=901), first_name="Jan",
                last_name="Proef", birth_date=date(1980, 1, 1), language="nl", street="Kerkstraat 1",
                postal_code="9000", city="Gent",
            )
        )  # fmt: skip
        self.add(Member(id=MEMBER, person_id=1, data_as_of=datetime(2026, 3, 2, 23, 30, tzinfo=UTC)))
        self.add(Affiliation(id=1, member_id=MEMBER, category="main", starts_on=date(2010, 1, 1)))

    def add(self, row) -> None:
        with self.database.write() as session:
            session.add(row)

    def next(self) -> int:
        self.last += 1
        return self.last

    def income(self, *, year: int, amount: str, status: str = "final", quarters: int = 4) -> None:
        source = "member" if status == "provisional" else "tax_administration"
        self.add(
            Income(
                id=self.next(), member_id=MEMBER, year=year, status=status, source=source, amount=Decimal(amount),
                quarters=quarters, received_on=date(2025, 1, 1),
            )
        )  # fmt: skip

    def contribution(self, *, quarter: str = "2025Q4", lines=LINES, notice: str | None = "1745.80", **values) -> int:
        """A contribution and its notice; a line is kind, basis, rate, amount, and an increase's kind and day."""
        year, number = int(quarter[:4]), int(quarter[5])
        claimed_on = date(year, number * 3 - 2, 8)
        due_on = date(year, number * 3, 31 if number in (1, 4) else 30)
        id_ = self.next()
        told = {"category": "main", "status": "provisional", "basis": "income_n3", **values}
        self.add(Contribution(id=id_, member_id=MEMBER, quarter=quarter, claimed_on=claimed_on, due_on=due_on, **told))
        for position, (kind, basis, rate, amount, *more) in enumerate(lines, start=1):
            line_id = self.next()
            regularisation_id = more[0] if kind in ("supplement", "credit") else None
            self.add(
                ContributionLine(
                    id=line_id, contribution_id=id_, position=position, kind=kind, basis=basis and Decimal(basis),
                    rate=rate and Decimal(rate), amount=Decimal(amount), regularisation_id=regularisation_id,
                )
            )  # fmt: skip
            if kind == "increase" and more:
                self.add(Increase(line_id=line_id, kind=more[0], applied_on=more[1]))
        if notice:
            self.add(
                Notice(
                    id=self.next(), member_id=MEMBER, quarter=quarter, issued_on=claimed_on, due_on=due_on,
                    amount=Decimal(notice), structured_communication=structured_communication(id_),
                    pay_to="BE68539007547034",
                )
            )  # fmt: skip
        return id_

    def payment(self, *, amount: str, to: dict[int, str] | None = None) -> None:
        id_ = self.next()
        self.add(
            Payment(id=id_, member_id=MEMBER, received_on=date(2026, 2, 10), amount=Decimal(amount), method="transfer")
        )
        for contribution_id, part in (to or {}).items():
            self.add(Allocation(id=self.next(), payment_id=id_, contribution_id=contribution_id, amount=Decimal(part)))


@pytest.fixture
def file(empty: Database) -> File:
    return File(empty)


@pytest.fixture
def said(empty: Database, ask_in) -> Callable[..., str]:
    """What the member hears on 3 March 2026."""

    def ask(kind: str, **options) -> str:
        return plain(ask_in(empty)(MEMBER, kind, on=date(2026, 3, 3), **options).text)

    return ask


def test_a_file_without_any_contribution(file, said):
    assert said("balance").startswith("Je moet niets betalen. In je dossier staat nog geen enkele bijdrage.")
    assert said("due_notice").startswith("In je dossier staat nog geen vervaldagbericht voor het eerste kwartaal 2026.")
    assert said("contribution_calculation").startswith(
        "In je dossier staat geen bijdrage voor het eerste kwartaal 2026"
    )


def test_the_day_of_the_data_is_the_belgian_one(file, said):
    assert said("balance").endswith("Stand van je dossier op 3 maart 2026.")  # 23.30 in UTC is the next day there


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("nl", ["verhoging op 31 december 2025: 3 %", "verhoging op 1 januari 2026: 7 % van 1.745,80 euro is 122,21"]),
        ("fr", ["majoration au 31 décembre 2025 : 3 %", "majoration au 1er janvier 2026 : 7 % de 1 745,80 euros font"]),
    ],
)
def test_both_kinds_of_increases_are_told_apart(file, said, language, expected):
    file.income(year=2022, amount="30000")
    late = [
        ("increase", "1745.80", "3", "52.37", "quarter", date(2025, 12, 31)),
        ("increase", "1745.80", "7", "122.21", "year", date(2026, 1, 1)),
    ]
    file.contribution(lines=[*LINES, *late])
    for words in expected:
        assert words in said("due_notice", language=language, quarter="2025Q4")
    balance = said("balance", language=language)
    assert ("1.920,38 euro" if language == "nl" else "1 920,38 euros") in balance
    assert ("174,58 euro verhoging" if language == "nl" else "174,58 euros de majoration") in balance


@pytest.mark.parametrize(
    "late",
    [
        ("increase", "1745.80", "3", "60.00", "quarter", date(2025, 12, 31)),
        ("increase", "1745.80", "4", "69.83", "quarter", date(2025, 12, 31)),
        ("increase", "1745.80", "3", "52.37", "year", date(2026, 1, 1)),
        ("increase", "1745.80", "3", "52.37"),
    ],
    ids=["amount", "rate", "rate_of_the_other_kind", "without_reason"],
)
def test_an_increase_that_is_not_the_one_of_the_law_is_not_said(file, said, late):
    file.income(year=2022, amount="30000")
    file.contribution(lines=[*LINES, late])
    with pytest.raises(FileDisagrees):
        said("balance")
    with pytest.raises(FileDisagrees):
        said("due_notice", quarter="2025Q4")


def test_a_part_paid_overdue_quarter(file, said):
    file.income(year=2022, amount="30000")
    id_ = file.contribution()
    file.payment(amount="1000", to={id_: "1000"})
    text = said("balance")
    assert text.startswith(
        "Je moet nog 745,80 euro betalen voor het vierde kwartaal 2025. De uiterste betaaldag was 31 december 2025. "
        "Van 1.745,80 euro is 1.000 euro al betaald."
    )


def test_money_that_was_not_used_is_a_credit_and_is_said(file, said):
    file.income(year=2022, amount="30000")
    id_ = file.contribution()
    file.payment(amount="1800", to={id_: "1745.80"})
    text = said("balance")
    assert "Je hebt een tegoed van 54,20 euro" in text
    assert "- vierde kwartaal 2025: 1.745,80 euro\n- nog niet gebruikt: 54,20 euro" in text
    assert "nog voor geen kwartaal gebruikt" not in text


def test_a_payment_that_went_nowhere_yet(file, said):
    file.income(year=2022, amount="30000")
    file.contribution()
    file.payment(amount="500")
    text = said("balance")
    assert "1.745,80 euro" in text
    assert "Dat geld is nog voor geen kwartaal gebruikt." in text
    assert "tegoed van 500 euro" in text


def test_a_payment_used_for_more_than_came_in_is_not_added_up(file, said):
    file.income(year=2022, amount="30000")
    id_ = file.contribution()
    file.payment(amount="100", to={id_: "1745.80"})
    with pytest.raises(FileDisagrees):
        said("balance")


def test_a_quarter_paid_for_more_than_it_costs_is_not_added_up(file, said):
    file.income(year=2022, amount="30000")
    id_ = file.contribution()
    file.payment(amount="2000", to={id_: "2000"})
    with pytest.raises(FileDisagrees):
        said("balance")


def test_a_notice_that_asks_another_amount_than_its_lines_is_not_explained(file, said):
    file.income(year=2022, amount="30000")
    file.contribution(notice="1745.81")
    with pytest.raises(FileDisagrees):
        said("due_notice", quarter="2025Q4")


def test_an_amount_one_cent_off_the_law_is_not_said(file, said):
    file.income(year=2022, amount="30000")
    file.contribution(lines=[*LINES[:2], ("fee", "1679.46", "3.95", "66.35")], notice="1745.81")
    for kind in ("balance", "due_notice", "contribution_calculation"):
        with pytest.raises(FileDisagrees):
            said(kind, quarter="2025Q4")


def test_a_right_amount_on_a_wrong_income_is_not_explained(file, said):
    file.income(year=2022, amount="30000")
    file.contribution(lines=[("basis", "32769.93", None, "0.00"), *LINES[1:]])
    with pytest.raises(FileDisagrees):
        said("due_notice", quarter="2025Q4")


def test_the_last_day_to_pay_is_not_late_yet_and_the_day_after_is(file, empty, ask_in):
    file.income(year=2022, amount="30000")
    file.contribution()
    on_time = ask_in(empty)(MEMBER, "balance", on=date(2025, 12, 31)).text
    late = ask_in(empty)(MEMBER, "balance", on=date(2026, 1, 1)).text
    assert "Het geld moet ten laatste op 31 december 2025" in on_time
    assert "De uiterste betaaldag was 31 december 2025." in late


@pytest.mark.parametrize("basis", ["income_n3", "estimate", "own_year"])
def test_a_contribution_on_an_income_that_the_file_lacks_is_not_said(file, said, basis):
    file.contribution(basis=basis)
    with pytest.raises(FileDisagrees):
        said("contribution_calculation", quarter="2025Q4")


def test_a_contribution_without_a_notice_is_said(file, said):
    file.income(year=2023, amount="25000")
    # 25.000 × 1,07236269 = 26.809,07; 20,5 % by quarter 1.373,96; with 3,95 % 1.428,23
    lines = (
        ("basis", "26809.07", None, "0.00"),
        ("rate_part", "26809.07", "20.5", "1373.96"),
        ("fee", "1373.96", "3.95", "54.27"),
    )
    file.contribution(quarter="2026Q1", lines=lines, notice=None)
    text = said("due_notice")
    assert (
        "nog geen vervaldagbericht voor het eerste kwartaal 2026. Er staat wel al een bijdrage van 1.428,23 euro"
        in text
    )
    assert "31 maart 2026" in text


@pytest.mark.parametrize(
    ("language", "expected"),
    [("nl", "het inkomen dat voor 2025 geraamd is: 24.000 euro"), ("fr", "estimé pour 2025 : 24 000 euros")],
)
def test_a_contribution_on_an_estimate(file, said, language, expected):
    file.income(year=2025, amount="24000", status="provisional")
    # 20,5 % of 24.000 by quarter 1.230,00; with 3,95 % 1.278,59 (48,585 rounded up)
    lines = (
        ("basis", "24000", None, "0.00"),
        ("rate_part", "24000", "20.5", "1230.00"),
        ("fee", "1230.00", "3.95", "48.59"),
    )
    file.contribution(lines=lines, notice="1278.59", basis="estimate")
    assert expected in said("contribution_calculation", language=language, quarter="2025Q4")
    assert "geraamd" in said("due_notice", quarter="2025Q4")


def test_an_income_of_a_part_of_the_year_is_brought_to_a_whole_one(file, said):
    file.income(year=2022, amount="15000", quarters=2)  # 30.000 for the year
    file.contribution()
    text = said("contribution_calculation", quarter="2025Q4")
    assert "Dat inkomen is verdiend in 2 van de vier kwartalen." in text
    assert "het klopt met je dossier" in text


def test_the_income_of_the_helped_person_is_not_called_the_members(file, said):
    file.income(year=2022, amount="30000")
    # 0,79 % of 32.769,92 by quarter 64,72; with 3,95 % 67,28
    lines = (
        ("basis", "32769.92", None, "0.00"),
        ("rate_part", "32769.92", "0.79", "64.72"),
        ("fee", "64.72", "3.95", "2.56"),
    )
    file.contribution(lines=lines, notice="67.28", category="spouse_mini")
    assert "van de zelfstandige die je helpt" in said("due_notice", quarter="2025Q4")
    assert "van de zelfstandige die je helpt" in said("contribution_calculation", quarter="2025Q4")


@pytest.mark.parametrize(
    ("language", "expected"),
    [("nl", "Daarom kan ik dit bedrag niet narekenen."), ("fr", "Je ne peux donc pas refaire ce calcul.")],
)
def test_a_year_without_figures_of_the_law_is_shown_but_not_called_right(file, said, language, expected):
    file.income(year=2023, amount="8000")
    lines = (
        ("basis", "8578.90", None, "0.00"),
        ("rate_part", "8578.90", "20.5", "439.67"),
        ("fee", "439.67", "3.95", "17.37"),
    )
    file.contribution(quarter="2026Q1", lines=lines, notice="457.04", category="secondary")
    text = said("contribution_calculation", language=language)
    assert expected in text
    assert "439,67" in text
    assert ("nagerekend" if language == "nl" else "refait ce calcul") not in text
    assert "457,04" in said("due_notice", language=language)


def test_a_supplement_is_due_later_than_its_quarter(file, said):
    file.income(year=2024, amount="32000")
    file.add(Regularisation(id=1, member_id=MEMBER, year=2024, sent_on=date(2026, 1, 20), due_on=date(2026, 6, 30)))
    # before: 20,5 % of 30.000 by quarter 1.537,50, with 3,95 % 1.598,23; on 32.000: 1.640,00 and 1.704,78
    lines = (
        ("basis", "30000", None, "0.00"),
        ("rate_part", "30000", "20.5", "1537.50"),
        ("fee", "1537.50", "3.95", "60.73"),
        ("supplement", None, None, "106.55", 1),
    )
    ids = [
        file.contribution(quarter=f"2024Q{number}", lines=lines, notice="1598.23", status="final", basis="own_year")
        for number in (1, 2)
    ]
    file.payment(amount="3196.46", to=dict.fromkeys(ids, "1598.23"))
    text = said("balance")
    assert "Je moet in totaal nog 213,10 euro betalen." in text
    assert (
        "- eerste kwartaal 2024: 106,55 euro, te betalen ten laatste op 30 juni 2026 (bijdragesupplement na de "
        "regularisatie van 2024)"
    ) in text
    assert "uiterste betaaldag was" not in text
    assert "uiterste betaaldag daarvoor is 30 juni 2026" in said("due_notice", quarter="2024Q1")


@pytest.mark.parametrize(
    ("manager", "expected"),
    [
        ({"telephone": None, "email": None, "languages": ["nl"]}, "staat geen telefoonnummer of e-mailadres"),
        ({"telephone": "02 000 00 01", "email": None, "languages": []}, "- telefoon: 02 000 00 01"),
        ({"telephone": None, "email": "a@example.com", "languages": ["de"]}, "- e-mail: a@example.com"),
    ],
)
def test_an_account_manager_of_whom_little_is_known(file, said, manager, expected):
    with file.database.write() as session:
        session.add(AccountManager(id=1, officer_id="o", name="Ann Proef", **manager))
        session.flush()
        session.get_one(Member, MEMBER).account_manager_id = 1
    text = said("account_manager")
    assert text.startswith("Je vaste contactpersoon bij het fonds is Ann Proef")
    assert expected in text
