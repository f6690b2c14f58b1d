"""The commands behind `./relais NAME`: one module each, with `main(arguments) -> exit status`."""

import errno
import importlib
import sys

from alembic.util import CommandError
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError

from fund.answers.yaml_file import ContentError
from fund.law.parameters import LawError
from fund.phrases import PhraseError

COMMANDS = {
    "up": "start everything on this machine",
    "test": "run every test",
    "answer": "print the answer on a topic as a member sees it",
    "contribution": "calculate a contribution step by step",
    "understand": "understand the messages of a file",
    "check": "report everything that is wrong, old or missing in the content",
    "charter": "print which promises of the service charters are shown by tests",
    "demo-token": "print a sign-in token for a demo member",
    "seed": "make invented members",
    "train": "train the model if what it is made from has changed",
    "prepare": "create or upgrade the two databases",
    "api": "run the doors alone (for several machines)",
    "bot": "run Rasa alone (for several machines)",
}


def main(arguments: list[str]) -> int:
    """Run the command that the first argument names."""
    if not arguments or arguments[0] in ("help", "--help", "-h"):
        print("usage: ./relais COMMAND …\n")
        for name, what in COMMANDS.items():
            print(f"  {name:13} {what}")
        return 0 if arguments else 2
    name, rest = arguments[0], arguments[1:]
    if name not in COMMANDS:
        print(f"relais: there is no command “{name}”; ./relais help lists them", file=sys.stderr)
        return 2
    try:
        return importlib.import_module(f"api.commands.{name.replace('-', '_')}").main(rest)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 1
    except ValidationError as error:
        first = error.errors()[0]
        setting = "_".join(str(part) for part in first["loc"]) or "settings"
        print(f"relais: {setting}: {first['msg']}", file=sys.stderr)
        return 2
    except (LawError, ContentError, PhraseError) as error:
        print(f"relais: {error}", file=sys.stderr)
        return 1
    except (SQLAlchemyError, CommandError) as error:
        print(f"relais: the database cannot be reached or prepared ({type(error).__name__})", file=sys.stderr)
        return 1
    except OSError as error:
        print("relais: the disk is full" if error.errno == errno.ENOSPC else f"relais: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
