"""Content that editors change while Relais runs: a changed file is live within seconds, a broken one is refused."""

import asyncio
import logging
from pathlib import Path

import anyio.to_thread

from actions.tools import Content, Tools, load_content
from fund.answers.yaml_file import ContentError
from fund.law.parameters import LawError
from fund.phrases import PhraseError

log = logging.getLogger("relais.content")

EVERY_SECONDS = 2.0
_LEARNT = "training"
"""What the model was trained from: it has no part in the content that runs."""

Stamp = frozenset[tuple[str, int, int]]


async def follow_content(tools: Tools, data: Path) -> None:
    """Replace `tools.content` whenever the files in `data` have changed and stood still for one look; never ends.

    When the law, a phrase or a profile is broken the content stays as it was; when an answer is broken that answer
    alone is left out. Either is logged with file, line and remedy.
    """
    known = seen = await anyio.to_thread.run_sync(stamp_of, data)
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        now = await anyio.to_thread.run_sync(stamp_of, data)
        if now == seen != known:
            known = now
            await anyio.to_thread.run_sync(renew, tools, data)
        seen = now


def stamp_of(data: Path) -> Stamp:
    """What changes when a content file does: names, sizes and times."""
    found = set()
    for path in data.rglob("*.yml"):
        if _LEARNT not in path.parts:
            try:
                status = path.stat()
            except FileNotFoundError:  # an editor's program puts a new file in the place of the old one
                continue
            found.add((str(path), status.st_size, status.st_mtime_ns))
    return frozenset(found)


def renew(tools: Tools, data: Path) -> None:
    """Read the content again and put it in the place of the old one, unless it is broken."""
    try:
        content = load_content(data)
    except (LawError, ContentError, PhraseError) as error:
        log.error("the changed content is refused, the old one stays: %s", error)
        return
    except Exception as error:  # whatever else a file may hold, the next change must find us here
        log.error("the changed content cannot be read, the old one stays: %s: %s", type(error).__name__, error)
        return
    tools.content = content
    log.warning("the changed content is live")
    log_problems(content)


def log_problems(content: Content) -> None:
    """Say which answers are left out, and why."""
    for error in content.problems:
        log.error("the answer on %s is left out: %s", error.topic, error)
