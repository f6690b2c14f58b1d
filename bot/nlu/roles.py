"""What the values of a message are about: an income, a balance sheet total, a year in which something began; and the
category of contributor that the message names."""

import re
from typing import Any, Dict, List, Tuple

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.constants import ENTITIES
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.step import Step
from bot.nlu.text import CLEAN, normalise

# In normalised text: lower case, no accents.
_INCOME = re.compile(
    r"\b(?:(?:netto|belastbaar|beroeps|jaar)*inkomen|inkomsten|winst|verdien\w*|verdiende|revenus?|benefices?|gagn\w+|"
    r"touche\w*|net imposable|beroepsinkomen)\b"
)
_BALANCE = re.compile(r"\b(?:balans\w*|total (?:du|de) bilan|bilan)\b")
_BARE = re.compile(r"(?<![\w.,])(?P<number>\d{1,3}(?:[ .]\d{3})+|\d{4,6})(?P<thousand>)(?![\w%]|[.,]\d)")
_THOUSANDS = re.compile(r"(?<![\w.,])(?P<number>\d{1,3})(?P<thousand> ?k| duizend| ?mille)\b")
_A_YEAR = re.compile(r"(?:19|20)\d\d")
_PER_MONTH = re.compile(
    r"^[^.?!,;]{0,14}?(?:per maand|/ ?maand|maandelijks|elke maand|par mois|/ ?mois|mensuel\w*|chaque mois)\b"
)
_BEFORE_A_YEAR = re.compile(
    r"\b(?:sinds|sedert|geboren(?: in)?|gestart(?: in)?|begonnen(?: in)?|start(?:te)? in|opgericht(?: in)?|"
    r"aangesloten(?: in)?|getrouwd(?: in)?|gestopt(?: in)?|depuis|nee?(?: en)?|commence(?: en)?|debute(?: en)?|"
    r"lance(?: en)?|cree+(?: en)?|affilie+(?: en)?|marie+(?: en)?|arrete(?: en)?)(?: [a-z]+)? $"
)
_CATEGORIES: Tuple[Tuple[str, "re.Pattern[str]"], ...] = (
    ("spouse_mini", re.compile(r"\bmini[ -]?stat(?:uut|ut)\b")),
    (
        "spouse_maxi",
        re.compile(r"\b(?:maxi[ -]?stat(?:uut|ut)|meewerkende? (?:echtgeno\w+|partner)|conjointe? aidante?)\b"),
    ),
    ("article_37", re.compile(r"\bart(?:ikel|icle|\.)? ?37\b")),
    ("primostarter", re.compile(r"\bprimo[ -]?starters?\b")),
    ("secondary", re.compile(r"\b(?:bijberoep|(?:a titre |activite |independante? )complementaire)\b")),
    ("student", re.compile(r"\b(?:student\w*|etudiante?s?)\b")),
    ("pensioner", re.compile(r"\b(?:gepensioneerde?n?|pensionnee?s?|retraitee?s?)\b")),
    ("main", re.compile(r"\b(?:hoofdberoep|a titre principal|activite principale)\b")),
)  # fmt: skip
# How far before an amount, or after it, the word stands that says what it is.
_NEAR = 45


def find_roles(text: str, entities: List[Dict[str, Any]]) -> List[Dict[str, Any]]:
    """The entities with their `role` where it is clear: income and balance of an amount (`per` month when it is said),
    since of a year; with amounts that only their role shows ("een inkomen van 30000"), and the category, if one only.
    """
    plain = _same_length(text)
    found = [dict(entity) for entity in entities]
    for entity in found:
        before, after = plain[max(entity["start"] - _NEAR, 0) : entity["start"]], plain[entity["end"] :]
        if entity["entity"] == "amount":
            _mark_amount(entity, before, after)
        elif entity["entity"] == "year" and _BEFORE_A_YEAR.search(before):
            entity["role"] = "since"
    for pattern in (_THOUSANDS, _BARE):
        for match in pattern.finditer(plain):
            start, end = match.span()
            if any(start < other["end"] and other["start"] < end for other in found):
                continue
            if _A_YEAR.fullmatch(match["number"]) and not match["thousand"]:
                continue
            digits = re.sub(r"[ .]", "", match["number"])
            value = f"{int(digits) * (1000 if match['thousand'] else 1)}.00"
            entity = {"entity": "amount", "value": value, "start": start, "end": end, "extractor": "relais"}
            _mark_amount(entity, plain[max(start - _NEAR, 0) : start], plain[end:])
            if "role" in entity:
                found.append(entity)
    named = {name: match for name, pattern in _CATEGORIES if (match := pattern.search(plain))}
    if len(named) == 1:
        (name, match), *_ = named.items()
        found.append(
            {"entity": "category", "value": name, "start": match.start(), "end": match.end(), "extractor": "relais"}
        )
    return sorted(found, key=lambda entity: entity["start"])


def _mark_amount(entity: Dict[str, Any], before: str, after: str) -> None:
    # The nearest word decides: what stands before the amount, else right behind it.
    balance = [match.end() for match in _BALANCE.finditer(before)]
    income = [match.end() for match in _INCOME.finditer(before)]
    if (balance and (not income or balance[-1] > income[-1])) or (not income and _BALANCE.match(after[:12].strip())):
        entity["role"] = "balance"
    elif income or _INCOME.search(after[:_NEAR]):
        entity["role"] = "income"
    if _PER_MONTH.search(after):
        entity["per"] = "month"


def _same_length(text: str) -> str:
    """Normalised letter by letter, so that places stay those of the text."""
    letters = (normalise(letter) for letter in text)
    return "".join(plain if len(plain) == 1 else letter for plain, letter in zip(letters, text, strict=True))


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class Roles(Step):
    """Adds the roles and the category to each message's entities."""

    def process(self, messages: List[Message]) -> List[Message]:
        """Find them."""
        for message in messages:
            entities = message.get(ENTITIES) or []
            message.set(ENTITIES, find_roles(message.get(CLEAN) or "", entities), add_to_output=True)
        return messages
