"""Creates or upgrades the two databases; in demo mode also the invented members, on first run."""

import argparse
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import func, select

from api.settings import ROOT, Settings, load_settings
from fund.clock import day_in_belgium, system_clock
from fund.database import Database
from fund.file.models import Member
from fund.file.seed import seed_members

DEMO_MEMBERS = 40


def upgrade(url: str, directory: str) -> None:
    """Bring the database at `url` to the newest schema of `migrations/<directory>`."""
    if url.startswith("sqlite:///"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations" / directory))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    command.upgrade(config, "head")


def prepare_databases(settings: Settings) -> None:
    """Schema of both databases, and demo members where there are none. The real file belongs to the fund: untouched."""
    upgrade(settings.database_url, "relais")
    if settings.mode == "demo":
        upgrade(settings.file_database_url, "file")
        file = Database(settings.file_database_url)
        with file.write() as session:
            if not session.scalar(select(func.count()).select_from(Member)):
                now = settings.now or system_clock()
                seed_members(session, count=DEMO_MEMBERS, seed=1, on=day_in_belgium(now))
        file.engine.dispose()


def main(arguments: list[str]) -> int:
    """`./relais prepare`."""
    argparse.ArgumentParser(prog="relais prepare", description=__doc__).parse_args(arguments)
    prepare_databases(load_settings())
    return 0
