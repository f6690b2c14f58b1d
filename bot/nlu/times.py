"""Quarters, years, dates and amounts in a message, as entities with a machine-readable value."""

import re
from datetime import date
from decimal import Decimal
from typing import Any, Callable, Dict, List, Optional, Pattern, Tuple

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.constants import ENTITIES
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.step import Step
from bot.nlu.text import CLEAN

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "januari jan janvier janv", "februari feb février fevrier fév fev", "maart mrt mars", "april apr avril avr",
            "mei mai", "juni jun juin", "juli jul juillet juil", "augustus aug août aout",
            "september sep sept septembre",
            "oktober okt octobre oct", "november nov novembre", "december dec décembre decembre déc",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_ORDINALS = {
    "eerste": 1, "tweede": 2, "derde": 3, "vierde": 4,
    "premier": 1, "deuxième": 2, "deuxieme": 2, "second": 2, "troisième": 3, "troisieme": 3, "quatrième": 4,
    "quatrieme": 4, "dernier": 4,
}  # fmt: skip
_YEAR = r"(?:19|20)\d\d"
_NUMBER = r"(?P<number>\d{1,3}(?:[ .\u00a0\u202f]\d{3})+(?:,\d{1,2})?|\d+(?:[.,]\d{1,2})?)"
_QUARTER_WORD = r"(?:kwartaal|kwart|kw|trimestre|trimester|trim)\b\.?"


def _quarter(match: "re.Match[str]") -> Optional[str]:
    groups = match.groupdict()
    number = groups.get("digit") or _ORDINALS.get((groups.get("word") or "").lower())
    if not number:
        return None
    year = groups.get("year")
    if not year and (groups.get("word") or "").lower() == "dernier":
        return None  # "le dernier trimestre" is the latest one; only that of a year is its fourth
    return f"{year}Q{number}" if year else f"Q{number}"


def _day(match: "re.Match[str]") -> Optional[str]:
    month = match.groupdict().get("month_name")
    number = _MONTHS.get(month.lower().rstrip(".")) if month else int(match["month"])
    year = match["year"]
    if number is None:
        return None
    try:
        if not year:
            date(2024, number, int(match["day"]))
            return f"--{number:02}-{int(match['day']):02}"
        return date(int(year), number, int(match["day"])).isoformat()
    except ValueError:
        return None


def _amount(match: "re.Match[str]") -> str:
    number = re.sub(r"[ \u00a0\u202f]", "", match["number"])
    whole, comma, cents = number.partition(",")
    if not comma and re.fullmatch(r"\d+\.\d{1,2}", number):
        whole, _, cents = number.partition(".")
    value = f"{whole.replace('.', '')}.{(cents or '00').ljust(2, '0')}"
    return f"{Decimal(value) * 1000:.2f}" if match.groupdict().get("thousand") else value


_MONTH_NAMES = "|".join(sorted(map(re.escape, _MONTHS), key=len, reverse=True))
_ORDINAL_NAMES = "|".join(_ORDINALS)
_FINDERS: Tuple[Tuple[str, Pattern[str], Callable[["re.Match[str]"], Optional[str]]], ...] = (
    (
        "quarter",
        re.compile(
            rf"\b(?:[qkt] ?(?P<digit>[1-4])|(?P<digit2>[1-4]) ?t)\b(?:[ /-]*(?:van |de |du )?(?P<year>{_YEAR}))?", re.I
        ),
        lambda match: _quarter(match) or (f"{match['year']}Q" if match["year"] else "Q") + match["digit2"],
    ),
    (
        "quarter",
        re.compile(
            rf"\b(?:(?P<digit>[1-4]) ?(?:e|de|ste|er|ème|eme|nd)?|(?P<word>{_ORDINAL_NAMES})) {_QUARTER_WORD}"
            rf"(?:[ ,]*(?:van |de |du )?(?P<year>{_YEAR}))?",
            re.I,
        ),
        _quarter,
    ),
    ("quarter", re.compile(rf"\b(?P<year>{_YEAR}) ?[/qQkKtT-] ?(?P<digit>[1-4])\b"), _quarter),
    ("date", re.compile(rf"\b(?P<day>\d{{1,2}})[/.-](?P<month>\d{{1,2}})(?:[/.-](?P<year>{_YEAR}))\b"), _day),
    (
        "date",
        re.compile(rf"\b(?P<day>\d{{1,2}})(?:er|e)? (?P<month_name>{_MONTH_NAMES})\b\.?(?: (?P<year>{_YEAR}))?", re.I),
        _day,
    ),
    (
        "amount",
        re.compile(rf"(?:€ ?{_NUMBER}\b)", re.I),
        _amount,
    ),
    (
        "amount",
        re.compile(rf"\b{_NUMBER} ?(?P<thousand>k|duizend|mille)?(?: ?(?:€|euro?s?\b|eur\b))", re.I),
        _amount,
    ),
    ("year", re.compile(rf"\b(?P<year>{_YEAR})\b"), lambda match: match["year"]),
)


def find_times_and_amounts(text: str) -> List[Dict[str, Any]]:
    """Entities in order of place: quarter ("2025Q3", "Q3"), date (ISO, "--03-31" without a year), amount ("1234.50"
    EUR), year. What a longer one covers is not found again."""
    found: List[Dict[str, Any]] = []
    for kind, pattern, value_of in _FINDERS:
        for match in pattern.finditer(text):
            start, end = match.span()
            if any(start < other["end"] and other["start"] < end for other in found):
                continue
            value = value_of(match)
            if value is not None:
                found.append({"entity": kind, "value": value, "start": start, "end": end, "extractor": "relais"})
    return sorted(found, key=lambda entity: entity["start"])


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class TimesAndAmounts(Step):
    """Adds the entities to each message."""

    def process(self, messages: List[Message]) -> List[Message]:
        """Find them."""
        for message in messages:
            message.set(ENTITIES, find_times_and_amounts(message.get(CLEAN) or ""), add_to_output=True)
        return messages
