"""Reads the member's live file and answers a member's question from it. Nothing is ever written here."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session, joinedload, selectinload

from fund.clock import day_in_belgium
from fund.file.account import Account, account_of
from fund.file.errors import FileBlocked, FileDisagrees, FileUnavailable, MemberUnknown
from fund.file.explanations import (
    Explanation,
    Voice,
    explain_account_manager,
    explain_balance,
    explain_calculation,
    explain_no_calculation,
    explain_no_notice,
    explain_notice,
)
from fund.file.models import Allocation, Contribution, ContributionLine, Income, Member, Notice, Payment
from fund.file.recalculation import Recalculation, recalculate
from fund.law.contributions import day_of_year
from fund.law.parameters import Law, NotKnown, Value, load_law
from fund.phrases import Phrases, Say, load_phrases
from fund.quarters import quarter_of

__all__ = [
    "SUPPORTED_KINDS", "FileAnswer", "FileBlocked", "FileDisagrees", "FileUnavailable", "MemberUnknown",
    "answer_file_question", "get_member", "get_notice", "list_contributions", "list_incomes", "list_payments",
]  # fmt: skip

_DATA = Path(__file__).resolve().parents[2] / "data"


@dataclass(frozen=True)
class FileAnswer:
    """An answer from the file: the text, the sources of what it says about the law, the day of the data, and the
    names of the queries that were made for it."""

    text: str
    sources: tuple[dict[str, str], ...]
    as_of: date
    queries: tuple[str, ...]


def get_member(session: Session, *, member_id: str) -> Member | None:
    """The member with person and account manager; None when there is none with that id."""
    return session.scalar(
        select(Member)
        .where(Member.id == member_id)
        .options(joinedload(Member.person), joinedload(Member.account_manager))
    )


def list_contributions(session: Session, *, member_id: str) -> list[Contribution]:
    """All contributions of a member, oldest first, with their lines and what was paid for them."""
    query = (
        select(Contribution)
        .where(Contribution.member_id == member_id)
        .order_by(Contribution.quarter)
        .options(
            selectinload(Contribution.lines).options(
                joinedload(ContributionLine.regularisation), joinedload(ContributionLine.increase)
            ),
            selectinload(Contribution.allocations),
        )
    )
    return list(session.scalars(query))


def list_payments(session: Session, *, member_id: str) -> list[Payment]:
    """All payments of a member, oldest first, with the contributions they went to."""
    query = (
        select(Payment)
        .where(Payment.member_id == member_id)
        .order_by(Payment.received_on, Payment.id)
        .options(selectinload(Payment.allocations).joinedload(Allocation.contribution))
    )
    return list(session.scalars(query))


def list_incomes(session: Session, *, member_id: str) -> list[Income]:
    """All yearly incomes of a member that the file knows, oldest first."""
    return list(session.scalars(select(Income).where(Income.member_id == member_id).order_by(Income.year)))


def get_notice(session: Session, *, member_id: str, quarter: str | None = None) -> Notice | None:
    """The notice of a quarter, or the latest one when none is named; None when there is none."""
    query = select(Notice).where(Notice.member_id == member_id).options(joinedload(Notice.contribution))
    if quarter is not None:
        query = query.where(Notice.quarter == quarter)
    return session.scalar(query.order_by(Notice.quarter.desc()).limit(1))


@dataclass(frozen=True)
class _Question:
    """One question on the file of one member, with all that answering it needs."""

    session: Session
    member: Member
    voice: Voice
    on: date
    quarter: str | None
    law: Law
    phrases: Phrases

    @cached_property
    def incomes(self) -> list[Income]:
        """The member's yearly incomes."""
        return list_incomes(self.session, member_id=self.member.id)

    @property
    def as_of(self) -> date:
        """The day of the data, in Belgium."""
        return day_in_belgium(self.member.data_as_of)

    @property
    def asked(self) -> str:
        """The quarter in question: the one the member named, else the present one."""
        return self.quarter or quarter_of(self.on)

    def account(self) -> Account:
        """The member's account."""
        contributions = list_contributions(self.session, member_id=self.member.id)
        return account_of(contributions, list_payments(self.session, member_id=self.member.id))

    def recalculate(self, contribution: Contribution) -> Recalculation | None:
        """The contribution by the law; FileDisagrees when the file has another."""
        return recalculate(
            contribution,
            incomes=self.incomes,
            affiliations=self.member.affiliations,
            law=self.law,
            phrases=self.phrases,
            address=self.voice("address"),
        )


def answer_file_question(
    kind: str,
    *,
    session: Session,
    member_id: str,
    say: Say,
    language: str,
    on: date,
    quarter: str | None = None,
    law: Law | None = None,
    phrases: Phrases | None = None,
) -> FileAnswer:
    """The answer to one of SUPPORTED_KINDS from the member's own file, on the day `on`.

    `say` is a voice in `language`. `quarter` ("2026Q3") is the one the member named. `law` and `phrases` are those of
    this checkout unless given. Raises ValueError for another kind, MemberUnknown, FileBlocked (blocked or deceased),
    FileDisagrees (with the law or with itself), and FileUnavailable when the database does not answer.
    """
    if kind not in _ANSWERS:
        raise ValueError(f"the file does not answer “{kind}”; it answers {', '.join(SUPPORTED_KINDS)}")
    queries, answer = _ANSWERS[kind]
    try:
        member = _open_file(session, member_id=member_id)
        question = _Question(
            session, member, Voice(say, language), on, quarter, law or _own_law(), phrases or _own_phrases()
        )
        explanation = answer(question)
    except (DBAPIError, PoolTimeoutError) as error:
        raise FileUnavailable("the database of the file does not answer") from error
    sources = tuple(
        {"title": source.title, "url": source.url, "date": source.date.isoformat()} for source in explanation.sources
    )
    return FileAnswer(explanation.text, sources, question.as_of, ("member", *queries))


def _open_file(session: Session, *, member_id: str) -> Member:
    """The member, when the file may be shown. Raises MemberUnknown and FileBlocked."""
    member = get_member(session, member_id=member_id)
    if member is None:
        raise MemberUnknown("the file has no such member")
    if member.blocked_since is not None or member.person.deceased_on is not None:
        raise FileBlocked("the file may not be shown without an officer")
    return member


def _balance(question: _Question) -> Explanation:
    account = question.account()
    for state in account.open_quarters:  # nobody is asked to pay an amount that is wrong by the law
        question.recalculate(state.contribution)
    return explain_balance(
        account,
        member=question.member,
        voice=question.voice,
        on=question.on,
        as_of=question.as_of,
        late_rate=question.law.value_on("late_increase_quarter", on=question.on),
        quarter=question.quarter,
    )


def _due_notice(question: _Question) -> Explanation:
    account = question.account()
    notice = get_notice(question.session, member_id=question.member.id, quarter=question.asked)
    if notice is None:
        due_source = question.law.value_on(f"due_q{question.asked[-1]}", on=day_of_year(int(question.asked[:4])))
        return explain_no_notice(
            question.asked,
            claimed=account.quarter(question.asked),
            due=_last_day(question.asked, due_source),
            due_source=due_source,
            latest=get_notice(question.session, member_id=question.member.id),
            voice=question.voice,
            as_of=question.as_of,
        )
    question.recalculate(notice.contribution)  # a line that is wrong by the law is not explained as if it were right
    return explain_notice(
        notice,
        account=account,
        member=question.member,
        voice=question.voice,
        on=question.on,
        as_of=question.as_of,
    )


def _last_day(quarter: str, due: Value | NotKnown) -> date | None:
    return date.fromisoformat(f"{quarter[:4]}-{due.value}") if isinstance(due, Value) else None


def _account_manager(question: _Question) -> Explanation:
    return explain_account_manager(question.member.account_manager, voice=question.voice, as_of=question.as_of)


def _contribution_calculation(question: _Question) -> Explanation:
    contributions = list_contributions(question.session, member_id=question.member.id)
    asked = [row for row in contributions if row.quarter == question.asked]
    # A quarter that the member named is not replaced by another one.
    explained = asked or ([] if question.quarter else contributions)
    if not explained:
        return explain_no_calculation(question.asked, voice=question.voice, as_of=question.as_of)
    contribution = explained[-1]
    return explain_calculation(
        contribution,
        question.recalculate(contribution),
        asked=question.asked,
        voice=question.voice,
        as_of=question.as_of,
    )


_ACCOUNT = ("contributions", "payments")
_ANSWERS: dict[str, tuple[tuple[str, ...], Callable[[_Question], Explanation]]] = {
    "balance": ((*_ACCOUNT, "incomes"), _balance),
    "due_notice": ((*_ACCOUNT, "notices", "incomes"), _due_notice),
    "account_manager": (("account_manager",), _account_manager),
    "contribution_calculation": (("contributions", "incomes"), _contribution_calculation),
}
SUPPORTED_KINDS = tuple(_ANSWERS)


@cache
def _own_law() -> Law:
    return load_law(_DATA / "law")


@cache
def _own_phrases() -> Phrases:
    return load_phrases(_DATA)
