"""Rasa's memory of a session, bounded: it holds nothing that we would miss, and forgets the oldest session first."""

from collections import OrderedDict
from typing import Any, Optional

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker

MOST_SESSIONS = 2_000


class BoundedTrackerStore(InMemoryTrackerStore):
    """An in-memory store that keeps the sessions used last; the stock one never evicts."""

    def __init__(
        self, domain: Domain, event_broker: Optional[EventBroker] = None, most: int = MOST_SESSIONS, **kwargs: Any
    ) -> None:
        kwargs.pop("host", None)
        super().__init__(domain, event_broker, **kwargs)
        self.store: OrderedDict[str, str] = OrderedDict()
        self._most = most

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Keep the session as the newest one and drop the oldest beyond the bound."""
        await super().save(tracker)
        self.store.move_to_end(tracker.sender_id)
        while len(self.store) > self._most:
            self.store.popitem(last=False)
