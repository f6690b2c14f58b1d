"""The words of the file: the same in both languages, in both forms of address, all of them used."""

import re
from pathlib import Path

import pytest

from fund.file.models import BASES, LINE_KINDS
from fund.phrases import LANGUAGES, Phrases, placeholders

CODE = Path(__file__).resolve().parents[3] / "fund" / "file" / "explanations.py"


def section(phrases: Phrases, language: str) -> dict[str, str]:
    return {key: text for key, text in phrases.texts[language].items() if key.startswith("file.")}


def test_both_languages_say_the_same_things(phrases: Phrases):
    dutch, french = section(phrases, "nl"), section(phrases, "fr")
    assert len(dutch) > 80
    assert dutch.keys() == french.keys()
    for key, text in dutch.items():
        assert placeholders(text) == placeholders(french[key]), key


def test_the_form_of_address_is_marked_in_dutch_only(phrases: Phrases):
    for key, text in section(phrases, "nl").items():
        unmarked = re.sub(r"\[[^\[\]|]*\|[^\[\]|]*\]", "", text)
        assert not re.search(r"\b(je|jij|jou|jouw|u|uw)\b", unmarked, re.IGNORECASE), key
    for key, text in section(phrases, "fr").items():
        assert "[" not in text, key
        assert not re.search(r"\b(tu|ton|tes|toi)\b", text), key
        assert not re.search(r"(?<=\w) [:;?!]", text), f"{key}: a no-break space before the sign"


@pytest.mark.parametrize("language", ["nl", "fr"])
def test_words_that_the_fund_avoids_are_not_used(phrases: Phrases, language):
    avoided = {
        "nl": r"verschuldigd|vervalt|gelieve|dient te|modaliteiten|boete|incasso|\bmedewerker\w* Relais|!",
        "fr": r"redevable|échoir|veuillez|il y a lieu|amende|introduire|apurer|!",
    }[language]
    for key, text in section(phrases, language).items():
        assert not re.search(avoided, text), key


def test_every_phrase_is_used(phrases: Phrases):
    code = CODE.read_text(encoding="utf-8") + CODE.with_name("service.py").read_text(encoding="utf-8")
    # Keys that the code puts together from a column of the file.
    built = {f"calculation_{status}" for status in ("provisional", "final")}
    built |= {f"calculation_basis_{basis}" for basis in BASES} | {f"line_basis_{basis}" for basis in BASES}
    built |= {f"{kind}_basis_income_n3_helped" for kind in ("calculation", "line")}
    built |= {f"line_{kind}" for kind in LINE_KINDS} | {"line_increase_quarter", "line_increase_year"}
    built |= {f"language_{language}" for language in LANGUAGES}
    for key in section(phrases, "nl"):
        name = key.removeprefix("file.")
        assert f'"{name}"' in code or name in built, name
