"""Everything one API process holds, put together in one place and handed to the doors."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from fastapi import Request

from actions.tools import Tools, load_content
from api.bus import Bus
from api.content import follow_content, log_problems
from api.identity.portal import PortalKeys, demo_portal, remote_portal
from api.rasa import Rasa
from api.settings import ROOT, Settings
from api.turns import TurnRunner
from fund.clock import shifted_clock, system_clock
from fund.database import Database
from fund.profiles import Profile

THREADS = 64
"""Threads of one process for database work; the pools together hold as many connections."""


class MissingSetting(ValueError):
    """A setting without which this process cannot run; the message names it."""


@dataclass(frozen=True)
class Runtime:
    """Settings, tools and the running parts."""

    settings: Settings
    tools: Tools
    bus: Bus
    rasa: Rasa
    turns: TurnRunner
    portal: PortalKeys

    @property
    def profile(self) -> Profile:
        """The profile of the fund that this installation serves."""
        return self.tools.content.profiles[self.settings.fund]

    @property
    def funds(self) -> dict[str, Profile]:
        """The funds that are served here: the configured one; in demo mode all, to show each voice."""
        return self.tools.content.profiles if self.settings.mode == "demo" else {self.settings.fund: self.profile}

    async def actions_answer(self) -> bool:
        """Whether the private action route answers."""
        return await self.rasa.answers(f"http://{self.settings.actions_host}:{self.settings.actions_port}/health")


def build_runtime(settings: Settings) -> Runtime:
    """Open what the settings name; raises MissingSetting, or the error of the content that is broken."""
    if settings.seam_secret is None:
        raise MissingSetting("RELAIS_SEAM_SECRET is not set")
    content = load_content(ROOT / "data")
    log_problems(content)
    if settings.fund not in content.profiles:
        raise MissingSetting(f"there is no fund “{settings.fund}” in data/funds: {', '.join(content.profiles)}")
    tools = Tools(
        content=content,
        database=Database(settings.database_url, pool_size=THREADS // 2),
        file_database=Database(settings.file_database_url, pool_size=THREADS // 4),
        clock=shifted_clock(settings.now, since=settings.now_since or system_clock()) if settings.now else system_clock,
    )
    bus = Bus(settings.redis_url)
    rasa = Rasa(url=settings.rasa_url, secret=settings.seam_secret.get_secret_value(), timeout=settings.rasa_timeout)
    turns = TurnRunner(tools=tools, rasa=rasa, bus=bus, timeout=settings.rasa_timeout, at_once=settings.turns_at_once)
    portal = demo_portal(settings) if settings.mode == "demo" else remote_portal(settings)
    return Runtime(settings=settings, tools=tools, bus=bus, rasa=rasa, turns=turns, portal=portal)


@asynccontextmanager
async def running(runtime: Runtime) -> AsyncIterator[None]:
    """Start bus and workers, and stop them at the end."""
    await runtime.bus.start()
    await runtime.turns.start()
    following = asyncio.create_task(follow_content(runtime.tools, ROOT / "data"))
    try:
        yield
    finally:
        following.cancel()
        await runtime.turns.stop()
        await runtime.bus.stop()
        await runtime.rasa.close()


def runtime_of(request: Request) -> Runtime:
    """The runtime of the app that serves this request (a FastAPI dependency)."""
    return request.app.state.runtime
