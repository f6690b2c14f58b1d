"""Amounts, dates and quarters as they are written in Belgium, in Dutch and in French."""

from datetime import date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fund.formats import (
    format_date,
    format_money,
    format_number,
    format_percent,
    format_quarter,
    format_time,
    format_weekday,
    to_cents,
)

NARROW, WIDE = "\u202f", "\u00a0"


@pytest.mark.parametrize(
    ("amount", "dutch", "french"),
    [
        ("907.45", "907,45_euro", "907,45_euros"),
        ("500", "500_euro", "500_euros"),
        ("500.00", "500_euro", "500_euros"),
        ("500.5", "500,50_euro", "500,50_euros"),
        ("0", "0_euro", "0_euro"),
        ("0.05", "0,05_euro", "0,05_euro"),
        ("1", "1_euro", "1_euro"),
        ("1.99", "1,99_euro", "1,99_euro"),
        ("2", "2_euro", "2_euros"),
        ("999.999", "1.000_euro", "1~000_euros"),
        ("1234.5", "1.234,50_euro", "1~234,50_euros"),
        ("17008.88", "17.008,88_euro", "17~008,88_euros"),
        ("1234567.89", "1.234.567,89_euro", "1~234~567,89_euros"),
        ("-35.74", "-35,74_euro", "-35,74_euros"),
        ("-1.5", "-1,50_euro", "-1,50_euro"),
        ("0.004", "0_euro", "0_euro"),
        ("-0.004", "0_euro", "0_euro"),
        ("-0.00", "0_euro", "0_euro"),
        ("1.994999", "1,99_euro", "1,99_euro"),
        ("1.995", "2_euro", "2_euros"),
        ("1E+3", "1.000_euro", "1~000_euros"),
    ],
)
def test_money(amount, dutch, french):
    for language, expected in (("nl", dutch), ("fr", french)):
        text = expected.replace("_", WIDE).replace("~", NARROW)
        assert format_money(Decimal(amount), language) == text


@pytest.mark.parametrize(
    ("amount", "cents"),
    [
        ("0.005", "0.01"),
        ("0.0049999", "0.00"),
        ("871.705", "871.71"),
        ("-0.005", "-0.01"),
        ("2.675", "2.68"),
        ("7", "7.00"),
    ],
)
def test_half_a_cent_goes_up(amount, cents):
    assert str(to_cents(Decimal(amount))) == cents


@given(st.decimals(-10_000_000, 10_000_000, places=4))
def test_cents_are_the_nearest_and_never_minus_zero(amount):
    cents = to_cents(amount)
    assert abs(cents - amount) <= Decimal("0.005")
    assert cents.as_tuple().exponent == -2
    assert not (cents == 0 and cents.is_signed())


@pytest.mark.parametrize(
    ("value", "dutch", "french"),
    [
        (Decimal("1234.5"), "1.234,5", "1~234,5"),
        (Decimal("0.0416670"), "0,041667", "0,041667"),
        (1000, "1.000", "1~000"),
        (7, "7", "7"),
        (Decimal("-12.50"), "-12,5", "-12,5"),
        (Decimal("14.123456789"), "14,123456789", "14,123456789"),
    ],
)
def test_every_decimal_that_says_something_is_kept(value, dutch, french):
    assert format_number(value, "nl") == dutch
    assert format_number(value, "fr") == french.replace("~", NARROW)


@pytest.mark.parametrize("language", ["nl", "fr"])
def test_a_percentage_does_not_break_before_its_sign(language):
    assert format_percent(Decimal("20.5"), language) == f"20,5{WIDE}%"
    assert format_percent(Decimal("4"), language) == f"4{WIDE}%"
    assert format_percent(Decimal("14.16"), language) == f"14,16{WIDE}%"


@pytest.mark.parametrize(
    ("day", "dutch", "french"),
    [
        ("2025-12-31", "31 december 2025", "31 décembre 2025"),
        ("2025-01-01", "1 januari 2025", "1er janvier 2025"),
        ("2025-01-11", "11 januari 2025", "11 janvier 2025"),
        ("2025-08-21", "21 augustus 2025", "21 août 2025"),
        ("2024-02-29", "29 februari 2024", "29 février 2024"),
        ("2025-03-10", "10 maart 2025", "10 mars 2025"),
    ],
)
def test_dates(day, dutch, french):
    assert (format_date(date.fromisoformat(day), "nl"), format_date(date.fromisoformat(day), "fr")) == (dutch, french)


@pytest.mark.parametrize(
    ("day", "dutch", "french"),
    [
        ("2026-01-05", "maandag 5 januari", "lundi 5 janvier"),
        ("2025-12-01", "maandag 1 december", "lundi 1er décembre"),
        ("2025-11-11", "dinsdag 11 november", "mardi 11 novembre"),
        ("2025-11-21", "vrijdag 21 november", "vendredi 21 novembre"),
        ("2026-08-01", "zaterdag 1 augustus", "samedi 1er août"),
    ],
)
def test_weekdays(day, dutch, french):
    found = format_weekday(date.fromisoformat(day), "nl"), format_weekday(date.fromisoformat(day), "fr")
    assert found == (dutch, french)


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_only_the_first_of_a_month_is_an_ordinal_and_only_in_french(day):
    for write in (format_date, format_weekday):
        assert ("1er " in write(day, "fr")) == (day.day == 1)
        assert "1er" not in write(day, "nl")
        assert str(day.day) in write(day, "nl")


@pytest.mark.parametrize(
    ("moment", "dutch", "french"),
    [
        (time(9, 30), "9.30_uur", "9_h_30"),
        (time(9, 0), "9_uur", "9_h"),
        (time(0, 5), "0.05_uur", "0_h_05"),
        (time(17, 0), "17_uur", "17_h"),
        (datetime(2025, 11, 20, 13, 45), "13.45_uur", "13_h_45"),  # noqa: DTZ001  (a clock on the wall)
    ],
)
def test_times(moment, dutch, french):
    assert format_time(moment, "nl") == dutch.replace("_", WIDE)
    assert format_time(moment, "fr") == french.replace("_", WIDE)


@pytest.mark.parametrize(
    ("quarter", "dutch", "french"),
    [
        ("2025Q1", "eerste kwartaal 2025", "premier trimestre 2025"),
        ("2025Q2", "tweede kwartaal 2025", "deuxième trimestre 2025"),
        ("2025Q3", "derde kwartaal 2025", "troisième trimestre 2025"),
        ("2019Q4", "vierde kwartaal 2019", "quatrième trimestre 2019"),
    ],
)
def test_quarters(quarter, dutch, french):
    assert (format_quarter(quarter, "nl"), format_quarter(quarter, "fr")) == (dutch, french)
