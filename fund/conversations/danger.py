"""Phrases that mean danger by themselves, for when nobody asks the brain: a member waits for or talks to an officer.

The same reviewed lists as the brain's: `data/<language>/distress_phrases.yml`.
"""

import re
import unicodedata
from pathlib import Path

import yaml

from fund.phrases import LANGUAGES

_NOT_A_WORD = re.compile(r"\W+")


def _as_words(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.lower().replace("’", "'").replace("œ", "oe"))
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    return f" {_NOT_A_WORD.sub(' ', plain).strip()} "


def load_danger_phrases(data: Path) -> tuple[str, ...]:
    """The phrases of both languages, ready to be looked for."""
    files = [data / language / "distress_phrases.yml" for language in LANGUAGES]
    return tuple(
        _as_words(phrase) for file in files for phrase in yaml.safe_load(file.read_text(encoding="utf-8"))["phrases"]
    )


def means_danger(text: str, phrases: tuple[str, ...]) -> bool:
    """Whether the text holds one of the phrases, as whole words, whatever its accents and capitals."""
    words = _as_words(text)
    return any(phrase in words for phrase in phrases)
