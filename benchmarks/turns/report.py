"""The table that a person reads, and the same as JSON."""

import importlib.metadata
import os
import platform
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from api.commands.train import BOT_PYTHON
from api.settings import ROOT
from benchmarks.turns.measure import Figures, Load

GIB = 1024**3


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    what: str
    measured: str
    budget: str = ""
    kept: bool | None = None
    """Whether the budget was kept; None where there is none or nothing was measured."""
    stock: str = ""


@dataclass(frozen=True)
class Times:
    """Seconds of training and start, None where not measured."""

    training: float | None = None
    start: float | None = None


def describe_machine() -> dict[str, str | int | float]:
    """What it was measured on, and how busy that was before."""
    info = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(":")[2].strip() for line in info if line.startswith("model name")), platform.machine())
    return {
        "cores": len(os.sched_getaffinity(0)),
        "cpu": model,
        "ram_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIB, 1),
        "system": f"{platform.system()} {platform.release()}",
        "load_before": round(os.getloadavg()[0], 2),
    }


def describe_versions(database: str) -> dict[str, str]:
    """What was measured."""
    bot_packages = [str(path) for path in BOT_PYTHON.parent.parent.glob("lib/python*/site-packages")]
    rasa = [found.version for found in importlib.metadata.distributions(name="rasa", path=bot_packages)]
    return {
        "relais": _commit(),
        "rasa": ", ".join(rasa),
        "python": platform.python_version(),
        "database": database,
        **{name: importlib.metadata.version(name) for name in ("fastapi", "sqlalchemy", "uvicorn")},
    }


def _commit() -> str:
    def git(*arguments: str) -> str | None:
        done = subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, text=True)
        return done.stdout.strip() if done.returncode == 0 else None

    try:
        commit, changed = git("rev-parse", "--short", "HEAD"), git("status", "--porcelain")
    except OSError:  # no git here
        return "unknown"
    return f"{commit or 'unknown'}{' with changes' if changed else ''}"


def make_rows(
    relais: Figures, stock: Figures | None, *, load: Load, relais_times: Times, stock_times: Times, stock_examples: int
) -> list[Row]:
    """The design's budgets with what was measured beside them."""
    other = stock or Figures()
    calm, busy = f"{load.calm_per_second:g}/s arriving", f"{load.busy_per_second:g}/s arriving"
    account = relais.account
    once = f"{account.answered_once} of {account.accepted}" if account else "–"
    handed = relais.hand_over
    stock_training = _seconds(stock_times.training)
    if stock_times.training:
        stock_training += f" ({stock_examples} examples)"
    return [
        _within(f"whole turn, {calm}: median", relais.calm.percentile(50), 60, "ms", other.calm.percentile(50)),
        _within(f"whole turn, {calm}: 95 of 100", relais.calm.percentile(95), 150, "ms", other.calm.percentile(95)),
        Row("median at turn 10 of one conversation", _ms(relais.early.percentile(50)),
            stock=_ms(other.early.percentile(50))),
        Row(f"median at turn {load.late_turn}", f"{_ms(relais.late.percentile(50))} = {_times(relais.growth)}",
            "1.5 × turn 10", relais.growth and relais.growth <= 1.5,
            f"{_ms(other.late.percentile(50))} = {_times(other.growth)}"),
        Row(f"{busy}: stored and answered exactly once", once, "all", account and account.answered_once ==
            account.accepted and not account.refused, f"{len(other.busy.milliseconds)} of {other.busy.sent} answered"
            if stock else "–"),
        Row(f"{busy}: median, 95 of 100", _pair(relais.busy), stock=_pair(other.busy)),
        Row(f"saturated by {load.people} people", f"{relais.throughput:.1f} messages/s", "40 messages/s",
            relais.throughput >= 40, f"{other.throughput:.1f} messages/s" if stock else "–"),
        Row("hand-over visible in the desk: median, slowest",
            f"{_ms(handed.percentile(50))}, {_ms(max(handed.milliseconds, default=None))}" if handed else "–",
            "1 s", handed and not handed.unanswered and max(handed.milliseconds, default=1e9) < 1000, "has none"),
        Row("live-file query at 1,000,000 members", "not measured here", "95 of 100 in 10 ms", stock="has none"),
        Row("training", _seconds(relais_times.training), "120 s", _under(relais_times.training, 120), stock_training),
        Row("start to ready, everything installed", _seconds(relais_times.start), "40 s",
            _under(relais_times.start, 40), _seconds(stock_times.start)),
        Row("memory, all processes", _gib(relais.memory_bytes), "1.5 GiB", relais.memory_bytes <= 1.5 * GIB,
            _gib(other.memory_bytes)),
        Row("all tests", "not measured here", "25 minutes"),
    ]  # fmt: skip


def _within(what: str, value: float | None, budget: float, unit: str, stock: float | None) -> Row:
    return Row(what, _ms(value), f"{budget:g} {unit}", _under(value, budget), _ms(stock))


def _under(value: float | None, budget: float) -> bool | None:
    return None if value is None else value <= budget


def _ms(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f} ms"


def _pair(seen) -> str:
    return f"{_ms(seen.percentile(50))}, {_ms(seen.percentile(95))}"


def _times(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f} ×"


def _seconds(value: float | None) -> str:
    return "not measured" if value is None else f"{value:.0f} s"


def _gib(size: int) -> str:
    return f"{size / GIB:.2f} GiB" if size else "–"


def format_table(rows: Sequence[Row]) -> str:
    """A table in columns, good for a terminal and for Markdown."""
    verdict = {True: "yes", False: "NO", None: ""}
    lines = [("what", "Relais", "budget", "kept", "stock Rasa")]
    lines += [(row.what, row.measured, row.budget, verdict[row.kept], row.stock) for row in rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    shown = ["| " + " | ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)) + " |"
             for line in lines]  # fmt: skip
    shown.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(shown)


def today() -> str:
    """When it was measured, in UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")
