"""A real file in SQLite: migrated, and seeded with the stories and forty invented members."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config

from fund.database import Database
from fund.file.seed import get_story, seed_members
from fund.file.service import FileAnswer, answer_file_question
from fund.law.parameters import Law, load_law
from fund.phrases import Phrases, load_phrases

ROOT = Path(__file__).resolve().parents[3]
TODAY = date(2026, 11, 20)

Ask = Callable[..., FileAnswer]


def migrated(path: Path) -> Database:
    """An empty file at `path`, with the tables of the migrations."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations" / "file"))
    config.set_main_option("sqlalchemy.url", f"sqlite:///{path}")
    command.upgrade(config, "head")
    return Database(f"sqlite:///{path}")


@pytest.fixture(scope="session")
def law() -> Law:
    return load_law(ROOT / "data" / "law")


@pytest.fixture(scope="session")
def phrases() -> Phrases:
    return load_phrases(ROOT / "data")


@pytest.fixture(scope="session")
def today() -> date:
    """The day on which the demo's file stands."""
    return TODAY


@pytest.fixture(scope="session")
def migrate() -> Callable[[Path], Database]:
    """`migrate(path)`: an empty file at `path`, with the tables of the migrations."""
    return migrated


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Database:
    """The demo's file on TODAY; nobody writes to it."""
    database = migrated(tmp_path_factory.mktemp("file") / "demo.db")
    with database.write() as session:
        seed_members(session, count=40, seed=1, on=TODAY)
    return database


@pytest.fixture
def empty(tmp_path: Path) -> Database:
    """A file of one's own without anybody in it."""
    return migrated(tmp_path / "file.db")


@pytest.fixture
def ask_in(phrases: Phrases) -> Callable[[Database], Ask]:
    """A way of asking a given file: `ask_in(database)(member_id, kind, language="nl", address="je", …)`."""

    def in_file(database: Database) -> Ask:
        def ask(
            member_id: str,
            kind: str,
            *,
            language: str = "nl",
            address: str = "je",
            on: date = TODAY,
            quarter: str | None = None,
        ) -> FileAnswer:
            say = phrases.in_voice(language=language, address=address if language == "nl" else "vous")
            with database.read() as session:
                return answer_file_question(
                    kind, session=session, member_id=member_id, say=say, language=language, on=on, quarter=quarter
                )

        return ask

    return in_file


@pytest.fixture
def ask(demo: Database, ask_in: Callable[[Database], Ask]) -> Ask:
    """Asks a story of the demo: `ask("overdue", "balance", language="fr")`."""

    def ask_story(name: str, kind: str, **options) -> FileAnswer:
        return ask_in(demo)(get_story(name).id, kind, **options)

    return ask_story
