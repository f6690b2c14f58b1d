"""Calendar quarters, written "2025Q3"."""

import re
from datetime import date, timedelta

_QUARTER = re.compile(r"\d{4}Q[1-4]")


def is_quarter(text: str) -> bool:
    """Whether `text` is a quarter, as "2025Q3"."""
    return _QUARTER.fullmatch(text) is not None


def quarter_of(day: date) -> str:
    """The calendar quarter in which `day` falls, as "2025Q3"."""
    return f"{day.year}Q{(day.month + 2) // 3}"


def number_of(quarter: str) -> int:
    """Quarters in a row have numbers in a row."""
    return int(quarter[:4]) * 4 + int(quarter[5]) - 1


def shift(quarter: str, by: int) -> str:
    """The quarter so many after `quarter`, or before it."""
    number = number_of(quarter) + by
    return f"{number // 4}Q{number % 4 + 1}"


def first_day(quarter: str) -> date:
    """The first day of `quarter`."""
    return date(int(quarter[:4]), int(quarter[5]) * 3 - 2, 1)


def last_day(quarter: str) -> date:
    """The last day of `quarter`."""
    return first_day(shift(quarter, 1)) - timedelta(days=1)
