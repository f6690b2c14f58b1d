"""What is measured, as its users start it: a PostgreSQL of our own, Relais, and a stock Rasa beside it."""

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from api.commands.train import BOT_PYTHON, bot_environment
from api.settings import ROOT
from benchmarks.turns.processes import (
    CannotMeasure,
    free_port,
    plain_environment,
    running,
    tail,
    wait_until_ready,
)


@dataclass(frozen=True)
class Databases:
    """Addresses of the two databases, and the server's process where there is one."""

    relais: str
    file: str
    server: subprocess.Popen | None = None
    version: str = "SQLite"


@dataclass(frozen=True)
class System:
    """A running server: its address, seconds from start to ready, its processes."""

    url: str
    ready_after: float
    process: subprocess.Popen


@contextlib.contextmanager
def open_databases(kind: str, directory: Path) -> Iterator[Databases]:
    """Empty databases of the kind `postgresql` or `sqlite`, gone at the end."""
    if kind == "sqlite":
        yield Databases(f"sqlite:///{directory}/relais.db", f"sqlite:///{directory}/file.db")
        return
    home = directory / "postgresql"
    home.mkdir()
    owner = {}
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        directory.chmod(0o711)
        shutil.chown(home, "postgres", "postgres")
        owner = {"user": "postgres", "group": "postgres", "extra_groups": []}
    data, log = home / "data", directory / "postgresql.log"
    _run([_postgres("initdb"), "-D", data, "-U", "relais", "-A", "trust", "-E", "UTF8", "--locale=C"], **owner)
    # Its own settings but for the address (a socket in our directory): writes are as safe, and as slow, as in earnest.
    command = [_postgres("postgres"), "-D", data, "-c", "listen_addresses=", "-c", f"unix_socket_directories={home}"]
    with running(command, log=log, cwd=home, **owner) as server:
        _wait_for_postgres(server, home=home, log=log)
        for name in ("relais", "file"):
            _run([_postgres("createdb"), "-h", home, "-U", "relais", name])
        url = "postgresql+psycopg://relais@/{}?host=" + str(home)
        version = subprocess.run([_postgres("postgres"), "--version"], capture_output=True, text=True).stdout.strip()
        yield Databases(url.format("relais"), url.format("file"), server, version)


def _postgres(program: str) -> Path:
    """One of PostgreSQL's programs, of the newest version that is installed."""
    directories = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    found = [directory / program for directory in reversed(directories) if (directory / program).exists()]
    elsewhere = shutil.which(program)
    if not found and not elsewhere:
        raise CannotMeasure(f"{program} is missing: install the package postgresql, or choose --database sqlite")
    return found[0] if found else Path(elsewhere)


def _wait_for_postgres(server: subprocess.Popen, *, home: Path, log: Path) -> None:
    for _ in range(300):
        if server.poll() is not None:
            break
        if subprocess.run([_postgres("pg_isready"), "-q", "-h", home], timeout=10).returncode == 0:
            return
        time.sleep(0.1)
    raise CannotMeasure(f"PostgreSQL did not start; the end of its log:\n{tail(log)}")


def _run(command: list[object], **options) -> None:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, cwd="/", **options)
    if done.returncode:
        raise CannotMeasure(f"{Path(command[0]).name} failed: {done.stderr.strip()[-500:]}")


@contextlib.contextmanager
def run_relais(databases: Databases, *, directory: Path) -> Iterator[System]:
    """The whole product, `./relais up`, on databases that are still empty."""
    port = free_port()
    log = directory / "relais.log"
    environment = plain_environment(
        PYTHONPATH=str(ROOT), RELAIS_PORT=str(port), DATABASE_URL=databases.relais, FILE_DATABASE_URL=databases.file
    )
    with running([sys.executable, "-m", "api.commands", "up"], log=log, cwd=ROOT, env=environment) as process:
        url = f"http://127.0.0.1:{port}"
        yield System(url, wait_until_ready(process, url=f"{url}/health", log=log, name="Relais"), process)


def train_relais(directory: Path) -> float:
    """Seconds that a training from nothing takes, process start to model file; the product's model stays as it is."""
    model, log = directory / "relais.tar.gz", directory / "training.log"
    started = time.monotonic()
    with running([BOT_PYTHON, "-m", "bot.train", model], log=log, cwd=ROOT, env=bot_environment()) as process:
        process.wait()
        if process.returncode or not model.is_file():
            raise CannotMeasure(f"the training failed; the end of its log:\n{tail(log)}")
    return time.monotonic() - started
