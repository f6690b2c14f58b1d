"""One real Relais for the tests of this folder: real Rasa, real database, real HTTP."""

import pytest
from tests.system.running import Chat, System, start_relais

# A Friday afternoon in opening hours, so that what is said of officers does not hang on when the tests run.
NOW = "2026-11-20T14:00:00+01:00"


@pytest.fixture(scope="session")
def system(tmp_path_factory) -> System:
    with start_relais(tmp_path_factory.mktemp("relais"), RELAIS_NOW=NOW) as running:
        yield running


@pytest.fixture
def chat(system):
    """Opens a conversation: chat("nl")."""
    return lambda language="nl", **body: Chat.start(system.url, language=language, **body)
