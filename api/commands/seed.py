"""`./relais seed`: invented members in an empty file, for the demo and for trials."""

import argparse
import sys
from typing import NoReturn

from sqlalchemy import inspect
from sqlalchemy.exc import SQLAlchemyError

from api.settings import load_settings
from fund.clock import day_in_belgium, system_clock
from fund.database import Database
from fund.file.models import Member
from fund.file.seed import FileNotEmptyError, seed_members

WRONG_INPUT = 2
MEMBERS = 40
SEED = 1


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        print(f"{self.prog}: {message}", file=sys.stderr)
        raise SystemExit(WRONG_INPUT)


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 7):
        raise argparse.ArgumentTypeError(f"“{text}” is not a number of members from 0 to 9999999")
    return int(text)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="relais seed",
        description="Fill an empty file with the demo's stories and invented members.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--members", type=_count, default=MEMBERS, help=f"how many beside the stories (default {MEMBERS})"
    )
    parser.add_argument("--seed", type=int, default=SEED, help=f"another seed, other people (default {SEED})")
    return parser


def main(argv: list[str]) -> int:
    """Run the command with the words after `seed`.

    Returns 0 when the members are written. Returns 2 in production mode, 1 when the file already holds members, has no
    tables yet or cannot be reached, with the reason in one line on stderr; nothing is written then. Wrong use of the
    options leaves with SystemExit 2, as argparse does.
    """
    options = _parser().parse_args(argv)
    settings = load_settings()
    if settings.mode != "demo":
        print("relais seed: a real file gets no invented members; this works in demo mode only", file=sys.stderr)
        return WRONG_INPUT
    now = settings.now or system_clock()
    try:
        file = Database(settings.file_database_url)
        try:
            if not inspect(file.engine).has_table(Member.__tablename__):
                print("relais seed: the file has no tables yet; run ./relais prepare first", file=sys.stderr)
                return 1
            with file.write() as session:
                member_ids = seed_members(session, count=options.members, seed=options.seed, on=day_in_belgium(now))
        finally:
            file.engine.dispose()
    except FileNotEmptyError:
        print(
            "relais seed: the file already holds members; invented ones are only put into an empty file",
            file=sys.stderr,
        )
        return 1
    except SQLAlchemyError as error:
        print(f"relais seed: the file cannot be written: {type(error).__name__}", file=sys.stderr)
        return 1
    print(f"{len(member_ids)} members written, from {member_ids[0]} to {member_ids[-1]}")
    return 0
