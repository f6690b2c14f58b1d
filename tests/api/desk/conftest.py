"""The desk's fixtures."""

import pytest

from api.runtime import Runtime, build_runtime
from api.settings import Settings
from fund.database import Database
from tests.api.desk.world import World, world_on


@pytest.fixture(scope="session")
def built() -> Runtime:
    """All content, read once; its databases are replaced for each test."""
    return build_runtime(Settings(seam_secret="s" * 40, database_url="sqlite://", file_database_url="sqlite://"))


@pytest.fixture
def world(database: Database, built: Runtime) -> World:
    """A desk with nobody and nothing in it."""
    return world_on(database, built)


@pytest.fixture
def each_world(each_database: Database, built: Runtime) -> World:
    """The same on SQLite and on PostgreSQL."""
    return world_on(each_database, built)
