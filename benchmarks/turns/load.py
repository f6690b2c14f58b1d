"""Ways to write: as messages arrive, as fast as replies come, and for hundreds of turns in one conversation.

Each takes `ask(number, text)` of `people.py`, is bounded in messages and in time, and gives back what it saw.
"""

import asyncio
import random
import statistics
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

Ask = Callable[[int, str], Awaitable[float | None]]

MOST_PER_SECOND = 2.8
"""Messages of one member: Relais refuses the 31st within 10 seconds."""
EARLY = range(5, 17)
"""Turns around the tenth: a dozen, so that every place in one of Relais' sessions with Rasa is among them."""
MOST_MESSAGES = 100_000


@dataclass
class Seen:
    """Latencies in milliseconds of the messages that were answered, and how many were not."""

    milliseconds: list[float] = field(default_factory=list)
    unanswered: int = 0
    seconds: float = 0.0
    """From the first message to the last reply."""

    def add(self, *, since: float, answered: float | None) -> None:
        """One message."""
        if answered is None:
            self.unanswered += 1
        else:
            self.milliseconds.append((answered - since) * 1000)

    @property
    def sent(self) -> int:
        """Messages in all."""
        return len(self.milliseconds) + self.unanswered

    def percentile(self, percent: int) -> float | None:
        """Milliseconds within which so many percent were answered; None with fewer than two replies."""
        if len(self.milliseconds) < 2:
            return None
        return statistics.quantiles(self.milliseconds, n=100, method="inclusive")[percent - 1]

    def summary(self) -> dict[str, float | int | None]:
        """For the report."""
        shown = {f"p{percent}_ms": self.percentile(percent) for percent in (50, 95, 99)}
        shown["max_ms"] = max(self.milliseconds, default=None)
        rounded = {name: None if value is None else round(value, 1) for name, value in shown.items()}
        return {"messages": self.sent, "unanswered": self.unanswered, "seconds": round(self.seconds, 1), **rounded}


async def arrive(ask: Ask, texts: Sequence[str], *, per_second: float, seconds: float, seed: int) -> Seen:
    """Messages arrive by chance (Poisson), whether or not the earlier ones were answered.

    Latency counts from the moment at which a message was to arrive: waiting in a queue of ours is no excuse.
    """
    loop = asyncio.get_running_loop()
    chance = random.Random(seed)
    seen = Seen()

    async def one(number: int, due: float) -> float | None:
        answered = await ask(number, texts[number % len(texts)])
        seen.add(since=due, answered=answered)
        return answered

    started = due = loop.time() + 0.2
    tasks = []
    for number in range(min(round(per_second * seconds), MOST_MESSAGES)):
        due += chance.expovariate(per_second)
        await asyncio.sleep(max(0.0, due - loop.time()))
        tasks.append(asyncio.create_task(one(number, due)))
    await asyncio.gather(*tasks)
    seen.seconds = loop.time() - started
    return seen


async def saturate(ask: Ask, texts: Sequence[str], *, people: int, seconds: float) -> Seen:
    """So many people at once who each write again as soon as they have read the reply; after `seconds` nobody starts
    again. `len(milliseconds) / seconds` of the result is the throughput, the last replies included."""
    loop = asyncio.get_running_loop()
    seen = Seen()
    started = loop.time()

    async def person(number: int) -> None:
        turn = number
        while loop.time() - started < seconds and seen.sent < MOST_MESSAGES:
            sent = loop.time()
            seen.add(since=sent, answered=await ask(number, texts[turn % len(texts)]))
            turn += people
            await asyncio.sleep(max(0.0, sent + 1 / MOST_PER_SECOND - loop.time()))

    await asyncio.gather(*(person(number) for number in range(people)))
    seen.seconds = loop.time() - started
    return seen


async def talk_long(ask: Ask, texts: Sequence[str], *, people: int, turns: int, per_second: float) -> tuple[Seen, Seen]:
    """A few people who each write `turns` + 6 messages in one conversation, one after the other's reply.

    Gives the dozen turns around the tenth and the dozen around turn `turns`, in which the same questions are asked.
    """
    loop = asyncio.get_running_loop()
    shift = turns - 10
    late = range(EARLY.start + shift, EARLY.stop + shift)
    first, last = Seen(), Seen()

    async def person(number: int) -> None:
        due = loop.time() + number / per_second / people
        for turn in range(1, late.stop):
            await asyncio.sleep(max(0.0, due - loop.time()))
            due = loop.time() + 1 / per_second
            sent = loop.time()
            text = texts[(turn - shift if turn in late else turn) % len(texts)]
            answered = await ask(number, text)
            if turn in EARLY:
                first.add(since=sent, answered=answered)
            elif turn in late:
                last.add(since=sent, answered=answered)

    await asyncio.gather(*(person(number) for number in range(people)))
    return first, last
