"""The answers of `data/<language>/answers/`: one file per topic and language, the same facets and marks on both sides.

A file holds one version of the answer, or a list of versions with an `effective_from` each, oldest first.
"""

import re
from collections import Counter
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fund.answers.yaml_file import ContentError, YamlFile, read_yaml
from fund.law.parameters import Source
from fund.phrases import LANGUAGES, Phrases, load_phrases

Facet = Literal[
    "answer",
    "conditions",
    "amount",
    "how_to_apply",
    "deadline",
    "documents",
    "duration",
    "who_pays",
    "effect_on_pension",
    "by_itself",
    "decision_appeal",
    "competent_body",
    "officer",
    "example",
]
FACETS: tuple[Facet, ...] = Facet.__args__
"""The parts of an answer, in the order in which a member reads them."""

FUND_FIELDS = ("name", "contact_person", "telephone", "email", "website", "privacy", "fee")

MARK = re.compile(r"\{([^{}]*)\}")
_ADDRESS = re.compile(r"\[[^\[\]|]*\|[^\[\]|]*\]")
_PARAMETER = re.compile(r"[a-z][a-z0-9_]*(@\d{4}-\d\d-\d\d|:table)?")
_DAYS = (
    r"\d{1,2}(?:er)? (?:januari|februari|maart|april|mei|juni|juli|augustus|september|oktober|november|december|"
    r"janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre)"
)
# What may be typed although it has digits: days, years, and names with a number in them. Figures of the law may not.
_PLAIN_DIGITS = re.compile(
    rf"{_DAYS}|\b(?:19|20)\d\d\b|\b(?:artikel|article) \d+|\bn(?:r\.|°) \d+|\+32 78 15 1765|\b1765\b",
    re.IGNORECASE,
)
_DUTCH_ADDRESS = re.compile(r"\b(?:je|jij|jou|jouw|jullie|u|uw)\b", re.IGNORECASE)
_FRENCH_ELISION = re.compile(r"\b(?:de|que|le|du|des|au|aux|jusque) \{(?!fund\.name)", re.IGNORECASE)
_MARKUP = re.compile(r"\*\*|^\s*#|^\s*[*•]\s|</?[a-z]+>", re.MULTILINE)


class AnswerError(ContentError):
    """An answer file is broken; the message names the file, the line, what is wrong and the remedy."""


class NoAnswerError(LookupError):
    """There is no answer on this topic, or none yet for this date; the message says which."""


class Version(BaseModel):
    """The answer on one topic in one language, from one date on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    topic: str
    title: str
    effective_from: date | None = None
    """First day on which this version holds; None: as far back as the facts reach."""
    checked_on: date
    """The day on which a person last compared the text with its sources."""
    check_again_by: date
    """After this day the answer says that it may be out of date."""
    sources: tuple[Source, ...] = Field(min_length=1)
    """Where the rules of the text were read; parameters bring their own sources."""
    notes: str | None = None
    """For editors; never shown."""
    plain_figures: tuple[str, ...] = ()
    """Figures that name a rule and carry no date of their own, such as the ages "60" and "61" of a list."""
    facets: dict[Facet, str]
    fingerprint: str = ""
    """Eight characters that change with the content; the trace of a reply names them."""

    @property
    def name(self) -> str:
        """What the trace of a reply calls this version: day of the check and fingerprint."""
        return f"{self.checked_on}/{self.fingerprint}"


_FIELDS = tuple(name for name in Version.model_fields if name != "fingerprint")


@dataclass(frozen=True)
class Answers:
    """All answers by language and topic, each with its versions from old to new, and the words around them."""

    by_language: dict[str, dict[str, tuple[Version, ...]]]
    phrases: Phrases

    def has_answer(self, topic: str) -> bool:
        """Whether there is an answer on `topic` (it then exists in both languages)."""
        return topic in self.by_language["nl"]

    def version_on(self, topic: str, *, language: str, on: date) -> Version:
        """The version of the answer that holds on the day `on`. NoAnswerError when the topic or the day has none."""
        if not self.has_answer(topic):
            raise NoAnswerError(f"there is no answer on {topic} yet")
        versions = self.by_language[language][topic]
        holding = [one for one in versions if one.effective_from is None or one.effective_from <= on]
        if not holding:
            raise NoAnswerError(f"the answer on {topic} goes back to {versions[0].effective_from}, not to {on}")
        return holding[-1]


def load_answers(data: Path) -> Answers:
    """Read every answer of both languages, and the phrases around them.

    Raises AnswerError (file, line, remedy) when a file is broken or the two languages do not have the same topics,
    versions, sources, facets and marks.
    """
    files = {language: _read_language(data / language / "answers") for language in LANGUAGES}
    for dutch, french in (("nl", "fr"), ("fr", "nl")):
        for topic, (file, _) in files[dutch].items():
            if topic not in files[french]:
                raise AnswerError(
                    file.path, 1, f"“{topic}” has no answer in “{french}”", f"Add data/{french}/answers/{topic}.yml."
                )
    for topic, (file, versions) in files["fr"].items():
        _compare(file, files["nl"][topic][1], versions)
    by_language = {
        language: {topic: versions for topic, (_, versions) in topics.items()} for language, topics in files.items()
    }
    return Answers(by_language, load_phrases(data))


def marks(text: str) -> Counter[str]:
    """How often each mark stands in `text`, without its braces."""
    return Counter(MARK.findall(text))


def _read_language(directory: Path) -> dict[str, tuple[YamlFile, tuple[Version, ...]]]:
    return {path.stem: _read_topic(path, language=directory.parent.name) for path in sorted(directory.glob("*.yml"))}


def _read_topic(path: Path, *, language: str) -> tuple[YamlFile, tuple[Version, ...]]:
    try:
        file = read_yaml(path)
    except ContentError as error:
        raise AnswerError.like(error) from error
    listed = isinstance(file.content, list)
    contents = file.content if listed else [file.content]
    versions: list[Version] = []
    for number, content in enumerate(contents):
        place = (number,) if listed else ()
        version = _version(file, place, content)
        if version.topic != path.stem:
            raise _error(
                file, (*place, "topic"), f"the topic “{version.topic}” is not the file name", "Make them alike."
            )
        if "answer" not in version.facets:
            raise _error(file, (*place, "facets"), "the facet “answer” is missing", "Add it: two or three sentences.")
        for facet, text in version.facets.items():
            _check_text(file, (*place, "facets", facet), text, language=language, plain=version.plain_figures)
        if versions and (version.effective_from is None or version.effective_from <= _start(versions[-1])):
            raise _error(
                file,
                (*place, "effective_from"),
                "the versions are not in order",
                "Give every version but the first an effective_from, oldest first.",
            )
        versions.append(version)
    if not versions:
        raise AnswerError(path, 1, "this file is empty", "Write the answer, or remove the file.")
    return file, tuple(versions)


def _start(version: Version) -> date:
    return version.effective_from or date.min


def _version(file: YamlFile, place: tuple[int, ...], content: object) -> Version:
    try:
        version = Version.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        steps = tuple(step for step in first["loc"] if step != "[key]")
        name = ".".join(str(step) for step in steps) or "the answer"
        remedy = {
            "missing": "Add it.",
            "extra_forbidden": f"Take it out or correct its name; known are {', '.join(_FIELDS)}.",
            "literal_error": f"Use one of {', '.join(FACETS)}.",
        }.get(first["type"], "Correct this value; compare with another answer.")
        if steps[:1] == ("fingerprint",):
            remedy = "Take it out."
        raise _error(file, (*place, *steps), f"{name}: {first['msg']}", remedy) from error
    fingerprint = sha256(yaml.safe_dump(content, sort_keys=True).encode()).hexdigest()[:8]
    facets = {facet: _reflow(version.facets[facet]) for facet in FACETS if facet in version.facets}
    return version.model_copy(update={"facets": facets, "fingerprint": fingerprint})


def _reflow(text: str) -> str:
    """Join the lines of each paragraph and list item, so that files may be wrapped."""
    paragraphs = []
    for block in re.split(r"\n\s*\n", text.strip()):
        lines: list[str] = []
        for line in (raw.strip() for raw in block.splitlines()):
            if line.startswith("- ") or line.endswith(":table}") or not lines:
                lines.append(line)
            else:
                lines[-1] += f" {line}"
        paragraphs.append("\n".join(lines))
    return "\n\n".join(paragraphs)


def _check_text(
    file: YamlFile, place: tuple[str | int, ...], text: str, *, language: str, plain: tuple[str, ...]
) -> None:
    """Raises AnswerError when `text` holds a broken mark, a typed figure, a typed form of address, or markup."""
    if not text:
        raise _error(file, place, "this facet is empty", "Write it or take it out.")
    for mark in MARK.findall(text):
        field = mark.removeprefix("fund.")
        known = field in FUND_FIELDS if mark != field else _PARAMETER.fullmatch(mark)
        if not known:
            raise _error(
                file,
                place,
                f"the mark {{{mark}}} is unknown",
                "Write {parameter_id}, {parameter_id@2025-12-31}, {parameter_id:table} or {fund.FIELD} with one of "
                f"{', '.join(FUND_FIELDS)}.",
            )
    without_marks = MARK.sub("…", text)
    if "{" in without_marks or "}" in without_marks:
        raise _error(file, place, "a brace has no partner", "Braces stand only around a mark: {parameter_id}.")
    without_address = _ADDRESS.sub("…", without_marks) if language == "nl" else without_marks
    if "[" in without_address or "]" in without_address:
        remedy = "Write [je|u], one word or group on each side." if language == "nl" else "French always says vous."
        raise _error(file, place, "a square bracket that is no form of address", remedy)
    undated = _PLAIN_DIGITS.sub("", without_marks)
    typed = next((figure for figure in re.findall(r"\d[\d.,]*", undated) if figure.rstrip(".,") not in plain), None)
    if typed:
        raise _error(
            file,
            place,
            f"the figure “{typed}” is typed in",
            "Use the mark of its parameter, or list it under plain_figures when it only names a rule.",
        )
    address = _DUTCH_ADDRESS.search(without_address) if language == "nl" else None
    if address:
        raise _error(
            file,
            place,
            f"“{address.group()}” is typed without its other form",
            "Write [je|u], [jouw|uw], [je hebt|u hebt].",
        )
    elided = _FRENCH_ELISION.search(text) if language == "fr" else None
    if elided:
        raise _error(
            file,
            place,
            f"“{elided.group()[:-1].strip()}” stands right before a mark",
            "The mark may become “un montant qui…”: put a colon before it, or turn the sentence round.",
        )
    if _MARKUP.search(text):
        raise _error(file, place, "the text holds Markdown or HTML", "Plain text only; a list item starts with “- ”.")


def _compare(file: YamlFile, dutch: tuple[Version, ...], french: tuple[Version, ...]) -> None:
    """Raises AnswerError, naming the French `file`, when the two languages are not the same answer."""
    listed = isinstance(file.content, list)
    if len(dutch) != len(french):
        raise _error(file, (), f"{len(french)} versions here, {len(dutch)} in Dutch", "Write the same ones.")
    for number, (one, other) in enumerate(zip(dutch, french, strict=True)):
        place = (number,) if listed else ()
        for field in ("effective_from", "checked_on", "check_again_by", "sources"):
            if getattr(one, field) != getattr(other, field):
                raise _error(file, (*place, field), f"{field} differs from the Dutch answer", "Make them alike.")
        if odd := one.facets.keys() ^ other.facets.keys():
            missing = "fr" if odd & one.facets.keys() else "nl"
            raise _error(
                file,
                (*place, "facets"),
                f"the facet “{min(odd)}” is missing in “{missing}”",
                "Write the same facets in both languages.",
            )
        for facet, text in one.facets.items():
            theirs = marks(other.facets[facet])
            if marks(text) != theirs:
                odd_marks = sorted((marks(text) - theirs) + (theirs - marks(text)))
                raise _error(
                    file,
                    (*place, "facets", facet),
                    f"other marks than in Dutch: {', '.join(odd_marks)}",
                    "Both languages show the same figures.",
                )


def _error(file: YamlFile, location: tuple[str | int, ...], problem: str, remedy: str) -> AnswerError:
    return AnswerError(file.path, file.line_of(location), problem, remedy)
