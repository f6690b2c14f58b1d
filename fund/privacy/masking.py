"""Masks numbers that identify a person or an account before they are stored (rijksregisternummer, IBAN, bank card)."""

import re
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from stdnum import iban, luhn, numdb
from stdnum.be import ssn

# What people, banks and telephones put between the digits of one number; some of it is not to be seen.
_GAP = r"[\s./_\u00ad\u200b-\u200f\u2010-\u2015\u2060\ufeff-]{0,3}"
_ACCOUNT = re.compile(rf"[A-Za-z]{{2}}{_GAP}\d{_GAP}\d(?:{_GAP}[A-Za-z0-9]){{11,30}}")
_BELGIAN_ACCOUNT = re.compile(r"BE\d\d(?P<gap>[\s.-]?)\d{4}(?P=gap)\d{4}(?P=gap)\d{4}(?!\d)", re.IGNORECASE)
# A card has groups of four or more; telephone numbers and structured communications have other ones.
_CARD_GAP = r"[\s.\u2010-\u2015-]{1,3}"
_CARD = re.compile(rf"(?<![\d+•])\d{{4,19}}(?:{_CARD_GAP}\d{{4,15}}){{0,3}}(?:{_CARD_GAP}\d{{1,5}})?(?!\d)")
_CARD_ISSUER = re.compile(r"(?P<fifteen>3[47])|(?P<fourteen>3[0689])|[3-6]|2[2-7]")
_NATIONAL_NUMBER = re.compile(rf"(?<![\d+•])\d(?:{_GAP}\d){{10}}(?!\d)")
# After how many digits of a national number there may be something between them: 85.07.30-033.28, 850 730 033 28.
_NATIONAL_NUMBER_GAPS = frozenset({2, 3, 4, 6, 9})


class Masked(NamedTuple):
    """A text without such numbers, and the kinds that were found: `national_number`, `account`, `card`."""

    text: str
    kinds: frozenset[str]


def mask(text: str) -> Masked:
    """Replace every national number, IBAN and card number in `text` by bullets that keep its last two characters.

    A national number and a Belgian IBAN in their usual shape are masked even when their check digits are wrong: a
    typing error leaves them personal. Structured communications, telephone and enterprise numbers, amounts and dates
    stay. The text keeps its length.
    """
    kinds = set()
    for kind, pattern, end_of in (
        ("account", _ACCOUNT, _end_of_account),
        ("card", _CARD, _end_of_card),
        ("national_number", _NATIONAL_NUMBER, _end_of_national_number),
    ):
        masked = _replace(text, pattern, end_of)
        if masked != text:
            kinds.add(kind)
        text = masked
    return Masked(text, frozenset(kinds))


def _replace(text: str, pattern: re.Pattern[str], end_of: Callable[[re.Match[str]], int | None]) -> str:
    # A candidate that is none may hide one that starts later in it ("2 85.07.30-033.28"), so we look on from there.
    pieces, done, position = [], 0, 0
    while match := pattern.search(text, position):
        end = end_of(match)
        if end is None:
            position = match.start() + 1
            continue
        pieces += [text[done : match.start()], "•" * (end - 2 - match.start()), text[end - 2 : end]]
        done = position = end
    return "".join([*pieces, text[done:]])


def _end_of_account(match: re.Match[str]) -> int | None:
    usual = _BELGIAN_ACCOUNT.match(match.string, match.start())
    if usual:
        return usual.end()
    length = _account_length(match.group()[:2].upper())
    places = [place for place, character in enumerate(match.group()) if character.isalnum()]
    if length is None or len(places) < length:
        return None
    number = "".join(match.group()[place] for place in places[:length])
    # Not its country's own rules: of Belgian banks the library knows only some.
    return match.start() + places[length - 1] + 1 if iban.is_valid(number, check_country=False) else None


@cache
def _account_length(country: str) -> int | None:
    [(_, info), *_] = numdb.get("iban").info(country)
    structure = info.get("bban")
    return 4 + sum(map(int, re.findall(r"(\d+)!", structure))) if structure else None


def _end_of_card(match: re.Match[str]) -> int | None:
    issuer = _CARD_ISSUER.match(_digits(match.group()))
    if issuer is None:
        return None
    # What follows the number may look like a part of it ("4111 1111 1111 1111 12/27"): the usual length goes first.
    usual = 15 if issuer["fifteen"] else 14 if issuer["fourteen"] else 16
    ends = {len(_digits(match.group()[: group.end()])): group.end() for group in re.finditer(r"\d+", match.group())}
    for length in (usual, *range(19, 12, -1)):
        if length in ends and luhn.is_valid(_digits(match.group()[: ends[length]])):
            return match.start() + ends[length]
    return None


def _end_of_national_number(match: re.Match[str]) -> int | None:
    gaps: dict[int, str] = {}
    digits = 0
    for piece in re.findall(r"\d+|\D+", match.group()):
        if piece[0].isdecimal():
            digits += len(piece)
        else:
            gaps[digits] = piece
    if not gaps.keys() <= _NATIONAL_NUMBER_GAPS:
        return None
    number = _digits(match.group())
    return match.end() if ssn.is_valid(number) or _has_usual_shape(number, gaps) else None


def _has_usual_shape(digits: str, gaps: dict[int, str]) -> bool:
    # A day of birth, its month raised by 20 or 40 for people who live abroad; and no date with an amount behind it.
    if int(digits[2:4]) % 20 > 12 or int(digits[2:4]) > 52 or int(digits[4:6]) > 31:
        return False
    dashed = re.search(r"[\u2010-\u2015-]", gaps.get(6, "")) is not None
    return dashed or (gaps.keys() == {2, 4, 6, 9} and "/" not in gaps[2])


def _digits(text: str) -> str:
    return "".join(str(int(character)) for character in text if character.isdecimal())
