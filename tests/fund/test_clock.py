"""The clock at the door, and the Belgian day that everything below reckons with."""

from datetime import UTC, date, datetime, timedelta

import pytest

from fund.clock import day_in_belgium, shifted_clock, system_clock


def test_the_present_moment_is_in_utc():
    before = datetime.now(UTC)
    now = system_clock()
    assert before <= now <= datetime.now(UTC)
    assert now.tzinfo is UTC


def test_a_shifted_clock_starts_where_it_is_told_and_runs_on():
    start = datetime(2025, 11, 20, 10, 0, tzinfo=UTC)
    clock = shifted_clock(start, since=system_clock())
    first, second = clock(), clock()
    assert start <= first <= second < start + timedelta(minutes=5)


def test_after_a_restart_it_goes_on_where_it_would_have_been():
    start, an_hour_ago = datetime(2025, 11, 20, 10, 0, tzinfo=UTC), system_clock() - timedelta(hours=1)
    now = shifted_clock(start, since=an_hour_ago)()
    assert timedelta(hours=1) <= now - start < timedelta(hours=1, minutes=5)


@pytest.mark.parametrize("start", ["1999-12-31T23:59:59+00:00", "2090-01-01T00:00:00+02:00"])
def test_it_may_start_long_ago_or_far_ahead_in_any_zone(start):
    start = datetime.fromisoformat(start)
    assert timedelta() <= shifted_clock(start, since=system_clock())() - start < timedelta(minutes=5)


def test_two_shifted_clocks_do_not_know_each_other():
    early, late = (shifted_clock(datetime(year, 1, 1, tzinfo=UTC), since=system_clock()) for year in (2020, 2030))
    assert late() - early() > timedelta(days=3650)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2025-12-31T22:59:59+00:00", date(2025, 12, 31)),
        ("2025-12-31T23:00:00+00:00", date(2026, 1, 1)),  # winter: one hour ahead
        ("2025-06-30T21:59:59+00:00", date(2025, 6, 30)),
        ("2025-06-30T22:00:00+00:00", date(2025, 7, 1)),  # summer: two hours ahead
        ("2025-03-30T00:59:59+00:00", date(2025, 3, 30)),
        ("2025-10-26T01:00:00+00:00", date(2025, 10, 26)),
        ("2025-12-31T18:30:00-05:00", date(2026, 1, 1)),
        ("2026-01-01T07:30:00+09:00", date(2025, 12, 31)),
    ],
)
def test_the_day_is_that_of_belgium(moment, day):
    assert day_in_belgium(datetime.fromisoformat(moment)) == day
