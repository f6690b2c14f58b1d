"""Starts everything on this machine, watches over it, and stops it on Ctrl-C."""

import argparse
import ctypes
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from urllib.error import URLError

from api.commands.bot import bot_command
from api.commands.prepare import prepare_databases
from api.commands.train import TrainingFailed, bot_environment, ensure_model
from api.settings import ROOT, Settings, load_settings
from fund.clock import system_clock

LOGS = ROOT / "var" / "log"
MOST_RESTARTS = 5
RESTARTS_WITHIN = 120.0
READY_WITHIN = 120.0
STOP_WITHIN = 10.0
PARENT_DEATH_SIGNAL = 1


class CannotStart(Exception):
    """Why `up` stops, in one sentence."""


def _tell(text: str) -> None:
    print(f"relais: {text}", file=sys.stderr, flush=True)


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def check_port(host: str, port: int) -> None:
    """CannotStart when the port is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CannotStart(f"port {port} is in use: stop what listens there, or set RELAIS_PORT") from error


def _die_with_parent() -> None:
    # A supervisor that is killed hard must not leave the others running (Linux only; elsewhere nothing happens).
    os.setsid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PARENT_DEATH_SIGNAL, signal.SIGTERM)


@dataclass
class Child:
    """One process that is kept running."""

    name: str
    command: list[str]
    environment: dict[str, str]
    process: subprocess.Popen | None = None
    log: IO[bytes] | None = None
    starts: deque = field(default_factory=lambda: deque(maxlen=MOST_RESTARTS))

    @property
    def log_file(self) -> Path:
        """Where its output goes."""
        return LOGS / f"{self.name}.log"

    def start(self) -> None:
        """Start it, or start it again. CannotStart when it keeps dying."""
        now = time.monotonic()
        if len(self.starts) == MOST_RESTARTS and now - self.starts[0] < RESTARTS_WITHIN:
            raise CannotStart(f"{self.name} keeps stopping; the last lines of its log:\n{self.tail()}")
        self.starts.append(now)
        if self.log is None:
            self.log = self.log_file.open("wb")
        self.process = subprocess.Popen(
            self.command, cwd=ROOT, env=self.environment, stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL,
            preexec_fn=_die_with_parent,
        )  # fmt: skip

    def tail(self) -> str:
        """The last lines of its log."""
        lines = self.log_file.read_text(errors="replace").strip().splitlines() if self.log_file.exists() else []
        return "\n".join(lines[-6:])

    def stop(self) -> None:
        """Ask it to stop, and insist."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def children_of(settings: Settings, model: Path) -> list[Child]:
    """The two processes, with ports and a secret of their own for this start."""
    secret = settings.seam_secret.get_secret_value() if settings.seam_secret else secrets.token_urlsafe(48)
    rasa_port, actions_port = free_port(), free_port()
    shared = {
        "RELAIS_SEAM_SECRET": secret,
        "RELAIS_ACTIONS_URL": f"http://127.0.0.1:{actions_port}/actions",
        "RELAIS_ACTIONS_PORT": str(actions_port),
        "RELAIS_RASA_URL": f"http://127.0.0.1:{rasa_port}",
    }
    if settings.now is not None:
        shared["RELAIS_NOW_SINCE"] = system_clock().isoformat()
    if settings.session_secret is None:
        shared["RELAIS_SESSION_SECRET"] = secrets.token_urlsafe(48)
    return [
        Child("bot", bot_command(str(model), rasa_port), bot_environment(**shared)),
        Child("api", [sys.executable, "-m", "api.commands", "api"], {**os.environ, **shared}),
    ]


def wait_until_ready(settings: Settings, children: list[Child]) -> None:
    """Watch the health page until everything answers."""
    deadline = time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline:
        for child in children:
            if child.process.poll() is not None:
                raise CannotStart(f"{child.name} stopped at once; the last lines of its log:\n{child.tail()}")
        try:
            with urllib.request.urlopen(f"{settings.local_address}/health", timeout=3) as answer:
                if answer.status == 200:
                    return
        except (URLError, OSError):
            time.sleep(0.3)
    raise CannotStart(f"not ready after {READY_WITHIN:.0f} seconds; see {LOGS}")


def watch(children: list[Child]) -> None:
    """Start again whatever stops."""
    while True:
        for child in children:
            if child.process.poll() is not None:
                _tell(f"{child.name} stopped (code {child.process.returncode}), starting it again")
                child.start()
        time.sleep(0.3)


def run_all(settings: Settings, started: float) -> None:
    """Start, watch, and in the end stop everything."""
    check_port(settings.host, settings.port)
    LOGS.mkdir(parents=True, exist_ok=True)
    model = ensure_model()
    prepare_databases(settings)
    children = children_of(settings, model)
    for stop in (signal.SIGINT, signal.SIGTERM):  # SIGINT too: a shell starts background jobs with it ignored
        signal.signal(stop, signal.default_int_handler)
    try:
        for child in children:
            child.start()
        _tell("starting")
        wait_until_ready(settings, children)
        address = settings.address
        _tell(f"ready in {time.monotonic() - started:.0f} s")
        lines = [f"  desk       {address}/desk"]
        if settings.mode == "demo":
            lines = [
                f"  demo page  {address}/demo/nl  {address}/demo/fr",
                *lines,
                f"  sign-in    {address}/demo/sign-in (demo members), or ./relais demo-token",
            ]
        print("\n".join(lines), "\n\n  Ctrl-C stops everything.", flush=True)
        watch(children)
    finally:
        for child in reversed(children):
            child.stop()
        _tell("stopped")


def main(arguments: list[str]) -> int:
    """`./relais up`."""
    argparse.ArgumentParser(prog="relais up", description=__doc__).parse_args(arguments)
    started = time.monotonic()
    try:
        run_all(load_settings(), started)
    except (CannotStart, TrainingFailed) as error:
        print(f"relais: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
    return 0
