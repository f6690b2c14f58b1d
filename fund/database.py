"""The database of Relais itself (conversations, turns, requests, audit): base class, column types, engine."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy import DateTime, Engine, MetaData, create_engine, event
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.types import TypeDecorator

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


STATEMENT_SECONDS = 8
"""Longer than any statement of ours may take: a database that hangs must not take every door with it."""


class Base(DeclarativeBase):
    """Base of every table that Relais owns. A model lists its personal columns in `__personal__`."""

    metadata = MetaData(naming_convention=NAMES)
    __personal__: tuple[str, ...] = ()


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC; SQLite forgets the zone and PostgreSQL gives its own, so it is put back on the way out.

    A naive moment is refused.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment must have a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Database:
    """One database: `write()` and `read()` give a session in its own transaction.

    The door opens it, once; what `write()` yields is committed at the end or rolled back on an error, and no function
    below commits by itself.
    """

    def __init__(self, url: str, *, pool_size: int = 10):
        self.engine = create_database_engine(url, pool_size=pool_size)
        self._write = sessionmaker(self.engine, expire_on_commit=False)
        self._read = sessionmaker(self.engine.execution_options(writes=False), expire_on_commit=False)

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session whose changes are kept together, or not at all."""
        with self._write.begin() as session:
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session for looking only; it never waits for a writer."""
        with self._read() as session:
            yield session


def create_database_engine(url: str, *, pool_size: int = 10) -> Engine:
    """An engine; SQLite gets foreign keys, a write-ahead log, and writers that wait for each other."""
    if not url.startswith("sqlite"):
        return create_engine(
            url, pool_size=pool_size, max_overflow=pool_size, pool_pre_ping=True, hide_parameters=True,
            connect_args={"connect_timeout": 5, "options": f"-c statement_timeout={STATEMENT_SECONDS * 1000}"},
        )  # fmt: skip
    engine = create_engine(url, connect_args={"timeout": 30}, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _prepare(connection, _record):
        connection.isolation_level = None  # we say BEGIN ourselves, see below
        for pragma in ("foreign_keys=ON", "journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=30000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection):
        # IMMEDIATE takes the write lock at once: a reader that turns writer half-way would fail, "database is locked".
        writes = connection.get_execution_options().get("writes", True)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
