"""Requests in the database: reference, due date by law, state."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from fund.clock import day_in_belgium
from fund.law.parameters import Law, Value
from fund.requests.models import Request

KINDS = {
    "service.complaint": "complaint",
    "service.appointment": "appointment",
    "service.personal_details": "change",
    "service.forms": "document",
    "service.brochures": "document",
    "contributions.tax": "document",
    "service.privacy": "document",
}
TERMS = {"service.privacy": "privacy_answer_months"}
"""Topics whose requests have a term of their own."""
STATES = ("registered", "in_progress", "done", "refused")


class RequestError(ValueError):
    """A change of state that makes no sense."""


def kind_of(topic: str) -> str:
    """What kind of request one on this topic is; an application unless it is something smaller."""
    return KINDS.get(topic, "application")


def reference_of(turn_id: int, *, now: datetime) -> str:
    """The reference of the request that a turn registers: the same one when the turn is tried again.

    Its last two digits check the others (97 minus the remainder by 97), so that a typing error is noticed. It has
    twelve digits: with eleven every reference would pass for a national number, and be masked when a member names it.
    """
    year = f"{day_in_belgium(now).year % 100:02}"
    number = int(f"{year}{turn_id:08}")
    return f"R{year}-{turn_id:08}-{97 - number % 97:02}"


def due_on(topic: str, *, now: datetime, law: Law) -> date | None:
    """The day by which the fund must answer a request on `topic`.

    By the charter of the socially insured (law of 11 April 1995) a decision on an application takes at most a number of
    months, anything else a number of days; a question about one's own data follows the data protection regulation.
    None when the term is not known for that day.
    """
    today = day_in_belgium(now)
    id = TERMS.get(topic) or (
        "charter_decision_months" if kind_of(topic) == "application" else "charter_information_days"
    )
    term = law.value_on(id, on=today)
    if not isinstance(term, Value):
        return None
    return _add_months(today, int(term.value)) if term.unit == "months" else today + timedelta(days=int(term.value))


def _add_months(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def list_open(session: Session, *, fund: str) -> Sequence[Request]:
    """Requests that are not finished, the most urgent first."""
    return session.scalars(
        select(Request)
        .where(Request.fund == fund, Request.state.in_(("registered", "in_progress")))
        .order_by(Request.due_on, Request.registered_at)
    ).all()


def list_of_conversation(session: Session, *, conversation_id: str) -> Sequence[Request]:
    """The requests that were made in a conversation."""
    return session.scalars(
        select(Request).where(Request.conversation_id == conversation_id).order_by(Request.registered_at)
    ).all()


def move_request(session: Session, *, reference: str, fund: str, state: str, reason: str) -> Request:
    """Put a request into another state; a refusal needs its reason. RequestError when unknown or not possible."""
    request = session.get(Request, reference, with_for_update=True, populate_existing=True)
    if request is None or request.fund != fund:
        raise RequestError("unknown")
    if state not in STATES or request.state in ("done", "refused"):
        raise RequestError("state")
    if state == "refused" and not reason.strip():
        raise RequestError("reason")
    request.state = state
    request.reason = reason.strip() or None
    return request
