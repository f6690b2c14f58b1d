"""The measurements one after the other: first Relais, then the stock Rasa with the same questions and arrivals."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from benchmarks.turns.desk import measure_hand_over
from benchmarks.turns.load import MOST_PER_SECOND, Ask, Seen, arrive, saturate, talk_long
from benchmarks.turns.people import Account, Members, StockUsers
from benchmarks.turns.processes import CannotMeasure, memory_of, processor_seconds_of, processor_seconds_of_all

REHEARSED = 200
"""Questions asked once beforehand: then both systems are warm, and what Relais does not simply answer is left out."""
HAND_OVERS = 20
LONG_TALKERS = 3
ROOM = 3
"""Conversations per message a second that arrives: each stays far below its limit of 30 messages in 10 seconds."""


@dataclass(frozen=True)
class Load:
    """How much is sent."""

    calm_per_second: float = 5.0
    busy_per_second: float = 40.0
    seconds: float = 30.0
    """Of each part."""
    people: int = 64
    """At once, at saturation."""
    late_turn: int = 300
    seed: int = 1


@dataclass
class Figures:
    """What was seen of one system."""

    calm: Seen = field(default_factory=Seen)
    early: Seen = field(default_factory=Seen)
    late: Seen = field(default_factory=Seen)
    saturated: Seen = field(default_factory=Seen)
    busy: Seen = field(default_factory=Seen)
    hand_over: Seen | None = None
    account: Account | None = None
    """Of the busy part, where nothing may be lost."""
    memory_bytes: int = 0
    """The most at the end of any part."""
    others: dict[str, float] = field(default_factory=dict)
    """Part → share of the processors that programs other than ours took: above a few percent, measure again."""

    @contextlib.contextmanager
    def part(self, name: str, *, system: Sequence[subprocess.Popen], beside: Sequence[subprocess.Popen]) -> Iterator:
        """Around one part: notes the memory of `system`, and what neither it, nor `beside`, nor we ourselves used."""
        ours = [*system, *beside]

        def used_by_others() -> float:
            return processor_seconds_of_all() - sum(map(processor_seconds_of, ours)) - time.process_time()

        before, started = used_by_others(), time.monotonic()
        yield
        share = (used_by_others() - before) / (time.monotonic() - started) / (os.cpu_count() or 1)
        self.others[name] = round(max(share, 0.0), 3)
        self.memory_bytes = max(self.memory_bytes, sum(map(memory_of, system)))

    @property
    def throughput(self) -> float:
        """Replies a second at saturation."""
        return len(self.saturated.milliseconds) / self.saturated.seconds if self.saturated.seconds else 0.0

    @property
    def growth(self) -> float | None:
        """Median latency at the late turn as a multiple of that at turn 10."""
        early, late = self.early.percentile(50), self.late.percentile(50)
        return late / early if early and late else None

    def summary(self) -> dict[str, Any]:
        """For the report."""
        seen = {name: part.summary() for name, part in vars(self).items() if isinstance(part, Seen)}
        return {
            **seen,
            "throughput_per_second": round(self.throughput, 1),
            "growth": self.growth and round(self.growth, 2),
            "account": asdict(self.account) if self.account else None,
            "memory_bytes": self.memory_bytes,
            "others": self.others,
        }


def tell(text: str) -> None:
    """Say what is being done now; on stderr, so that the table stays clean."""
    print(f"turns: {text}", file=sys.stderr, flush=True)


async def measure_relais(
    url: str,
    texts: Sequence[str],
    *,
    load: Load,
    system: Sequence[subprocess.Popen],
    beside: Sequence[subprocess.Popen] = (),
) -> tuple[Figures, list[str]]:
    """The figures of Relais, and the questions that it answered: the others are asked of nobody."""
    figures = Figures()
    tell("Relais: rehearsal")
    async with Members(url) as members:
        await members.open(REHEARSED // 10)  # so that nobody comes near the limit of a conversation
        kept = [text for number, text in enumerate(texts[:REHEARSED]) if await _is_answered(members, number, text)]
    if not kept:
        raise CannotMeasure("Relais answered none of the questions")
    tell(f"Relais: {load.calm_per_second:g} messages a second arriving, {load.seconds:g} s")
    async with Members(url) as members:
        await members.open(_room(load.calm_per_second))
        with figures.part("calm", system=system, beside=beside):
            figures.calm = await _arriving(members.ask, kept, load.calm_per_second, load)
    tell(f"Relais: {load.late_turn} turns in one conversation, {(load.late_turn + 6) / MOST_PER_SECOND:.0f} s")
    async with Members(url) as members:
        await members.open(LONG_TALKERS)
        with figures.part("long", system=system, beside=beside):
            figures.early, figures.late = await _talking(members.ask, kept, load)
    tell(f"Relais: {load.people} members who write as soon as they have read, {load.seconds:g} s")
    async with Members(url) as members:
        await members.open(load.people)
        with figures.part("saturated", system=system, beside=beside):
            figures.saturated = await saturate(members.ask, kept, people=load.people, seconds=load.seconds)
    tell(f"Relais: {load.busy_per_second:g} messages a second arriving, {load.seconds:g} s")
    async with Members(url) as members:
        await members.open(_room(load.busy_per_second))
        with figures.part("busy", system=system, beside=beside):
            figures.busy = await _arriving(members.ask, kept, load.busy_per_second, load)
        figures.account = await members.account()
    tell(f"Relais: {HAND_OVERS} members ask for a person")
    async with Members(url) as members:
        await members.open(HAND_OVERS)
        figures.hand_over = await measure_hand_over(url, members)
    return figures, kept


async def _is_answered(members: Members, number: int, text: str) -> bool:
    return await members.ask(number, text) is not None and await members.last_outcome(number) == "answered"


async def measure_stock(
    url: str,
    texts: Sequence[str],
    *,
    load: Load,
    system: Sequence[subprocess.Popen],
    beside: Sequence[subprocess.Popen] = (),
) -> Figures:
    """The same of the stock Rasa, as far as it has the same."""
    figures = Figures()
    async with StockUsers(url) as users:
        tell("stock Rasa: rehearsal")
        await users.open(len(texts))
        for number, text in enumerate(texts):
            await users.ask(number, text)
        tell(f"stock Rasa: {load.calm_per_second:g} messages a second arriving, {load.seconds:g} s")
        await users.open(_room(load.calm_per_second))
        with figures.part("calm", system=system, beside=beside):
            figures.calm = await _arriving(users.ask, texts, load.calm_per_second, load)
        tell(f"stock Rasa: {load.late_turn} turns in one conversation")
        await users.open(LONG_TALKERS)
        with figures.part("long", system=system, beside=beside):
            figures.early, figures.late = await _talking(users.ask, texts, load)
        tell(f"stock Rasa: {load.people} users who write as soon as they have read, {load.seconds:g} s")
        await users.open(load.people)
        with figures.part("saturated", system=system, beside=beside):
            figures.saturated = await saturate(users.ask, texts, people=load.people, seconds=load.seconds)
        tell(f"stock Rasa: {load.busy_per_second:g} messages a second arriving, {load.seconds:g} s")
        await users.open(_room(load.busy_per_second))
        with figures.part("busy", system=system, beside=beside):
            figures.busy = await _arriving(users.ask, texts, load.busy_per_second, load)
    return figures


async def _arriving(ask: Ask, texts: Sequence[str], per_second: float, load: Load) -> Seen:
    return await arrive(ask, texts, per_second=per_second, seconds=load.seconds, seed=load.seed)


async def _talking(ask: Ask, texts: Sequence[str], load: Load) -> tuple[Seen, Seen]:
    return await talk_long(ask, texts, people=LONG_TALKERS, turns=load.late_turn, per_second=MOST_PER_SECOND)


def _room(per_second: float) -> int:
    return max(10, round(per_second * ROOM))
