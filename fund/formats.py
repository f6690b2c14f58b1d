"""How amounts, dates, quarters and percentages are written in Dutch and in French in Belgium."""

from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from babel.dates import format_date as babel_date
from babel.numbers import format_decimal

BRUSSELS = ZoneInfo("Europe/Brussels")
NO_BREAK_SPACE = "\u00a0"

_ORDINALS = {"nl": ("eerste", "tweede", "derde", "vierde"), "fr": ("premier", "deuxième", "troisième", "quatrième")}
_LOCALES = {"nl": "nl_BE", "fr": "fr_BE"}


def to_cents(amount: Decimal) -> Decimal:
    """`amount` in EUR rounded half up to the cent; never a minus before zero."""
    return amount.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP) + 0


def format_number(value: Decimal | int, language: str) -> str:
    """1234.5 → "1.234,5" (Dutch), "1 234,5" (French, narrow no-break space); every decimal is kept."""
    return format_decimal(value, locale=_LOCALES[language], decimal_quantization=False)


def format_money(amount: Decimal, language: str) -> str:
    """EUR in running text: "907,45 euro", "500 euro", "907,45 euros", "1,99 euro" (French plural from 2 on)."""
    cents = to_cents(amount)
    whole = cents == cents.to_integral_value()
    number = format_decimal(cents, format="#,##0" if whole else "#,##0.00", locale=_LOCALES[language])
    word = "euros" if language == "fr" and abs(cents) >= 2 else "euro"
    return f"{number}{NO_BREAK_SPACE}{word}"


def format_percent(value: Decimal, language: str) -> str:
    """20.5 → "20,5 %" with a no-break space."""
    return f"{format_number(value, language)}{NO_BREAK_SPACE}%"


def format_date(day: date, language: str) -> str:
    """ "31 december 2025", "31 décembre 2025", "1er janvier 2025"."""
    text = babel_date(day, format="d MMMM y", locale=_LOCALES[language])
    return f"1er{text[1:]}" if language == "fr" and day.day == 1 else text


def format_weekday(day: date, language: str) -> str:
    """ "maandag 5 januari", "lundi 5 janvier"."""
    text = babel_date(day, format="EEEE d MMMM", locale=_LOCALES[language])
    return text.replace(" 1 ", " 1er ") if language == "fr" else text


def format_time(moment: time | datetime, language: str) -> str:
    """ "9.30 uur", "9 uur"; "9 h 30", "9 h"."""
    if language == "fr":
        return f"{moment.hour}{NO_BREAK_SPACE}h" + (f"{NO_BREAK_SPACE}{moment.minute:02}" if moment.minute else "")
    return f"{moment.hour}" + (f".{moment.minute:02}" if moment.minute else "") + f"{NO_BREAK_SPACE}uur"


def format_quarter(quarter: str, language: str) -> str:
    """ "2025Q3" → "derde kwartaal 2025", "troisième trimestre 2025"."""
    year, number = quarter.split("Q")
    word = "kwartaal" if language == "nl" else "trimestre"
    return f"{_ORDINALS[language][int(number) - 1]} {word} {year}"
