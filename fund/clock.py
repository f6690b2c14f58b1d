"""The clock, asked once at the door; everything below gets the moment as an argument."""

from collections.abc import Callable
from datetime import UTC, date, datetime

from fund.formats import BRUSSELS

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """The present moment in UTC."""
    return datetime.now(UTC)


def fixed_start_clock(start: datetime) -> Clock:
    """A clock that says `start` now and then runs on (for demo and tests)."""
    offset = start - system_clock()
    return lambda: system_clock() + offset


def day_in_belgium(now: datetime) -> date:
    """The calendar day in Belgium at the moment `now`."""
    return now.astimezone(BRUSSELS).date()
