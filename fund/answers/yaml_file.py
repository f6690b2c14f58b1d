"""Reads a YAML file so that an error can name the line it stands on."""

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

# libyaml reads ten times faster than the parser in Python; both give the same nodes.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DATE = re.compile(r"\b\d{4}-\d\d-\d\d\b")


class ContentError(ValueError):
    """A content file is broken; the message names the file, the line, what is wrong and the remedy."""

    def __init__(self, path: Path, line: int, problem: str, remedy: str) -> None:
        super().__init__(f"{path}, line {line}: {problem}. {remedy}")
        self.path, self.line, self.problem, self.remedy = path, line, problem, remedy

    @classmethod
    def like(cls, error: "ContentError") -> "ContentError":
        """The same error as one of this kind."""
        return cls(error.path, error.line, error.problem, error.remedy)


@dataclass(frozen=True)
class YamlFile:
    """The content of one YAML file and where each part of it stands."""

    path: Path
    content: Any
    root: yaml.Node | None

    def line_of(self, location: tuple[str | int, ...]) -> int:
        """The line (from 1) of the part at `location`, such as ("facets", "answer"); if absent, of what is above it."""
        node, line = self.root, 1
        for step in location:
            found = None
            if isinstance(node, yaml.MappingNode):
                found = next((pair for pair in node.value if pair[0].value == str(step)), None)
                if found:
                    line, node = found[0].start_mark.line + 1, found[1]
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
                found = node = node.value[step]
                line = node.start_mark.line + 1
            if not found:
                break
        return line

    def error(self, location: tuple[str | int, ...], problem: str, remedy: str) -> ContentError:
        """An error about the part at `location`."""
        return ContentError(self.path, self.line_of(location), problem, remedy)


def read_yaml(path: Path) -> YamlFile:
    """Read `path`; ContentError when it is missing or not YAML in UTF-8, or when a key stands twice in one place."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise ContentError(path, 1, "this file is missing", "Put it back.") from error
    except UnicodeDecodeError as error:
        raise ContentError(path, 1, "this file is not in UTF-8", "Save it as UTF-8.") from error
    try:
        loader = _LOADER(text)
        root = loader.get_single_node()
        content = loader.construct_document(root) if root else None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "this file is not YAML"
        raise ContentError(
            path,
            mark.line + 1 if mark else 1,
            f"not readable as YAML: {problem}",
            "Look at the indentation, and put a text with a colon between quotes.",
        ) from error
    except ValueError as error:  # a date that no calendar has: YAML makes a date of it before anybody can look
        line = next((n for n, one in enumerate(text.splitlines(), start=1) if _has_impossible_date(one)), 1)
        raise ContentError(path, line, f"no date: {error}", "Write a day that exists, as 2026-11-30.") from error
    _refuse_double_keys(path, root)
    return YamlFile(path, content, root)


def _has_impossible_date(line: str) -> bool:
    for written in _DATE.findall(line):
        try:
            date.fromisoformat(written)
        except ValueError:
            return True
    return False


def _refuse_double_keys(path: Path, node: yaml.Node | None) -> None:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                raise ContentError(path, key.start_mark.line + 1, f"“{key.value}” stands twice", "Keep one of them.")
            seen.add(key.value)
            _refuse_double_keys(path, value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            _refuse_double_keys(path, value)
