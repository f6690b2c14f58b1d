"""Runs Rasa on its private port: one process. It needs RELAIS_SEAM_SECRET and RELAIS_ACTIONS_URL, and says so."""

import argparse
import os
import sys

from api.commands.train import BOT_PYTHON, TrainingFailed, bot_environment, ensure_model
from api.settings import ROOT

DEFAULT_PORT = "5005"


def bot_command(model: str, port: int | str) -> list[str]:
    """The command line of the brain."""
    return [str(BOT_PYTHON), "-m", "bot.serve", model, str(port)]


def main(arguments: list[str]) -> int:
    """`./relais bot [PORT]`."""
    parser = argparse.ArgumentParser(prog="relais bot", description=__doc__)
    parser.add_argument("port", nargs="?", default=DEFAULT_PORT)
    port = parser.parse_args(arguments).port
    try:
        model = ensure_model()
    except TrainingFailed as error:
        print(f"relais: {error}", file=sys.stderr)
        return 1
    os.chdir(ROOT)
    return os.execve(BOT_PYTHON, bot_command(str(model), port), bot_environment())
