"""Calendar quarters: of a day, their days, and their order."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fund.quarters import first_day, is_quarter, last_day, number_of, quarter_of, shift


@pytest.mark.parametrize(
    ("day", "quarter"),
    [
        ("2025-01-01", "2025Q1"),
        ("2025-03-31", "2025Q1"),
        ("2025-04-01", "2025Q2"),
        ("2025-06-30", "2025Q2"),
        ("2025-07-01", "2025Q3"),
        ("2025-09-30", "2025Q3"),
        ("2025-10-01", "2025Q4"),
        ("2025-12-31", "2025Q4"),
    ],
)
def test_the_quarter_of_a_day(day, quarter):
    assert quarter_of(date.fromisoformat(day)) == quarter


@given(st.dates(date(2000, 1, 1), date(2099, 12, 30)))
def test_quarters_follow_each_other(day):
    today, tomorrow = quarter_of(day), quarter_of(day + timedelta(days=1))
    assert tomorrow >= today
    assert (tomorrow != today) == (
        (day + timedelta(days=1)).day == 1 and (day + timedelta(days=1)).month in (1, 4, 7, 10)
    )


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.integers(-40, 40))
def test_a_day_lies_in_its_quarter_and_shifting_goes_back_and_forth(day, by):
    quarter = quarter_of(day)

    assert is_quarter(quarter)
    assert first_day(quarter) <= day <= last_day(quarter)
    assert first_day(shift(quarter, 1)) == last_day(quarter) + timedelta(days=1)
    assert shift(shift(quarter, by), -by) == quarter
    assert number_of(shift(quarter, by)) == number_of(quarter) + by


@pytest.mark.parametrize("text", ["", "2025", "2025Q0", "2025Q5", "25Q1", "2025q1", "2025Q1 ", "Q1"])
def test_other_texts_are_no_quarter(text):
    assert not is_quarter(text)
