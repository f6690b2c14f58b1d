"""The real law and phrases, loaded once for all tests of the law."""

from pathlib import Path

import pytest

from fund.law.parameters import Law, load_law
from fund.phrases import Phrases, load_phrases

DATA = Path(__file__).resolve().parents[3] / "data"


@pytest.fixture(scope="session")
def data() -> Path:
    return DATA


@pytest.fixture(scope="session")
def law() -> Law:
    return load_law(DATA / "law")


@pytest.fixture(scope="session")
def phrases() -> Phrases:
    return load_phrases(DATA)
