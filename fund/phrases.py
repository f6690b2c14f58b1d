"""Everything Relais says by itself: short texts in `data/<language>/phrases/*.yml`, one key per text."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from string import Formatter

import yaml

LANGUAGES = ("nl", "fr")
Say = Callable[..., str]

_ADDRESS_MARK = re.compile(r"\[([^\[\]|]*)\|([^\[\]|]*)\]")


class PhraseError(ValueError):
    """A phrase file is broken; the message names the file, the key and the remedy."""


def speak(text: str, *, address: str) -> str:
    """Choose the form of address in `text`: the left side of every `[je|u]` mark for "je", else the right side."""
    return _ADDRESS_MARK.sub(lambda mark: mark.group(1 if address == "je" else 2), text)


@dataclass(frozen=True)
class Phrases:
    """All phrases of all languages, by language and then by `file.key`."""

    texts: dict[str, dict[str, str]]

    def in_voice(self, *, language: str, address: str) -> Say:
        """A function `say(key, **values)` in one language and form of address ("je", "u" or "vous").

        It raises KeyError for an unknown key and for a missing value: a wrong text is a defect, never a blank.
        """
        texts = self.texts[language]

        def say(key: str, **values: object) -> str:
            return speak(texts[key], address=address).format_map(values)

        return say

    def section(self, file: str, *, language: str, address: str) -> dict[str, str]:
        """The phrases of one file, voiced, with their placeholders left in (for pages that fill them in themselves)."""
        prefix = f"{file}."
        return {
            key.removeprefix(prefix): speak(text, address=address)
            for key, text in self.texts[language].items()
            if key.startswith(prefix)
        }


def placeholders(text: str) -> set[str]:
    """The names between braces in `text`. ValueError for a brace without its partner or without a name."""
    names = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
    if not all(name.isidentifier() for name in names):
        raise ValueError("braces hold one name")
    return names


def load_phrases(data: Path) -> Phrases:
    """Read the phrases of both languages and check that both say the same.

    Raises PhraseError when a file does not hold plain texts, or a key or placeholder is missing on one side.
    """
    phrases, problems = read_phrases(data)
    if problems:
        raise problems[0]
    return phrases


def read_phrases(data: Path) -> tuple[Phrases, list[PhraseError]]:
    """The phrases that can be read, and everything that is wrong."""
    problems: list[PhraseError] = []
    texts = {language: _read_language(data / language / "phrases", problems) for language in LANGUAGES}
    dutch, french = texts["nl"], texts["fr"]
    for key in sorted(dutch.keys() ^ french.keys()):
        missing = "fr" if key in dutch else "nl"
        file, _, name = key.partition(".")
        problems.append(
            PhraseError(f"data/{missing}/phrases/{file}.yml has no phrase “{name}”: add it, the other language has it")
        )
    for key in sorted(dutch.keys() & french.keys()):
        if placeholders(dutch[key]) != placeholders(french[key]):
            file, _, name = key.partition(".")
            problems.append(
                PhraseError(
                    f"data/*/phrases/{file}.yml: the phrase “{name}” has other placeholders in Dutch than in French: "
                    f"{sorted(placeholders(dutch[key]) ^ placeholders(french[key]))}"
                )
            )
    return Phrases(texts), problems


def _read_language(directory: Path, problems: list[PhraseError]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for path in sorted(directory.glob("*.yml")):
        try:
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            problems.append(PhraseError(f"{path}: not readable as YAML in UTF-8: {error}"))
            continue
        if not isinstance(content, dict):
            problems.append(PhraseError(f"{path}: must be a list of “key: text” lines"))
            continue
        for key, text in content.items():
            if not isinstance(key, str) or not isinstance(text, str):
                problems.append(PhraseError(f"{path}: “{key}” must be a plain text; put it between quotes"))
                continue
            try:
                placeholders(text)
            except ValueError:
                problems.append(PhraseError(f"{path}: “{key}” has a brace without its partner: write {{name}}"))
                continue
            texts[f"{path.stem}.{key}"] = text.strip()
    return texts
