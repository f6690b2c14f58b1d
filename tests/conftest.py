"""Fresh databases for every test: SQLite, and a real PostgreSQL that is started once for the whole run.

Nothing of ours is imported at the top: the tests of the bot run in an environment that has none of it.
"""

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

with contextlib.suppress(ImportError):  # the bot's environment has no Hypothesis
    from hypothesis import settings

    # The same examples on every machine, and no failure because a machine is slow.
    settings.register_profile("relais", deadline=None, derandomize=True)
    settings.load_profile("relais")


@pytest.fixture
def database(tmp_path):
    """Relais' own database on SQLite, with its tables and nothing in them."""
    yield from _open(f"sqlite:///{tmp_path / 'relais.db'}", with_tables=True)


@pytest.fixture
def postgres_database(postgres_server):
    """Relais' own database on PostgreSQL, with its tables and nothing in them."""
    yield from _open(postgres_server(with_tables=True))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def each_database(request):
    """Relais' own database, once on SQLite and once on PostgreSQL."""
    return request.getfixturevalue("database" if request.param == "sqlite" else "postgres_database")


@pytest.fixture
def postgres_url(postgres_server) -> str:
    """The address of an empty database on PostgreSQL."""
    return postgres_server(with_tables=False)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Callable[..., str]]:
    """Starts a PostgreSQL of our own and makes databases in it. Fails, never skips, where PostgreSQL is missing."""
    home = Path(tempfile.mkdtemp(prefix="relais-postgres-"))
    try:
        yield from _serve(home)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _serve(home: Path) -> Iterator[Callable[..., str]]:
    from sqlalchemy import create_engine, text

    server = {}
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        shutil.chown(home, "postgres", "postgres")
        server = {"user": "postgres", "group": "postgres", "extra_groups": []}
    data = home / "data"
    # Reached through a socket in our own directory: no port that another server may have.
    options = f"-c listen_addresses= -c unix_socket_directories={home} -c fsync=off -c full_page_writes=off"
    _run("initdb", "-D", data, "-U", "relais", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", **server)
    _run("pg_ctl", "-D", data, "-w", "-l", home / "log", "-o", options, "start", **server)

    def url(name: str) -> str:
        return f"postgresql+psycopg://relais@/{name}?host={home}"

    admin = create_engine(url("postgres"), isolation_level="AUTOCOMMIT")
    made: list[str] = []

    def make(*, with_tables: bool) -> str:
        name = f"test_{len(made)}"
        made.append(name)
        with admin.connect() as connection:
            connection.execute(
                text(f"create database {name} template {'relais_tables' if with_tables else 'template0'}")
            )
        return url(name)

    try:
        with admin.connect() as connection:
            connection.execute(text("create database relais_tables template template0"))
        for _ in _open(url("relais_tables"), with_tables=True):
            pass
        yield make
    finally:
        admin.dispose()
        _run("pg_ctl", "-D", data, "-m", "immediate", "stop", **server)


def _run(program: str, *arguments: object, **options) -> None:
    """Run one of PostgreSQL's programs, from the newest version that is installed."""
    directories = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    found = [path for path in (directory / program for directory in reversed(directories)) if path.exists()]
    executable = found[0] if found else shutil.which(program)
    if executable is None:
        pytest.fail(f"{program} is missing: install the package postgresql, or run ./relais test")
    # Output goes to a file: a server that inherits a pipe would keep it open, and we would wait for ever.
    with tempfile.TemporaryFile() as output:
        command = [str(part) for part in (executable, *arguments)]
        done = subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, timeout=60, cwd="/", **options)
        if done.returncode:
            output.seek(0)
            pytest.fail(f"{program} failed: {output.read().decode(errors='replace').strip()[-800:]}")


def _open(url: str, *, with_tables: bool = False) -> Iterator:
    """The database at `url`, closed at the end."""
    from fund.conversations import models as conversations  # noqa: F401  (registers its tables, as the others do)
    from fund.database import Base, Database
    from fund.privacy import audit  # noqa: F401
    from fund.requests import models as requests  # noqa: F401

    database = Database(url)
    try:
        if with_tables:
            Base.metadata.create_all(database.engine)
        yield database
    finally:
        database.engine.dispose()
