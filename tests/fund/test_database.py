"""One database, two kinds of session: what is written is kept whole or not at all, and reading never waits."""

import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import CheckConstraint, DateTime, inspect, text
from sqlalchemy.exc import IntegrityError, StatementError

from api.commands.prepare import upgrade
from fund.conversations.models import Event
from fund.conversations.service import get_conversation, list_events, record_event, start_conversation
from fund.database import Base, Database, UtcDateTime, create_database_engine
from fund.privacy import audit  # noqa: F401  (registers its tables)
from fund.requests import models as requests  # noqa: F401

NOW = datetime(2025, 11, 20, 10, 0, 0, 123456, tzinfo=UTC)


def start(database: Database, *, now: datetime = NOW) -> str:
    with database.write() as session:
        conversation, _ = start_conversation(
            session, fund="liantis", channel="website", language="nl", page_language="nl", now=now
        )
    return conversation.id


def test_what_is_written_is_there_for_the_next_reader(each_database):
    conversation_id = start(each_database)
    with each_database.read() as session:
        assert get_conversation(session, conversation_id).fund == "liantis"


def test_an_error_keeps_nothing_of_what_was_written_with_it(each_database):
    conversation_id = start(each_database)

    def fail_half_way() -> None:
        with each_database.write() as session:
            get_conversation(session, conversation_id).language = "fr"
            record_event(session, conversation_id=conversation_id, kind="lost", actor="bot", now=NOW)
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()
    with each_database.read() as session:
        assert get_conversation(session, conversation_id).language == "nl"
        assert [event.kind for event in list_events(session, conversation_id=conversation_id)] == ["started"]


def test_a_reading_session_keeps_nothing(each_database):
    conversation_id = start(each_database)
    with each_database.read() as session:
        get_conversation(session, conversation_id).language = "fr"
        session.flush()
    with each_database.read() as session:
        assert get_conversation(session, conversation_id).language == "nl"


def test_what_was_read_can_be_used_after_the_session(each_database):
    conversation_id = start(each_database)
    with each_database.write() as session:
        conversation = get_conversation(session, conversation_id)
    assert conversation.channel == "website"


def test_readers_do_not_wait_for_a_writer_and_do_not_see_half_of_it(each_database):
    conversation_id = start(each_database)
    with each_database.write() as session:
        get_conversation(session, conversation_id).language = "fr"
        session.flush()
        with each_database.read() as reader:
            assert get_conversation(reader, conversation_id).language == "nl"
    with each_database.read() as reader:
        assert get_conversation(reader, conversation_id).language == "fr"


def test_many_writers_at_once_wait_for_each_other_instead_of_failing(each_database):
    conversation_id = start(each_database)
    failures = []

    def write(number: int) -> None:
        try:
            with each_database.write() as session:
                session.execute(text("select count(*) from event")).scalar()  # a reader that turns writer
                record_event(session, conversation_id=conversation_id, kind=f"n{number}", actor="bot", now=NOW)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with each_database.read() as session:
        kinds = {event.kind for event in list_events(session, conversation_id=conversation_id)}
    assert kinds == {"started", *(f"n{number}" for number in range(20))}


def test_a_row_that_points_nowhere_is_refused(each_database):
    with pytest.raises(IntegrityError), each_database.write() as session:
        record_event(session, conversation_id="nobody", kind="started", actor="member", now=NOW)


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=2)), timezone(timedelta(hours=-11, minutes=-30))])
def test_a_moment_comes_back_in_utc_to_the_microsecond(each_database, zone):
    conversation_id = start(each_database, now=NOW.astimezone(zone))
    with each_database.read() as session:
        [event] = list_events(session, conversation_id=conversation_id)
    assert event.at == NOW
    assert event.at.isoformat() == "2025-11-20T10:00:00.123456+00:00"


@pytest.mark.postgres
def test_a_moment_is_in_utc_whatever_zone_the_server_lives_in(postgres_database):
    with postgres_database.write() as session:
        name = session.execute(text("select current_database()")).scalar()
        session.execute(text(f"alter database {name} set timezone to 'Europe/Brussels'"))
    postgres_database.engine.dispose()
    conversation_id = start(postgres_database)
    with postgres_database.read() as session:
        assert session.execute(text("show timezone")).scalar() == "Europe/Brussels"
        [event] = list_events(session, conversation_id=conversation_id)
    assert event.at.isoformat() == "2025-11-20T10:00:00.123456+00:00"


def test_a_moment_without_a_zone_is_refused(each_database):
    with pytest.raises(StatementError, match="time zone"):
        start(each_database, now=datetime(2025, 11, 20, 10, 0))  # noqa: DTZ001  (that is what is refused)


def test_moments_sort_as_they_happened_across_zones(each_database):
    conversation_id = start(each_database)
    east = datetime(2025, 11, 20, 12, 0, tzinfo=timezone(timedelta(hours=3)))  # 9:00 UTC, before NOW
    with each_database.write() as session:
        record_event(session, conversation_id=conversation_id, kind="early", actor="bot", now=east)
    with each_database.read() as session:
        assert session.query(Event).filter(Event.at < NOW).one().kind == "early"


def test_every_moment_is_kept_with_its_zone():
    columns = [column for table in Base.metadata.tables.values() for column in table.columns]
    plain = [str(column) for column in columns if isinstance(column.type, DateTime)]
    assert plain == []
    assert sum(isinstance(column.type, UtcDateTime) for column in columns) >= 10


def test_personal_columns_exist():
    for mapper in Base.registry.mappers:
        assert set(mapper.class_.__personal__) <= {column.key for column in mapper.columns}, mapper.class_


def test_every_constraint_has_a_name_that_a_migration_can_call():
    for table in Base.metadata.tables.values():
        for constraint in table.constraints:
            assert constraint.name, (table.name, constraint)


def test_the_migrations_make_the_tables_that_the_models_describe(migrated_url):
    engine = create_database_engine(migrated_url)
    with engine.connect() as connection:
        difference = compare_metadata(MigrationContext.configure(connection), Base.metadata)
        checks = {
            table: {check["name"] for check in inspect(connection).get_check_constraints(table)}
            for table in Base.metadata.tables
        }
    engine.dispose()
    assert difference == []
    for name, table in Base.metadata.tables.items():
        assert checks[name] == {c.name for c in table.constraints if isinstance(c, CheckConstraint)}


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def migrated_url(request, tmp_path):
    sqlite = request.param == "sqlite"
    url = f"sqlite:///{tmp_path / 'relais.db'}" if sqlite else request.getfixturevalue("postgres_url")
    upgrade(url, "relais")
    return url
