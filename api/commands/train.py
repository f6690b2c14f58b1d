"""Trains the model when what it is made from has changed."""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from api.settings import ROOT

MODELS = ROOT / "var" / "model"
BOT_PYTHON = ROOT / "var" / "environments" / "bot" / "bin" / "python"
INPUTS = (
    "config.yml", "bot/**/*.py", "bot/*.yml", "data/*/training/*.yml", "data/*/distress_phrases.yml", "locks/bot.txt",
)  # fmt: skip
NOT_FOR_THE_BRAIN = ("DATABASE_URL", "FILE_DATABASE_URL", "REDIS_URL", "RELAIS_OIDC", "RELAIS_SESSION", "RELAIS_PORTAL")


class TrainingFailed(Exception):
    """Training gave no model; the message is one sentence and the last lines that Rasa printed."""


def model_file() -> Path:
    """Where the model made from the present inputs lies or will lie."""
    digest = hashlib.sha256()
    for path in sorted({path for pattern in INPUTS for path in ROOT.glob(pattern)}):
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return MODELS / f"{digest.hexdigest()[:16]}.tar.gz"


def bot_environment(**more: str) -> dict[str, str]:
    """The environment variables of the brain's programs: nothing of the databases and of sign-in."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(NOT_FOR_THE_BRAIN)}
    return {**inherited, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore", **more}


def ensure_model() -> Path:
    """The trained model of the present inputs, trained now if it is not there. TrainingFailed when that fails."""
    model = model_file()
    if model.is_file():
        return model
    MODELS.mkdir(parents=True, exist_ok=True)
    draft = MODELS / f"draft-{os.getpid()}" / "model.tar.gz"
    draft.parent.mkdir(exist_ok=True)
    started = time.monotonic()
    _tell("training the model (about a minute)")
    log = MODELS / "training.log"
    with log.open("wb") as output:
        done = subprocess.Popen(
            [str(BOT_PYTHON), "-m", "bot.train", str(draft)],
            cwd=ROOT,
            env=bot_environment(),
            stdout=output,
            stderr=output,
        )
        while done.poll() is None:
            time.sleep(0.5)
            if sys.stderr.isatty():
                print(f"\rrelais: training the model, {time.monotonic() - started:.0f} s ", end="", file=sys.stderr)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    if done.returncode or not draft.is_file():
        lines = log.read_text(errors="replace").strip().splitlines() or ["it said nothing"]
        shutil.rmtree(draft.parent)
        raise TrainingFailed(f"training the model failed: {lines[-1]} (all of it: var/model/{log.name})")
    draft.replace(model)
    draft.parent.rmdir()
    for old in sorted(MODELS.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)[:-3]:
        old.unlink()
    _tell(f"the model is trained ({time.monotonic() - started:.0f} s)")
    return model


def _tell(text: str) -> None:
    print(f"relais: {text}", file=sys.stderr, flush=True)


def main(arguments: list[str]) -> int:
    """`./relais train`."""
    argparse.ArgumentParser(prog="relais train", description=__doc__).parse_args(arguments)
    try:
        print(ensure_model())
    except TrainingFailed as error:
        print(f"relais: {error}", file=sys.stderr)
        return 1
    return 0
