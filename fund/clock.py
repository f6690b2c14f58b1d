"""The clock, asked once at the door; everything below gets the moment as an argument."""

from collections.abc import Callable
from datetime import UTC, date, datetime

from fund.formats import BRUSSELS

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """The present moment in UTC."""
    return datetime.now(UTC)


def shifted_clock(start: datetime, *, since: datetime) -> Clock:
    """A clock that said `start` at the real moment `since` and has run on from there (for demo and tests)."""
    offset = start - since
    return lambda: system_clock() + offset


def day_in_belgium(now: datetime) -> date:
    """The calendar day in Belgium at the moment `now`."""
    return now.astimezone(BRUSSELS).date()
