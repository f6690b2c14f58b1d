"""Sets up what the tests need and runs every one of them."""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

from api.commands.train import BOT_PYTHON, TrainingFailed, bot_environment, ensure_model
from api.settings import ROOT

NEEDED = {
    "postgresql": lambda: any(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or shutil.which("initdb"),
    "redis-server": lambda: shutil.which("redis-server"),
    "chromium": lambda: shutil.which("chromium"),
}


def install_what_is_missing() -> str | None:
    """Install PostgreSQL, Redis and Chromium with apt where they are missing; the reason when that is not possible."""
    missing = [package for package, present in NEEDED.items() if not present()]
    if not missing:
        return None
    names = ", ".join(missing)
    if not shutil.which("apt-get"):
        return f"the tests need {names}: install them first"
    if os.geteuid() != 0 and not shutil.which("sudo"):
        return f"the tests need {names}: install them as root first"
    print(f"relais: installing {names} with apt for the tests", file=sys.stderr, flush=True)
    sudo = [] if os.geteuid() == 0 else ["sudo"]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-q"],
        ["apt-get", "install", "-y", "-q", "--no-install-recommends", *missing],
    ):
        done = subprocess.run([*sudo, *command], env=environment, capture_output=True, text=True)
        if done.returncode:
            return f"{' '.join(command[:2])} failed: {done.stderr.strip().splitlines()[-1:]}"
    return None


def main(arguments: list[str]) -> int:
    """`./relais test [pytest arguments]`: arguments choose among the product's tests; without any, everything runs."""
    parser = argparse.ArgumentParser(prog="relais test", description=__doc__, add_help=not arguments)
    _, chosen = parser.parse_known_args(arguments)
    trouble = install_what_is_missing()
    if trouble:
        print(f"relais: {trouble}", file=sys.stderr)
        return 1
    try:
        ensure_model()
    except TrainingFailed as error:
        print(f"relais: {error}", file=sys.stderr)
        return 1
    steps = [
        ([sys.executable, "-m", "ruff", "check", "."], os.environ),
        ([str(BOT_PYTHON), "-W", "ignore", "-m", "pytest", "-q", "-W", "ignore", "tests/bot"], bot_environment()),
        ([sys.executable, "-m", "pytest", "-q", "--ignore=tests/bot"], os.environ),
    ]
    if chosen:
        steps = [([sys.executable, "-m", "pytest", *chosen], os.environ)]
    codes = [subprocess.run(command, cwd=ROOT, env=environment).returncode for command, environment in steps]
    return 1 if any(codes) else 0
