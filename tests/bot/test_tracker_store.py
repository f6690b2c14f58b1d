"""Rasa's memory is bounded: the session that was used longest ago goes first."""

import asyncio

from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker

from bot.tracker_store import BoundedTrackerStore


def test_the_oldest_session_is_forgotten_first():
    store = BoundedTrackerStore(Domain.empty(), most=3)

    async def use(*senders):
        for sender in senders:
            await store.save(DialogueStateTracker(sender, []))

    asyncio.run(use("a", "b", "c", "a", "d"))
    assert list(store.store) == ["c", "a", "d"]
    assert asyncio.run(store.retrieve("b")) is None
