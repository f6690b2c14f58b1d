"""When people are there: Belgian time in winter and in summer, legal holidays, closing days, breaks at noon."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from fund.conversations.hours import DAYS_AHEAD, intervals_on, is_open, next_opening
from fund.profiles import WEEKDAYS, Interval, Profile, load_profiles

DATA = Path(__file__).resolve().parents[3] / "data"
BRUSSELS = ZoneInfo("Europe/Brussels")
LIANTIS = load_profiles(DATA)["liantis"]


def fund(*hours: str, weekend: tuple[str, ...] = (), closures: tuple[date, ...] = ()) -> Profile:
    """A fund with the same hours from Monday to Friday."""

    def intervals(texts: tuple[str, ...]) -> tuple[Interval, ...]:
        return tuple(Interval.model_validate(text) for text in texts)

    week = {day: intervals(weekend if day in ("saturday", "sunday") else hours) for day in WEEKDAYS}
    return LIANTIS.model_copy(update={"hours": week, "closures": closures})


OFFICE = fund("09:00-12:00", "13:00-17:00")


def belgian(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BRUSSELS)


@pytest.mark.parametrize(
    ("time", "open_then"),
    [
        ("00:00", False),
        ("08:59:59.999999", False),
        ("09:00", True),
        ("11:59:59.999999", True),
        ("12:00", False),
        ("12:59:59", False),
        ("13:00", True),
        ("16:59:59", True),
        ("17:00", False),
        ("23:59", False),
    ],
)
@pytest.mark.parametrize("day", ["2025-11-20", "2025-07-17"])
def test_the_first_minute_is_open_and_the_last_one_closed(day, time, open_then):
    assert is_open(OFFICE, now=belgian(f"{day}T{time}")) is open_then


@pytest.mark.parametrize(
    ("now", "open_then"),
    [
        ("2025-11-20T07:59:00+00:00", False),  # winter: 8:59 in Belgium
        ("2025-11-20T08:00:00+00:00", True),
        ("2025-07-17T06:59:00+00:00", False),  # summer: 8:59 in Belgium
        ("2025-07-17T07:00:00+00:00", True),
        ("2025-07-17T15:00:00+00:00", False),  # 17:00 in Belgium
        ("2025-11-20T04:00:00-05:00", True),  # New York writes 4:00
        ("2025-11-21T17:00:00+09:00", True),  # Tokyo writes 17:00
    ],
)
def test_the_clock_is_that_of_belgium(now, open_then):
    assert is_open(OFFICE, now=datetime.fromisoformat(now)) is open_then


LEGAL_HOLIDAYS_2025 = [
    "2025-01-01", "2025-04-21", "2025-05-01", "2025-05-29", "2025-06-09", "2025-07-21", "2025-08-15", "2025-11-01",
    "2025-11-11", "2025-12-25",
]  # fmt: skip


@pytest.mark.parametrize("day", [*LEGAL_HOLIDAYS_2025, "2026-04-06", "2026-05-14", "2026-05-25", "2024-04-01"])
def test_a_legal_holiday_is_closed(day):
    every_day = fund("09:00-17:00", weekend=("09:00-17:00",))
    assert intervals_on(every_day, date.fromisoformat(day)) == ()
    assert not is_open(every_day, now=belgian(f"{day}T10:00"))


@pytest.mark.parametrize(
    "day",
    ["2025-04-18", "2025-04-22", "2025-07-11", "2025-09-27", "2025-11-02", "2025-11-10", "2025-11-12", "2025-11-15",
     "2025-12-24", "2025-12-26", "2026-01-02"],
)  # fmt: skip
def test_a_day_that_is_no_legal_holiday_is_open(day):
    assert is_open(fund("09:00-17:00", weekend=("09:00-17:00",)), now=belgian(f"{day}T10:00"))


def test_a_year_has_ten_legal_holidays_and_those_that_fall_on_sunday_anyway():
    every_day = fund("09:00-17:00", weekend=("09:00-17:00",))
    days = [date(2025, 1, 1) + timedelta(days=number) for number in range(365)]
    closed = [day.isoformat() for day in days if not intervals_on(every_day, day)]
    assert [day for day in closed if date.fromisoformat(day).weekday() != 6] == LEGAL_HOLIDAYS_2025
    assert {"2025-04-20", "2025-06-08"} >= {day for day in closed if date.fromisoformat(day).weekday() == 6}


@pytest.mark.parametrize(
    ("now", "opening"),
    [
        ("2025-11-20T07:00", "2025-11-20T09:00:00+01:00"),  # before opening
        ("2025-11-20T09:00", "2025-11-20T13:00:00+01:00"),  # open: the next time, not this one
        ("2025-11-20T12:30", "2025-11-20T13:00:00+01:00"),  # at noon
        ("2025-11-20T12:59:59", "2025-11-20T13:00:00+01:00"),
        ("2025-11-20T13:00", "2025-11-21T09:00:00+01:00"),
        ("2025-11-20T23:59", "2025-11-21T09:00:00+01:00"),
        ("2025-11-21T17:00", "2025-11-24T09:00:00+01:00"),  # Friday evening
        ("2025-11-22T10:00", "2025-11-24T09:00:00+01:00"),  # Saturday
        ("2025-11-10T18:00", "2025-11-12T09:00:00+01:00"),  # the eve of 11 November
        ("2025-11-11T10:00", "2025-11-12T09:00:00+01:00"),
        ("2025-04-18T18:00", "2025-04-22T09:00:00+02:00"),  # Easter weekend, Monday included
        ("2025-12-31T18:00", "2026-01-02T09:00:00+01:00"),  # New Year's Day
        ("2025-10-24T18:00", "2025-10-27T09:00:00+01:00"),  # over the end of summer time
        ("2025-10-26T02:30", "2025-10-27T09:00:00+01:00"),  # in the hour that comes twice
        ("2025-03-28T18:00", "2025-03-31T09:00:00+02:00"),  # over its start
        ("2025-03-30T01:59", "2025-03-31T09:00:00+02:00"),
    ],
)
def test_the_next_opening_is_told_in_belgian_time(now, opening):
    assert next_opening(OFFICE, now=belgian(now)).isoformat() == opening
    assert next_opening(OFFICE, now=belgian(now).astimezone(UTC)).isoformat() == opening


def test_who_opens_again_is_open_at_that_moment_and_not_before():
    now = belgian("2025-10-20T00:00")
    for _ in range(40):
        opening = next_opening(OFFICE, now=now)
        assert opening > now
        assert is_open(OFFICE, now=opening)
        assert not is_open(OFFICE, now=opening.astimezone(UTC) - timedelta(microseconds=1))
        now = opening


def test_a_closing_day_of_the_fund_is_closed_for_this_fund_only():
    bridge = date(2025, 11, 10)
    closed = fund("09:00-17:00", closures=(bridge,))
    assert not is_open(closed, now=belgian("2025-11-10T10:00"))
    assert is_open(OFFICE, now=belgian("2025-11-10T10:00"))
    assert next_opening(closed, now=belgian("2025-11-07T18:00")).isoformat() == "2025-11-12T09:00:00+01:00"


def test_a_fund_that_stays_closed_for_a_month_names_no_day():
    first = date(2025, 7, 1)
    holiday = tuple(first + timedelta(days=number) for number in range(DAYS_AHEAD))
    closed = fund("09:00-17:00", closures=holiday)
    assert next_opening(closed, now=belgian("2025-07-01T08:00")) is None
    assert next_opening(closed, now=belgian("2025-07-02T08:00")).isoformat() == "2025-07-31T09:00:00+02:00"


def test_a_fund_without_hours_is_never_open():
    never = fund()
    assert not is_open(never, now=belgian("2025-11-20T10:00"))
    assert next_opening(never, now=belgian("2025-11-20T10:00")) is None


def test_hours_of_the_weekend_count():
    saturday = fund("09:00-17:00", weekend=("10:00-12:00",))
    assert is_open(saturday, now=belgian("2025-11-22T10:00"))
    assert next_opening(saturday, now=belgian("2025-11-21T18:00")).isoformat() == "2025-11-22T10:00:00+01:00"


@pytest.mark.parametrize("profile", load_profiles(DATA).values(), ids=lambda profile: profile.id)
def test_every_fund_opens_again_within_a_month_of_any_day(profile):
    for number in range(0, 366, 5):
        assert next_opening(profile, now=belgian("2025-01-01T20:00") + timedelta(days=number)) is not None
