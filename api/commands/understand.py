"""Understands the messages of a JSON Lines file: one line out per line in, no conversation, no server."""

import argparse
import subprocess
import sys
from pathlib import Path

from api.commands.train import BOT_PYTHON, TrainingFailed, bot_environment, ensure_model
from api.settings import ROOT


def main(arguments: list[str]) -> int:
    """`./relais understand FILE.jsonl`."""
    parser = argparse.ArgumentParser(prog="relais understand", description=__doc__)
    parser.add_argument("file", type=Path)
    file = parser.parse_args(arguments).file.resolve()
    if not file.is_file():
        print(f"relais: there is no file {file}", file=sys.stderr)
        return 2
    try:
        model = ensure_model()
    except TrainingFailed as error:
        print(f"relais: {error}", file=sys.stderr)
        return 1
    command = [str(BOT_PYTHON), "-m", "bot.understand", str(model), str(file)]
    code = subprocess.run(command, cwd=ROOT, env=bot_environment(), stderr=subprocess.DEVNULL).returncode
    if code:
        print(f"relais: the model could not be run (code {code})", file=sys.stderr)
    return 1 if code else 0
