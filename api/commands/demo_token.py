"""Prints a portal token for a demo member, the first one when none is named: good for five minutes and one use."""

import argparse
import sys

from sqlalchemy import select

from api.commands.prepare import prepare_databases
from api.identity.portal import mint_demo_token
from api.settings import load_settings
from fund.database import Database
from fund.file.models import Member
from fund.file.seed import STORIES


def main(arguments: list[str]) -> int:
    """`./relais demo-token [MEMBER]`."""
    parser = argparse.ArgumentParser(prog="relais demo-token", description=__doc__)
    parser.add_argument("member", nargs="?")
    member = parser.parse_args(arguments).member
    settings = load_settings()
    if settings.mode != "demo":
        print("relais: there are no demo members in production", file=sys.stderr)
        return 2
    prepare_databases(settings)
    with Database(settings.file_database_url).read() as session:
        member = member or STORIES[0].id
        if session.scalar(select(Member.id).where(Member.id == member)) is None:
            print(f"relais: there is no demo member {member}", file=sys.stderr)
            return 2
    print(mint_demo_token(settings, member))
    return 0
