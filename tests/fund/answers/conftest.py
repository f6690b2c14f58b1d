"""The real answers, law and profiles, loaded once; and a small data directory for answers made for one test."""

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from fund.answers.content import Answers, load_answers
from fund.law.parameters import Law, load_law
from fund.profiles import Profile, load_profiles

DATA = Path(__file__).resolve().parents[3] / "data"
HEADER = """topic: contributions.tax
title: Titel
checked_on: 2026-11-20
check_again_by: 2027-01-01
sources:
  - {publisher: RSVZ-INASTI, title: Bijdragen, url: https://www.rsvz.be/nl/bijdragen}
facets:
"""


@pytest.fixture(scope="session")
def answers() -> Answers:
    return load_answers(DATA)


@pytest.fixture(scope="session")
def law() -> Law:
    return load_law(DATA / "law")


@pytest.fixture(scope="session")
def profiles() -> dict[str, Profile]:
    return load_profiles(DATA)


@pytest.fixture
def own_data(tmp_path: Path) -> Path:
    """A data directory with the real phrases and institutions, and no answer yet."""
    shutil.copy(DATA / "bodies.yml", tmp_path)
    for language in ("nl", "fr"):
        (tmp_path / language / "answers").mkdir(parents=True)
        (tmp_path / language / "phrases").mkdir()
        shutil.copy(DATA / language / "phrases" / "answers.yml", tmp_path / language / "phrases")
    return tmp_path


@pytest.fixture
def own_answer(own_data: Path) -> Callable[..., Answers]:
    """Loads one answer on contributions.tax from the text of its facet `answer` in both languages."""

    def load(nl: str, fr: str, *, check_again_by: date = date(2027, 1, 1)) -> Answers:
        for language, text in (("nl", nl), ("fr", fr)):
            header = HEADER.replace("2027-01-01", check_again_by.isoformat())
            file = own_data / language / "answers" / "contributions.tax.yml"
            file.write_text(f"{header}  answer: |\n    {text}\n", encoding="utf-8")
        return load_answers(own_data)

    return load
