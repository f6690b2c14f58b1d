"""Masks numbers that identify a person or an account, before anything is stored (rijksregisternummer, IBAN, bank card)."""

import re
from typing import NamedTuple

from stdnum import iban, luhn
from stdnum.be import nn

_CANDIDATE = re.compile(
    r"(?P<iban>\b[A-Za-z]{2}\d{2}(?:[ .-]?[A-Za-z0-9]{4}){2,7}(?:[ .-]?[A-Za-z0-9]{1,3})?\b)"
    r"|(?P<digits>(?<![\d+/])\d(?:[ ./-]?\d){10,18}(?![\d/]))"
)
_NATIONAL_NUMBER_SHAPE = re.compile(r"\d\d[./ -]\d\d[./ -]\d\d[./ -]?\d{3}[./ -]?\d\d")


class Masked(NamedTuple):
    """A text without such numbers, and the kinds that were found: `national_number`, `account`, `card`."""

    text: str
    kinds: frozenset[str]


def mask(text: str) -> Masked:
    """Replace every national number, IBAN and card number in `text` by bullets that keep its last two characters.

    A number in the usual shape of a national number is masked even when its check digits are wrong: a typing error
    leaves it personal. Structured communications, telephone and enterprise numbers stay.
    """
    kinds: set[str] = set()

    def replace(match: re.Match[str]) -> str:
        found = match.group()
        kind = _kind_of(found)
        if kind is None:
            return found
        kinds.add(kind)
        return "•" * (len(found) - 2) + found[-2:]

    return Masked(_CANDIDATE.sub(replace, text), frozenset(kinds))


def _kind_of(found: str) -> str | None:
    digits = re.sub(r"\D", "", found)
    if found[0].isalpha():
        return "account" if iban.is_valid(found) else None
    if len(digits) == 11 and (nn.is_valid(digits) or _NATIONAL_NUMBER_SHAPE.fullmatch(found)):
        return "national_number"
    if 13 <= len(digits) <= 19 and luhn.is_valid(digits):
        return "card"
    return None
