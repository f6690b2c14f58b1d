"""Real Relais for the tests of this folder: real Rasa, real databases, real HTTP; one per kind of database."""

import pytest

from tests.system.running import Chat, System, start_relais

# A Friday afternoon in opening hours, so that what is said of officers does not hang on when the tests run.
NOW = "2026-11-20T14:00:00+01:00"


@pytest.fixture(scope="session")
def system_on_sqlite(tmp_path_factory) -> System:
    with start_relais(tmp_path_factory.mktemp("relais"), RELAIS_NOW=NOW) as running:
        yield running


@pytest.fixture(scope="session")
def system_on_postgres(tmp_path_factory, postgres_server) -> System:
    urls = {name: postgres_server(with_tables=False) for name in ("DATABASE_URL", "FILE_DATABASE_URL")}
    with start_relais(tmp_path_factory.mktemp("relais"), RELAIS_NOW=NOW, **urls) as running:
        yield running


@pytest.fixture
def system(system_on_sqlite) -> System:
    """The Relais to talk to; a module whose tests matter for both databases asks for `each_system` instead."""
    return system_on_sqlite


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def each_system(request) -> System:
    return request.getfixturevalue(f"system_on_{request.param}")


@pytest.fixture
def chat(system):
    """Opens a conversation: chat("nl")."""
    return lambda language="nl", **body: Chat.start(system.url, language=language, **body)
