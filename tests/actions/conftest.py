"""The real content, loaded once, and the tools of the actions on a fresh database."""

from pathlib import Path

import pytest

from actions.tools import Content, Tools, load_content
from fund.database import Database
from tests.actions.turns import OPEN

DATA = Path(__file__).resolve().parents[2] / "data"


@pytest.fixture(scope="session")
def content() -> Content:
    return load_content(DATA)


@pytest.fixture
def tools(content, database) -> Tools:
    return Tools(content=content, database=database, file_database=Database("sqlite://"), clock=lambda: OPEN)
