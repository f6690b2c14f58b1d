"""The answers of `data/<language>/answers/`: one file per topic and language, the same facets and marks on both sides.

A file holds one version of the answer, or a list of versions with an `effective_from` each, oldest first. A fund's own
changes to an answer stand beside it, in `data/<language>/answers/<fund>/<topic>.yml`.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fund.answers.bodies import Body, load_bodies
from fund.answers.yaml_file import ContentError, YamlFile, read_yaml
from fund.law.parameters import Law, Source
from fund.phrases import LANGUAGES, Phrases, load_phrases

Facet = Literal[
    "answer",
    "conditions",
    "amount",
    "how_to_apply",
    "alternatives",
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

FUND_FIELDS = ("name", "contact_person", "channels", "telephone", "email", "website", "privacy", "fee")

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
# "du un montant": what a mark may become decides which words can stand before it; `de` and `que` are elided.
_FRENCH_ELISION = re.compile(r"\b(?:le|du|des|au|aux) \{(?!fund\.name)", re.IGNORECASE)
_MARKUP = re.compile(r"\*\*|^\s*#|^\s*[*•]\s|</?[a-z]+>", re.MULTILINE)


class AnswerError(ContentError):
    """An answer file is broken; the message names the file, the line, what is wrong and the remedy."""

    @property
    def topic(self) -> str:
        """The topic whose answer it is."""
        return self.path.stem


class NoAnswerError(LookupError):
    """There is no answer on this topic, or none yet for this date; the message says which."""


class _Checked(BaseModel):
    """A text on a topic with the day of its check and its sources."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    topic: str
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
    fingerprint: str = ""
    """Eight characters that change with the content; the trace of a reply names them."""

    @property
    def name(self) -> str:
        """What the trace of a reply calls this version: day of the check and fingerprint."""
        return f"{self.checked_on}/{self.fingerprint}"


class Version(_Checked):
    """The answer on one topic in one language, from one date on."""

    title: str
    facets: dict[Facet, str]

    def texts(self) -> Iterator[tuple[tuple[str, str], str]]:
        """Where each text stands, and the text."""
        return ((("facets", facet), text) for facet, text in self.facets.items())


class LocalChange(_Checked):
    """What one fund changes in the answer on one topic: facets that it replaces, and paragraphs that it adds."""

    replace: dict[Facet, str] = Field(default_factory=dict)
    add: dict[Facet, str] = Field(default_factory=dict)

    def texts(self) -> Iterator[tuple[tuple[str, str], str]]:
        """Where each text stands, and the text."""
        for name in ("replace", "add"):
            yield from (((name, facet), text) for facet, text in getattr(self, name).items())


@dataclass(frozen=True)
class Answers:
    """All answers by language and topic, each with its versions from old to new, and the words around them."""

    by_language: Mapping[str, Mapping[str, tuple[Version, ...]]]
    phrases: Phrases
    bodies: Mapping[str, Body]
    local: Mapping[str, Mapping[str, Mapping[str, LocalChange]]] = field(default_factory=dict)
    """By fund, language and topic."""

    def has_answer(self, topic: str) -> bool:
        """Whether there is an answer on `topic` (it then exists in both languages)."""
        return topic in self.by_language["nl"]

    def without(self, topics: set[str]) -> "Answers":
        """These answers but for some topics."""
        kept = {
            language: {topic: versions for topic, versions in found.items() if topic not in topics}
            for language, found in self.by_language.items()
        }
        return replace(self, by_language=kept)

    def version_on(self, topic: str, *, language: str, on: date, fund: str | None = None) -> Version:
        """The version of the answer that holds on the day `on`, with the changes of `fund`.

        NoAnswerError when the topic or the day has none.
        """
        if not self.has_answer(topic):
            raise NoAnswerError(f"there is no answer on {topic} yet")
        versions = self.by_language[language][topic]
        holding = [one for one in versions if one.effective_from is None or one.effective_from <= on]
        if not holding:
            raise NoAnswerError(f"the answer on {topic} goes back to {versions[0].effective_from}, not to {on}")
        change = self.local.get(fund or "", {}).get(language, {}).get(topic)
        if change is None or (change.effective_from or date.min) > on:
            return holding[-1]
        return _changed(holding[-1], change)


def _changed(version: Version, change: LocalChange) -> Version:
    """`version` as one fund says it; it is as fresh as the older of the two texts."""
    facets = {**version.facets, **change.replace}
    for facet, text in change.add.items():
        facets[facet] = f"{facets[facet]}\n\n{text}" if facet in facets else text
    urls = {source.url for source in change.sources}
    return version.model_copy(
        update={
            "facets": {facet: facets[facet] for facet in FACETS if facet in facets},
            "sources": (*change.sources, *(source for source in version.sources if source.url not in urls)),
            "checked_on": min(version.checked_on, change.checked_on),
            "plain_figures": (*version.plain_figures, *change.plain_figures),
            "check_again_by": min(version.check_again_by, change.check_again_by),
            "fingerprint": f"{version.fingerprint}+{change.fingerprint}",
        }
    )


def load_answers(data: Path) -> Answers:
    """Read every answer of both languages, and the phrases around them.

    Raises AnswerError (file, line, remedy) when a file is broken or the two languages do not have the same topics,
    versions, sources, facets and marks.
    """
    answers, problems = read_answers(data)
    if problems:
        raise problems[0]
    return answers


def read_answers(data: Path) -> tuple[Answers, list[AnswerError]]:
    """Every answer that is whole in both languages, and everything that is wrong with the others.

    A broken answer is left out, so that the others stay; a fund's broken change takes the answer out for all funds,
    because nobody can know what it was meant to correct.
    """
    problems: list[AnswerError] = []
    bodies = load_bodies(data)
    read = _Reading(bodies, problems)
    versions = read.both_languages(data, "answers", _read_versions)
    local: dict[str, dict[str, dict[str, LocalChange]]] = {}
    for fund in sorted({path.name for path in data.glob("*/answers/*/") if path.is_dir()}):
        found = read.both_languages(data, f"answers/{fund}", _read_change)
        local[fund] = {language: {topic: one for topic, (one,) in topics.items()} for language, topics in found.items()}
        for topic in found["nl"].keys() - versions["nl"].keys():
            path = data / "nl" / "answers" / fund / f"{topic}.yml"
            problems.append(AnswerError(path, 1, f"there is no answer “{topic}” to change", "Correct the file name."))
    answers = Answers(versions, load_phrases(data), bodies, local)
    return answers.without({error.topic for error in problems}), problems


def unknown_parameters(answers: Answers, *, law: Law, data: Path) -> list[AnswerError]:
    """The marks that name a parameter which no law file holds."""
    problems = []
    for language, topics in answers.by_language.items():
        for topic, versions in topics.items():
            path = data / language / "answers" / f"{topic}.yml"
            named = {(path, id) for version in versions for _, text in version.texts() for id in parameters_in(text)}
            for fund, changes in answers.local.items():
                if topic in changes[language]:
                    local = path.parent / fund / path.name
                    named |= {(local, id) for _, text in changes[language][topic].texts() for id in parameters_in(text)}
            for file, id in sorted(named):
                if id not in law.parameters:
                    line = _line_of_mark(file, id)
                    what = f"no law file holds the parameter “{id}”"
                    problems.append(AnswerError(file, line, what, "Correct the mark, or add it in data/law."))
    return problems


def _line_of_mark(path: Path, id: str) -> int:
    lines = path.read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if f"{{{id}" in line)


def marks(text: str) -> Counter[str]:
    """How often each mark stands in `text`, without its braces."""
    return Counter(MARK.findall(text))


def parameters_in(text: str) -> set[str]:
    """The ids of the parameters that `text` shows."""
    return {re.split("[@:]", mark)[0] for mark in marks(text) if "." not in mark}


_Place = tuple[str | int, ...]
_Kind = TypeVar("_Kind", bound=_Checked)
_ReadOne = Callable[[YamlFile], list[tuple[_Place, _Checked]]]


@dataclass
class _Reading:
    """Reads content in both languages and collects what is wrong."""

    bodies: Mapping[str, Body]
    problems: list[AnswerError]

    def both_languages(self, data: Path, folder: str, read_one: _ReadOne) -> dict[str, dict[str, tuple[_Checked, ...]]]:
        """The files of `folder` by language and topic, as read by `read_one`, compared with the other language."""
        files = {language: self._read_folder(data / language / folder, language, read_one) for language in LANGUAGES}
        for language, other in (("nl", "fr"), ("fr", "nl")):
            for topic, (file, _) in files[language].items():
                if topic not in files[other] and not (data / other / folder / f"{topic}.yml").exists():
                    remedy = f"Add data/{other}/{folder}/{topic}.yml."
                    self.problems.append(AnswerError(file.path, 1, f"“{topic}” has no answer in “{other}”", remedy))
        for topic in files["nl"].keys() & files["fr"].keys():
            file, french = files["fr"][topic]
            self.problems += _differences(file, files["nl"][topic][1], french)
        return {language: {topic: found for topic, (_, found) in topics.items()} for language, topics in files.items()}

    def _read_folder(self, directory: Path, language: str, read_one: _ReadOne) -> dict[str, tuple[YamlFile, tuple]]:
        found = {}
        for path in sorted(directory.glob("*.yml")):
            try:
                file = read_yaml(path)
                entries = read_one(file)
            except ContentError as error:
                self.problems.append(AnswerError.like(error))
                continue
            for place, entry in entries:
                for where, text in entry.texts():
                    self.problems += _wrong_in(
                        file, (*place, *where), text,
                        language=language, plain=entry.plain_figures, bodies=self.bodies,
                    )  # fmt: skip
            found[path.stem] = (file, tuple(entry for _, entry in entries))
        return found


def _read_versions(file: YamlFile) -> list[tuple[_Place, Version]]:
    """The versions of an answer with their place in the file, oldest first. AnswerError when their shape is wrong."""
    listed = isinstance(file.content, list)
    contents = file.content if listed else [file.content]
    versions: list[tuple[_Place, Version]] = []
    for number, content in enumerate(contents):
        place: _Place = (number,) if listed else ()
        version = _validated(file, place, content, Version)
        if "answer" not in version.facets:
            raise _error(file, (*place, "facets"), "the facet “answer” is missing", "Add it: two or three sentences.")
        if versions and (version.effective_from is None or version.effective_from <= _start(versions[-1][1])):
            raise _error(
                file,
                (*place, "effective_from"),
                "the versions are not in order",
                "Give every version but the first an effective_from, oldest first.",
            )
        facets = {facet: _reflow(version.facets[facet]) for facet in FACETS if facet in version.facets}
        versions.append((place, version.model_copy(update={"facets": facets})))
    if not versions:
        raise AnswerError(file.path, 1, "this file is empty", "Write the answer, or remove the file.")
    return versions


def _read_change(file: YamlFile) -> list[tuple[_Place, LocalChange]]:
    """The one change of a fund to an answer. AnswerError when its shape is wrong."""
    change = _validated(file, (), file.content, LocalChange)
    if not change.replace and not change.add:
        raise _error(file, (), "this change changes nothing", "Write facets under replace or add.")
    texts = {
        name: {facet: _reflow(text) for facet, text in getattr(change, name).items()} for name in ("replace", "add")
    }
    return [((), change.model_copy(update=texts))]


def _start(version: Version) -> date:
    return version.effective_from or date.min


def _validated(file: YamlFile, place: _Place, content: object, kind: type[_Kind]) -> _Kind:
    try:
        found = kind.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        steps = tuple(step for step in first["loc"] if step != "[key]")
        name = ".".join(str(step) for step in steps) or "the answer"
        known = ", ".join(field for field in kind.model_fields if field != "fingerprint")
        remedy = {
            "missing": "Add it.",
            "extra_forbidden": f"Take it out or correct its name; known are {known}.",
            "literal_error": f"Use one of {', '.join(FACETS)}.",
        }.get(first["type"], "Correct this value; compare with another answer.")
        if steps[:1] == ("fingerprint",):
            remedy = "Take it out."
        raise _error(file, (*place, *steps), f"{name}: {first['msg']}", remedy) from error
    if found.topic != file.path.stem:
        raise _error(file, (*place, "topic"), f"the topic “{found.topic}” is not the file name", "Make them alike.")
    fingerprint = sha256(yaml.safe_dump(content, sort_keys=True).encode()).hexdigest()[:8]
    return found.model_copy(update={"fingerprint": fingerprint})


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


def _wrong_in(
    file: YamlFile, place: _Place, text: str, *, language: str, plain: tuple[str, ...], bodies: Mapping[str, Body]
) -> Iterator[AnswerError]:
    """Whatever is wrong with one text: a broken mark, a typed figure, a typed form of address, markup."""
    if not text:
        yield _error(file, place, "this facet is empty", "Write it or take it out.")
        return
    for mark in MARK.findall(text):
        if not _is_mark(mark, bodies):
            yield _error(
                file,
                place,
                f"the mark {{{mark}}} is unknown",
                "Write {parameter_id}, {parameter_id@2025-12-31}, {parameter_id:table}, {contact.BODY} with a body of "
                f"data/bodies.yml, or {{fund.FIELD}} with one of {', '.join(FUND_FIELDS)}.",
            )
    without_marks = MARK.sub("…", text)
    if "{" in without_marks or "}" in without_marks:
        yield _error(file, place, "a brace has no partner", "Braces stand only around a mark: {parameter_id}.")
    without_address = _ADDRESS.sub("…", without_marks) if language == "nl" else without_marks
    if "[" in without_address or "]" in without_address:
        remedy = "Write [je|u], one word or group on each side." if language == "nl" else "French always says vous."
        yield _error(file, place, "a square bracket that is no form of address", remedy)
    undated = _PLAIN_DIGITS.sub("", without_marks)
    for typed in re.findall(r"\d[\d.,]*", undated):
        if typed.rstrip(".,") not in plain:
            yield _error(
                file,
                place,
                f"the figure “{typed}” is typed in",
                "Use the mark of its parameter, or list it under plain_figures when it only names a rule.",
            )
    for address in _DUTCH_ADDRESS.findall(without_address) if language == "nl" else ():
        yield _error(
            file,
            place,
            f"“{address}” is typed without its other form",
            "Write [je|u], [jouw|uw], [je hebt|u hebt].",
        )
    for elided in _FRENCH_ELISION.findall(text) if language == "fr" else ():
        yield _error(
            file,
            place,
            f"“{elided[:-1].strip()}” stands right before a mark",
            "The mark may become “un montant qui…”: put a colon before it, or turn the sentence round.",
        )
    if _MARKUP.search(text):
        yield _error(file, place, "the text holds Markdown or HTML", "Plain text only; a list item starts with “- ”.")


def _is_mark(mark: str, bodies: Mapping[str, Body]) -> bool:
    kind, dot, name = mark.partition(".")
    if dot:
        return name in {"fund": FUND_FIELDS, "contact": bodies}.get(kind, ())
    return _PARAMETER.fullmatch(mark) is not None


def _differences(file: YamlFile, dutch: tuple[_Checked, ...], french: tuple[_Checked, ...]) -> Iterator[AnswerError]:
    """Where the two languages are not the same answer; the errors name the French `file`."""
    listed = isinstance(file.content, list)
    if len(dutch) != len(french):
        yield _error(file, (), f"{len(french)} versions here, {len(dutch)} in Dutch", "Write the same ones.")
        return
    for number, (one, other) in enumerate(zip(dutch, french, strict=True)):
        place: _Place = (number,) if listed else ()
        for name in ("effective_from", "checked_on", "check_again_by", "sources"):
            if getattr(one, name) != getattr(other, name):
                yield _error(file, (*place, name), f"{name} differs from the Dutch answer", "Make them alike.")
        theirs, ours = dict(one.texts()), dict(other.texts())
        for where in sorted(theirs.keys() ^ ours.keys()):
            missing = "fr" if where in theirs else "nl"
            yield _error(
                file,
                (*place, where[0]),
                f"the facet “{where[1]}” is missing in “{missing}”",
                "Write the same facets in both languages.",
            )
        for where in theirs.keys() & ours.keys():
            odd = (marks(theirs[where]) - marks(ours[where])) + (marks(ours[where]) - marks(theirs[where]))
            if odd:
                yield _error(
                    file,
                    (*place, *where),
                    f"other marks than in Dutch: {', '.join(sorted(odd))}",
                    "Both languages show the same figures.",
                )


def _error(file: YamlFile, location: _Place, problem: str, remedy: str) -> AnswerError:
    return AnswerError(file.path, file.line_of(location), problem, remedy)
