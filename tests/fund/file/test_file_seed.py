"""The invented members: valid numbers, accounts that hang together, contributions of the law, the same people again."""

import time
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select
from stdnum import iban
from stdnum.be import nn, ogm_vcs

from fund.database import Database
from fund.file.account import account_of
from fund.file.models import (
    CATEGORIES,
    Affiliation,
    Contribution,
    ContributionLine,
    FileBase,
    Increase,
    Member,
    Notice,
    Payment,
    Person,
)
from fund.file.recalculation import recalculate
from fund.file.seed import (
    STORIES,
    FileNotEmptyError,
    belgian_iban,
    get_story,
    national_number,
    seed_members,
    structured_communication,
)
from fund.file.service import get_member, list_contributions, list_incomes, list_payments
from fund.quarters import quarter_of

DAYS = [date(2026, 11, 20), date(2026, 1, 3), date(2025, 5, 10), date(2025, 12, 31), date(2024, 2, 29)]


def contents(database: Database) -> dict[str, list[tuple]]:
    with database.read() as session:
        return {
            name: sorted(tuple(row) for row in session.execute(select(table)))
            for name, table in FileBase.metadata.tables.items()
            if name != "account_manager"
        }


def test_the_stories_are_the_dozen_that_a_demo_needs():
    assert STORIES[0].name == "dutch_open"
    assert STORIES[0].language == "nl"
    assert STORIES[1].language == "fr"
    assert {
        "overdue", "credit", "blocked", "deceased", "starter", "secondary", "student", "pensioner", "spouse",
        "disagrees",
    } <= {story.name for story in STORIES}  # fmt: skip
    assert len({story.id for story in STORIES}) == len(STORIES)
    assert all(story.shows for story in STORIES)
    assert get_story("overdue").id == "M000103"


def test_every_number_has_its_check_digits(demo: Database):
    with demo.read() as session:
        people = session.scalars(select(Person)).all()
        notices = session.scalars(select(Notice)).all()
    assert len(people) == 54
    for person in people:
        assert nn.is_valid(person.national_number)
        assert nn.get_birth_date(person.national_number) == person.birth_date
        assert iban.is_valid(person.bank_account)
    for notice in notices:
        assert ogm_vcs.is_valid(notice.structured_communication)
        assert iban.is_valid(notice.pay_to)


def test_numbers_at_the_edges_of_their_check_digits():
    for born in (date(1999, 12, 31), date(2000, 1, 1), date(1950, 6, 15)):
        for serial in range(901, 998):
            assert nn.is_valid(national_number(born=born, serial=serial))
    communications = {structured_communication(number) for number in range(5000)}
    assert len(communications) == 5000
    assert all(map(ogm_vcs.is_valid, communications))
    assert any(one.endswith("97") for one in communications)
    assert all(iban.is_valid(belgian_iban(number)) for number in range(0, 9_999_999, 10_007))


@pytest.mark.parametrize("on", DAYS, ids=str)
def test_accounts_hang_together_and_contributions_are_those_of_the_law(tmp_path: Path, migrate, law, phrases, on):
    database = migrate(tmp_path / "file.db")
    with database.write() as session:
        member_ids = seed_members(session, count=40, seed=7, on=on)
    calculated = 0
    with database.read() as session:
        for member_id in member_ids:
            member = get_member(session, member_id=member_id)
            contributions = list_contributions(session, member_id=member_id)
            payments = list_payments(session, member_id=member_id)
            account = account_of(contributions, payments)  # raises when the sums do not fit
            received = sum((payment.amount for payment in payments), Decimal(0))
            charged = sum((state.charged for state in account.quarters), Decimal(0))
            assert account.open - account.credit == charged - received
            assert all(payment.received_on <= on for payment in payments)
            assert all(contribution.claimed_on <= on for contribution in contributions)
            lines = [line for contribution in contributions for line in contribution.lines]
            assert all(line.increase.applied_on < on for line in lines if line.kind == "increase")
            incomes = list_incomes(session, member_id=member_id)
            for contribution in contributions:
                if member_id == get_story("disagrees").id and contribution.quarter == quarter_of(on):
                    continue
                # Only years are claimed of which the law holds the figures, so each can be calculated again.
                assert recalculate(
                    contribution, incomes=incomes, affiliations=member.affiliations, law=law, phrases=phrases,
                    address="je",
                )  # fmt: skip
                calculated += 1
                on_notice = sum(
                    line.amount for line in contribution.lines if line.kind not in ("increase", "supplement", "credit")
                )
                assert contribution.notice.amount == on_notice
                # To the cent: the rates on their parts of the income, by quarter, within the one rounding.
                for line in contribution.lines:
                    if line.kind == "rate_part":
                        assert abs(line.amount - line.basis * line.rate / 400) <= Decimal("0.015")
    assert calculated > 100
    database.engine.dispose()


def test_every_category_and_every_kind_of_account_occurs(demo: Database, today):
    with demo.read() as session:
        assert set(session.scalars(select(Affiliation.category))) == set(CATEGORIES)
        kinds = Counter(session.scalars(select(ContributionLine.kind)))
        assert set(kinds) == {
            "basis", "rate_part", "minimum", "reduction", "fee", "increase", "supplement", "credit",
        }  # fmt: skip
        assert set(session.scalars(select(Increase.kind))) == {"quarter", "year"}
        assert set(session.scalars(select(Payment.method))) == {"transfer", "direct_debit"}
        accounts = [
            account_of(list_contributions(session, member_id=id_), list_payments(session, member_id=id_))
            for id_ in session.scalars(select(Member.id))
        ]
    assert sum(1 for account in accounts if account.overdue(today)) >= 3
    assert sum(1 for account in accounts if account.credit) >= 2
    assert sum(1 for account in accounts if account.open) >= 10
    assert sum(1 for account in accounts if not account.open) >= 10


def test_what_a_settlement_frees_goes_to_an_open_quarter_first(demo: Database):
    with demo.read() as session:
        payments = [
            payment
            for member_id in session.scalars(select(Member.id))
            for payment in list_payments(session, member_id=member_id)
        ]
    years = [{allocation.contribution.quarter[:4] for allocation in payment.allocations} for payment in payments]
    assert {"2024", "2026"} in years


def test_increases_are_one_per_end_of_quarter_and_one_on_the_first_of_january(demo: Database, today):
    with demo.read() as session:
        rows = session.execute(
            select(Contribution.id, Contribution.due_on, Increase.kind, Increase.applied_on)
            .join(ContributionLine, ContributionLine.contribution_id == Contribution.id)
            .join(Increase)
        ).all()
    ends = [
        date(year, month, day) for year in (2024, 2025, 2026) for month, day in ((3, 31), (6, 30), (9, 30), (12, 31))
    ]
    added: dict[tuple[int, date], dict[str, list[date]]] = {}
    for id_, due_on, kind, applied_on in rows:
        added.setdefault((id_, due_on), {"quarter": [], "year": []})[kind].append(applied_on)
    assert len(added) > 5
    for (_, due_on), days in added.items():
        assert sorted(days["quarter"]) == [end for end in ends if due_on <= end < today]
        assert days["year"] == [day for day in (date(due_on.year + 1, 1, 1),) if day <= today]


def test_the_same_seed_gives_the_same_file_and_another_seed_other_people(demo: Database, migrate, tmp_path, today):
    files = []
    for name, seed in (("same", 1), ("other", 2)):
        database = migrate(tmp_path / f"{name}.db")
        with database.write() as session:
            seed_members(session, count=40, seed=seed, on=today)
        files.append(contents(database))
    assert files[0] == contents(demo)
    assert files[1]["person"] != files[0]["person"]
    assert files[1]["person"][: len(STORIES)] == files[0]["person"][: len(STORIES)]


def test_more_members_leave_the_first_ones_as_they_are(empty: Database, demo: Database, today):
    with empty.write() as session:
        member_ids = seed_members(session, count=3, seed=1, on=today)
    assert member_ids == [*(story.id for story in STORIES), "M001001", "M001002", "M001003"]
    small, large = contents(empty), contents(demo)
    for table, rows in small.items():
        assert set(rows) <= set(large[table]), table


def test_a_file_with_members_is_left_alone(empty: Database, today):
    with empty.write() as session:
        seed_members(session, count=0, seed=1, on=today)
    before = contents(empty)
    with pytest.raises(FileNotEmptyError), empty.write() as session:
        seed_members(session, count=1, seed=2, on=today)
    assert contents(empty) == before


def test_the_default_demo_is_there_in_three_seconds(empty: Database, today):
    started = time.process_time()
    with empty.write() as session:
        seed_members(session, count=40, seed=1, on=today)
    assert time.process_time() - started < 3
