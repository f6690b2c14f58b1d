"""Prints which promises of the funds' service charters are shown by tests: per promise, line and language, or `open`.

A test says so itself, by the mark `charter(promise, line, language)`; one that names no line of `data/charter.yml` is
an error, so that nothing is shown as kept by a slip of the pen.
"""

import argparse
import contextlib
import io
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
import yaml

from api.settings import ROOT

LANGUAGES = ("nl", "fr")
Line = tuple[str, str]


class _Collector:
    """A pytest plugin that only listens: which tests carry which mark."""

    def __init__(self) -> None:
        self.shown: dict[tuple[str, str, str], list[str]] = defaultdict(list)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            for mark in item.iter_markers("charter"):
                promise, line, language = mark.args
                test = item.nodeid.split("[")[0]
                if test not in self.shown[promise, line, language]:
                    self.shown[promise, line, language].append(test)


def load_promises(data: Path) -> dict[str, dict[str, Any]]:
    """The promises of `data/charter.yml` by id, each with its text and the lines that the assistant owes."""
    content = yaml.safe_load((data / "charter.yml").read_text(encoding="utf-8"))
    return {id: promise for id, promise in content.items() if isinstance(promise, dict) and "assistant" in promise}


def collect_marks() -> dict[tuple[str, str, str], list[str]]:
    """The tests by (promise, line, language), as pytest collects them."""
    collector = _Collector()
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        code = pytest.main(
            ["--collect-only", "-q", "--ignore=tests/bot", "-p", "no:cacheprovider", "--rootdir", str(ROOT), "tests"],
            plugins=[collector],
        )
    if code != pytest.ExitCode.OK:
        raise RuntimeError(output.getvalue().strip().splitlines()[-1])
    return dict(collector.shown)


def main(arguments: list[str]) -> int:
    """`./relais charter`."""
    argparse.ArgumentParser(prog="relais charter", description=__doc__).parse_args(arguments)
    promises = load_promises(ROOT / "data")
    try:
        shown = collect_marks()
    except RuntimeError as error:
        print(f"relais: the tests cannot be collected: {error}", file=sys.stderr)
        return 1
    known = {(id, line) for id, promise in promises.items() for line in promise["assistant"]}
    wrong = sorted({(promise, line) for promise, line, _ in shown} - known)
    if wrong:
        print(f"relais: a test is marked with a line that no charter has: {wrong[0]}", file=sys.stderr)
        return 1
    kept = 0
    for id, promise in promises.items():
        print(f"{id}  {promise['promise']}")
        for line in promise["assistant"]:
            tests = {language: shown.get((id, line, language), []) for language in LANGUAGES}
            kept += all(tests.values())
            print(f"    {line}")
            for language in LANGUAGES:
                print(f"      {language}  {', '.join(tests[language]) or 'open'}")
    print(f"\n{kept} of {len(known)} lines are shown by tests in both languages.")
    return 0
