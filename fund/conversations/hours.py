"""When people are there: opening hours of a fund, Belgian legal holidays and its own closing days, in Belgian time."""

from datetime import date, datetime, timedelta
from functools import cache

import holidays

from fund.formats import BRUSSELS
from fund.profiles import Interval, Profile

DAYS_AHEAD = 30


@cache
def _holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.Belgium(years=year))


def intervals_on(profile: Profile, day: date) -> tuple[Interval, ...]:
    """The opening hours of `day`; empty on a legal holiday and on a closing day of the fund."""
    return () if day in _holidays(day.year) else profile.hours_on(day)


def is_open(profile: Profile, *, now: datetime) -> bool:
    """Whether officers work at the moment `now`."""
    local = now.astimezone(BRUSSELS)
    return any(i.opens <= local.time() < i.closes for i in intervals_on(profile, local.date()))


def next_opening(profile: Profile, *, now: datetime) -> datetime | None:
    """The next moment at which the fund opens, in Belgian time; None when it does not within a month."""
    local = now.astimezone(BRUSSELS)
    for ahead in range(DAYS_AHEAD):
        day = local.date() + timedelta(days=ahead)
        for interval in intervals_on(profile, day):
            opens = datetime.combine(day, interval.opens, tzinfo=BRUSSELS)
            if opens > local:
                return opens
    return None
