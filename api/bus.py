"""Tells waiting streams that something changed: inside the process, and through Redis between processes.

Only names travel (`conversation:<id>`, `desk:<fund>`); whoever wakes up reads the database. A lost signal costs a few
seconds, never a message.
"""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Iterator

from redis.asyncio import Redis
from redis.exceptions import RedisError

CHANNEL = "relais"


class Bus:
    """Wakes everybody who listens to a name."""

    def __init__(self, redis_url: str | None) -> None:
        self._listeners: dict[str, set[asyncio.Event]] = defaultdict(set)
        self._redis = Redis.from_url(redis_url, socket_timeout=5) if redis_url else None
        self._relay: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listen to the other processes."""
        if self._redis is not None:
            self._relay = asyncio.create_task(self._listen())

    async def stop(self) -> None:
        """Stop listening to the other processes."""
        if self._relay is not None:
            self._relay.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._relay
        if self._redis is not None:
            await self._redis.aclose()

    async def publish(self, *names: str) -> None:
        """Say that what these names stand for has changed."""
        for name in names:
            self._wake(name)
        if self._redis is not None:
            with contextlib.suppress(RedisError):  # the others notice by their own look at the database
                for name in names:
                    await self._redis.publish(CHANNEL, name)

    @contextlib.contextmanager
    def listen(self, *names: str) -> Iterator[asyncio.Event]:
        """An event that is set whenever one of the names is published; the listener clears it."""
        event = asyncio.Event()
        for name in names:
            self._listeners[name].add(event)
        try:
            yield event
        finally:
            for name in names:
                self._listeners[name].discard(event)
                if not self._listeners[name]:
                    del self._listeners[name]

    def _wake(self, name: str) -> None:
        for event in tuple(self._listeners.get(name, ())):
            event.set()

    async def _listen(self) -> None:
        while True:
            try:
                async with self._redis.pubsub() as subscription:
                    await subscription.subscribe(CHANNEL)
                    async for message in subscription.listen():
                        if message["type"] == "message":
                            self._wake(message["data"].decode())
            except RedisError:
                await asyncio.sleep(1)


async def wait_for(event: asyncio.Event, *, seconds: float) -> bool:
    """Wait until the event is set, and clear it; False when the time is over first."""
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return False
    event.clear()
    return True
