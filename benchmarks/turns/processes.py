"""The processes that are measured: started with a log each, stopped at the end whatever happens, weighed meanwhile."""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

READY_WITHIN = 180.0
STOP_WITHIN = 40.0
PARENT_DEATH_SIGNAL = 1


class CannotMeasure(Exception):
    """Why there is nothing to measure, in one sentence for the person at the screen."""


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def plain_environment(**more: str) -> dict[str, str]:
    """The variables of this process without the settings of another Relais, which would be measured instead."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("RELAIS_") and name != "REDIS_URL"}
    return {**own, **more}


def _stop_with_parent() -> None:
    # A benchmark that is killed hard must not leave servers behind; all of them end cleanly on SIGINT.
    os.setsid()  # and Ctrl-C reaches us alone: we stop them in order
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell that runs us in the background would have it ignored
    ctypes.CDLL(None).prctl(PARENT_DEATH_SIGNAL, signal.SIGINT)


@contextlib.contextmanager
def running(command: list[object], *, log: Path, **options: Any) -> Iterator[subprocess.Popen]:
    """A process that writes into `log`, stopped at the end; `options` as for Popen."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(part) for part in command], stdout=output, stderr=output, stdin=subprocess.DEVNULL,
            preexec_fn=_stop_with_parent, **options,
        )  # fmt: skip
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until_ready(process: subprocess.Popen, *, url: str, log: Path, name: str) -> float:
    """Seconds from now until `url` answers 200. CannotMeasure when the process ends or takes too long."""
    started = time.monotonic()
    with httpx.Client(trust_env=False, timeout=3) as client:
        while time.monotonic() - started < READY_WITHIN:
            if process.poll() is not None:
                raise CannotMeasure(f"{name} stopped at once; the end of its log:\n{tail(log)}")
            with contextlib.suppress(httpx.HTTPError):
                if client.get(url).status_code == 200:
                    return time.monotonic() - started
            time.sleep(0.1)
    raise CannotMeasure(f"{name} was not ready after {READY_WITHIN:.0f} seconds; the end of its log:\n{tail(log)}")


def tail(log: Path) -> str:
    """The last lines of a log."""
    return "\n".join(log.read_text(errors="replace").strip().splitlines()[-8:])


def memory_of(process: subprocess.Popen) -> int:
    """Bytes of memory of a process and all below it: the sum of PSS, in which shared pages count once."""
    total = 0
    for pid in _tree(process.pid):
        with contextlib.suppress(OSError):  # ended meanwhile
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) * 1024
    return total


def processor_seconds_of(process: subprocess.Popen) -> float:
    """Seconds of processor that a process and all below it have used, those that have ended included."""
    ticks = 0
    for pid in _tree(process.pid):
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(int(field) for field in fields[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


def processor_seconds_of_all() -> float:
    """Seconds of processor that the whole machine has used, with what its host took away."""
    user, nice, system, _, _, irq, softirq, steal = map(int, Path("/proc/stat").read_text().split()[1:9])
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


def _tree(pid: int) -> list[int]:
    found = [pid]
    for parent in found:  # grows while we walk
        for file in Path(f"/proc/{parent}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                found += [int(child) for child in file.read_text().split()]
    return found
