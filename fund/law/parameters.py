"""The dated parameters of the law: `data/law/*.yml`, checked when loaded, looked up by date, never guessed."""

import difflib
import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, ValidationError

Status = Literal["verified", "single_source", "unverified"]
Unit = Literal[
    "EUR", "EUR/day", "EUR/week", "EUR/month", "EUR/quarter", "EUR/year", "percent", "factor", "index", "hours", "days",
    "half_days", "working_days", "weeks", "months", "quarters", "years", "age", "count", "month_day", "date", "text",
]  # fmt: skip
Axis = Literal[
    "validity", "birth_date", "pension_start", "death_date", "childbirth_date", "income_year", "activity_year",
    "accrual_period",
]  # fmt: skip
Amount = Decimal | str | tuple[Decimal, ...]

_ID = re.compile(r"[a-z][a-z0-9_]*")
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_LEAP_YEAR = "2024"  # so that 29 February passes as a day of the year


# The law itself and the institutions that apply it; also the copies of the official journal.
_OFFICIAL_HOSTS = (
    ".fgov.be", ".belgium.be", ".socialsecurity.be", ".inasti.be", ".rsvz.be", ".fsma.be", ".wikifin.be",
    ".nationale-hilfskasse.be", ".europa.eu", ".mypension.be",
)  # fmt: skip
_OFFICIAL_PUBLISHERS = ("Moniteur belge", "Belgisch Staatsblad")


class LawError(ValueError):
    """A file of the law is broken: `file`, `line` (1 for the file as a whole), `what` is wrong and the `remedy`."""

    def __init__(self, *, file: str, line: int, what: str, remedy: str):
        super().__init__(f"{file}, line {line}: {what}; {remedy}")
        self.file, self.line, self.what, self.remedy = file, line, what, remedy


def _iso_date(raw: object) -> object:
    """A date from an ISO text; everything else is left to fail as a date."""
    if isinstance(raw, str) and _ISO_DATE.fullmatch(raw):
        return date.fromisoformat(raw)
    if raw is None:
        return None
    raise ValueError(f"“{raw}” is no date")


Text = Annotated[str, Field(min_length=1)]
IsoDate = Annotated[date, BeforeValidator(_iso_date)]


class _Strict(BaseModel):
    """A frozen piece of a law file that refuses unknown keys and converts nothing in silence."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Source(_Strict):
    """The page on which a value can be checked."""

    publisher: Text
    title: Text
    url: Annotated[str, Field(pattern=r"^https?://\S+$")]


class ValueRow(_Strict):
    """A value and the days on which it holds, both included; `valid_to` None: no end known."""

    valid_from: IsoDate = Field(alias="from")
    valid_to: IsoDate | None = Field(alias="to")
    value: Amount
    status: Status
    last_verified_on: IsoDate
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]
    note: Text | None = None


class GapRow(_Strict):
    """Days for which nobody found the value, and why."""

    valid_from: IsoDate = Field(alias="from")
    valid_to: IsoDate | None = Field(alias="to")
    value: None
    note: Text


def _kind_of_row(raw: object) -> str:
    return "gap" if isinstance(raw, Mapping) and "value" in raw and raw["value"] is None else "value"


Row = Annotated[Annotated[ValueRow, Tag("value")] | Annotated[GapRow, Tag("gap")], Discriminator(_kind_of_row)]


class Parameter(_Strict):
    """One parameter of the law as it stands in the file, unverified values included (for editors, not for members)."""

    label_nl: Text
    label_fr: Text
    topics: Annotated[tuple[Text, ...], Field(min_length=1)]
    unit: Unit
    axis: Axis = "validity"
    management_fee: Literal["excluded", "included"] | None = None
    note: str
    values: Annotated[tuple[Row, ...], Field(min_length=1)]


@dataclass(frozen=True)
class Value:
    """A value that may be shown: numbers as Decimal (percent: 20.5 = 20.5 %), codes and days of the year as text."""

    id: str
    value: Amount
    unit: Unit
    valid_from: date
    valid_to: date | None
    status: Status
    last_verified_on: date
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class NotKnown:
    """No value that may be shown on that date; `last_known` is the newest one that ended before it, if any."""

    last_known: Value | None


@dataclass(frozen=True)
class Reference:
    """A source as a member sees it: `date` is the day on which a person last checked it."""

    title: str
    url: str
    date: date


@dataclass(frozen=True)
class _Series:
    """The rows of one parameter for look-up: starts ascending, and beside each its value, None when not shown."""

    starts: tuple[date, ...]
    values: tuple[Value | None, ...]


@dataclass(frozen=True)
class Law:
    """All parameters by id. Immutable: load it once and share it."""

    parameters: Mapping[str, Parameter]
    _series: Mapping[str, _Series]

    def value_on(self, id: str, *, on: date) -> Value | NotKnown:
        """The value of parameter `id` on the date `on` of the parameter's own axis (a day of validity, a birth date…).

        Never falls back: a date outside every row, inside a gap or on an unverified row gives NotKnown.
        Raises KeyError for an id that no file holds.
        """
        series = self._series[id]
        position = bisect_right(series.starts, on) - 1
        value = series.values[position] if position >= 0 else None
        if value and (value.valid_to is None or on <= value.valid_to):
            return value
        return NotKnown(next((before for before in reversed(series.values[: position + 1]) if before), None))


def references(values: Iterable[Value]) -> tuple[Reference, ...]:
    """The sources of `values`, each address once, in order, with the publisher in the title."""
    found: dict[str, Reference] = {}
    for value in values:
        for source in value.sources:
            known = source.publisher in source.title
            title = source.title if known else f"{source.publisher}: {source.title}"
            found.setdefault(source.url, Reference(title, source.url, value.last_verified_on))
    return tuple(found.values())


def best_sourced(value: Value) -> Value:
    """`value` with its official sources, or with all of them when it has none: two at most, as many as it takes."""
    official = tuple(source for source in value.sources if is_official(source))
    return replace(value, sources=(official or value.sources)[:2])


def is_official(source: Source) -> bool:
    """Whether a source is the law itself or an institution that applies it."""
    host = f".{urlsplit(source.url).hostname}"
    return any(name in source.publisher for name in _OFFICIAL_PUBLISHERS) or host.endswith(_OFFICIAL_HOSTS)


def load_law(directory: Path) -> Law:
    """Read and check every `*.yml` in `directory`.

    Raises LawError with file, line and remedy on broken YAML, an unknown or missing key, a value that does not fit its
    unit, a missing source, an id used twice, and rows that are unsorted, overlap or leave days out undeclared.
    """
    law, problems = read_law(directory)
    if problems:
        raise problems[0]
    return law


def read_law(directory: Path) -> tuple[Law, list[LawError]]:
    """Every parameter that is whole, and everything that is wrong with the others, file by file."""
    problems: list[LawError] = []
    files = sorted(directory.glob("*.yml"))
    if not files:
        problems.append(
            LawError(
                file=str(directory), line=1, what="no law files (*.yml) found", remedy="check the path of the directory"
            )
        )
    parameters: dict[str, Parameter] = {}
    where: dict[str, str] = {}
    for file in files:
        try:
            document = _Document(file)
            entries = _entries(document)
        except LawError as error:
            problems.append(error)
            continue
        for id_, raw in entries.items():
            try:
                if id_ in parameters:
                    raise document.error(
                        ("parameters", id_),
                        f"the parameter “{id_}” also stands in {where[id_]}",
                        "keep one of the two, or give the new one an id of its own",
                    )
                parameters[id_], where[id_] = _parameter(document, id_, raw), str(file)
            except LawError as error:
                problems.append(error)
    series = {id_: _series(id_, parameter) for id_, parameter in parameters.items()}
    return Law(MappingProxyType(parameters), MappingProxyType(series)), problems


def _series(id_: str, parameter: Parameter) -> _Series:
    values = tuple(
        None
        if row.value is None or row.status == "unverified"
        else Value(
            id_,
            row.value,
            parameter.unit,
            row.valid_from,
            row.valid_to,
            row.status,
            row.last_verified_on,
            row.sources,
        )
        for row in parameter.values
    )
    return _Series(tuple(row.valid_from for row in parameter.values), values)


class _Document:
    """A YAML file as plain data that remembers the line of every part; numbers are Decimal, lists tuples."""

    def __init__(self, file: Path):
        self.file = file
        self._lines: dict[tuple[str | int, ...], int] = {(): 1}
        try:
            root = yaml.compose(file.read_text(encoding="utf-8"), Loader=_LOADER)
        except UnicodeDecodeError as error:
            raise self.error((), "the file is not in UTF-8", "save it in UTF-8") from error
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            what = f"no valid YAML: {error.problem or error.context}"
            line = mark.line + 1 if mark else 1
            remedy = "check the indentation, the quotes and the brackets on this line and the one before"
            raise LawError(file=str(file), line=line, what=what, remedy=remedy) from error
        self.data = self._plain(root, ()) if root else None

    def line(self, path: Iterable[str | int]) -> int:
        """The line of the deepest part of `path` that the file has (steps it does not have are passed over)."""
        here: tuple[str | int, ...] = ()
        for step in path:
            if (*here, step) in self._lines:
                here = (*here, step)
        return self._lines[here]

    def error(self, path: Iterable[str | int], what: str, remedy: str) -> LawError:
        return LawError(file=str(self.file), line=self.line(path), what=what, remedy=remedy)

    def _plain(self, node: yaml.Node, path: tuple[str | int, ...]) -> Any:
        self._lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            mapping = {}
            for key_node, value_node in node.value:
                key = str(key_node.value)
                at = (*path, key)
                if at in self._lines:
                    raise LawError(
                        file=str(self.file),
                        line=key_node.start_mark.line + 1,
                        what=f"the key “{key}” is written twice (first on line {self._lines[at]})",
                        remedy="keep one of the two",
                    )
                self._lines[at] = key_node.start_mark.line + 1
                mapping[key] = self._plain(value_node, at)
            return mapping
        if isinstance(node, yaml.SequenceNode):
            return tuple(self._plain(item, (*path, number)) for number, item in enumerate(node.value))
        return _scalar(node)


def _scalar(node: yaml.ScalarNode) -> Decimal | str | bool | None:
    kind = node.tag.rpartition(":")[2]
    if kind == "null":
        return None
    if kind == "bool":  # yes, no, on, off without quotes: no law file has a use for it, so it fails as a wrong type
        return True
    if kind in ("int", "float"):
        try:
            return Decimal(node.value)
        except InvalidOperation:  # YAML also takes 1:30 and .inf for numbers: they stay texts and fail on the unit
            return node.value
    return node.value


# libyaml reads the files ten times faster than the parser in Python; both give the same nodes.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _entries(document: _Document) -> dict[str, Any]:
    """The parameters of a file as they stand there, by id."""
    data = document.data
    if not isinstance(data, dict) or not isinstance(data.get("parameters"), dict):
        raise document.error((), "the file has no parameters", "start it with “parameters:”, the ids indented below it")
    for key in data:
        if key != "parameters":
            raise document.error((key,), f"unknown key “{key}”", "only “parameters” belongs at the top of a law file")
    return data["parameters"]


def _parameter(document: _Document, id_: str, raw: object) -> Parameter:
    """One checked parameter."""
    at = ("parameters", id_)
    if not _ID.fullmatch(id_):
        raise document.error(at, f"“{id_}” is no parameter id", "use lower-case letters, digits and underscores")
    try:
        parameter = Parameter.model_validate(raw)
    except ValidationError as error:
        raise _explain(document, at, min(error.errors(), key=_urgency)) from error
    for number, row in enumerate(parameter.values):
        _check_value(document, (*at, "values", number, "value"), parameter.unit, row.value)
    _check_periods(document, (*at, "values"), parameter.values)
    return parameter


def _urgency(problem: Mapping[str, Any]) -> int:
    """A misspelt key goes before the key that is then missing; a list is too short only when nothing else is wrong."""
    return {"extra_forbidden": 0, "too_short": 2}.get(problem["type"], 1)


def _explain(document: _Document, at: tuple[str, str], problem: Mapping[str, Any]) -> LawError:
    """Pydantic's `problem` with the parameter at `at`, in words for the person who edits the file."""
    # "value" and "gap" after a row number are Pydantic's names for the kind of row, not keys of the file.
    steps = problem["loc"]
    loc = [
        step
        for place, step in enumerate(steps)
        if not (step in ("value", "gap") and place == 2 and isinstance(steps[1], int))
    ]
    key = next((step for step in reversed(loc) if isinstance(step, str)), at[1])
    row = steps[2] if len(steps) > 2 else None
    model = Source if "sources" in loc and loc[-1] != "sources" else Parameter
    if row in ("value", "gap") and model is Parameter:
        model = GapRow if row == "gap" else ValueRow
    keys = [field.alias or name for name, field in model.model_fields.items()]
    match problem["type"]:
        case "missing" if key == "sources":
            what, remedy = "this value has no source", "add sources with publisher, title and url"
        case "missing":
            what, remedy = f"the key “{key}” is missing", "add it; README.md in data/law shows an example"
        case "extra_forbidden":
            close = difflib.get_close_matches(str(key), keys, n=1)
            what = f"unknown key “{key}”"
            remedy = f"did you mean “{close[0]}”?" if close else f"remove it; allowed are {', '.join(keys)}"
        case "literal_error":
            what, remedy = f"“{problem['input']}” is no known {key}", f"use {problem['ctx']['expected']}"
        case "too_short" if key == "sources":
            what, remedy = "this value has no source", "add at least one with publisher, title and url"
        case "too_short":
            what, remedy = f"“{key}” is empty", "add at least one"
        case "string_pattern_mismatch":
            what, remedy = f"“{problem['input']}” is no web address", "write the full address, with https://"
        case "value_error":
            what, remedy = f"“{key}”: “{problem['input']}” is no date", "write it as 'YYYY-MM-DD' between quotes"
        case _:
            what = f"“{key}” does not fit: {problem['msg'][0].lower()}{problem['msg'][1:]}"
            remedy = "README.md in data/law shows an example"
    return document.error((*at, *loc), what, remedy)


def _check_value(document: _Document, path: tuple, unit: Unit, value: Amount | None) -> None:
    """Raises LawError when `value` does not suit `unit`."""
    if value is None:
        return
    if unit == "text":
        fits, example = isinstance(value, str) and value.strip() != "", "'1632-17', between quotes"
    elif unit == "month_day":
        fits, example = isinstance(value, str) and _is_date(f"{_LEAP_YEAR}-{value}"), "'03-31', between quotes"
    elif unit == "date":
        fits, example = isinstance(value, str) and _is_date(value), "'2025-03-31', between quotes"
    else:
        numbers = value if isinstance(value, tuple) else (value,)
        fits = all(isinstance(one, Decimal) and one.is_finite() and one >= 0 for one in numbers)
        example = "871.71, a number without quotes and with a point before the decimals"
    if not fits:
        raise document.error(path, f"the value “{value}” does not fit the unit {unit}", f"write it like {example}")


def _is_date(text: str) -> bool:
    try:
        return _ISO_DATE.fullmatch(text) is not None and date.fromisoformat(text) is not None
    except ValueError:
        return False


def _check_periods(document: _Document, path: tuple, rows: tuple[ValueRow | GapRow, ...]) -> None:
    """Raises LawError when rows end before they start, are unsorted, overlap, or leave days between them out."""
    before: ValueRow | GapRow | None = None
    for number, row in enumerate(rows):
        at = (*path, number)
        if row.valid_to and row.valid_to < row.valid_from:
            raise document.error(
                (*at, "to"),
                f"the value ends on {row.valid_to}, before it starts on {row.valid_from}",
                "correct one of the two dates",
            )
        if before and row.valid_from < before.valid_from:
            raise document.error(
                (*at, "from"),
                f"the values are not sorted: {row.valid_from} comes after {before.valid_from}",
                "put the oldest value first",
            )
        if before and (before.valid_to is None or row.valid_from <= before.valid_to):
            until = f"lasts until {before.valid_to}" if before.valid_to else "has no end"
            raise document.error(
                (*at, "from"),
                f"this value overlaps the one before it, which {until}",
                f"end that one on {row.valid_from - timedelta(days=1)}",
            )
        if before and before.valid_to and row.valid_from > before.valid_to + timedelta(days=1):
            first, last = before.valid_to + timedelta(days=1), row.valid_from - timedelta(days=1)
            raise document.error(
                (*at, "from"),
                f"there is a gap: no value from {first} to {last}",
                "add the value, or a row with “value: null” and a note that says why it is not known",
            )
        before = row
