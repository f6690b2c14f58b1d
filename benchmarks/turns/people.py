"""Who writes to the two systems: members on Relais' website, and users of the stock Rasa's REST channel.

`ask(number, text)` has member `number` send one message and gives the moment at which the reply could be read.
"""

import asyncio
import contextlib
import json
import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import httpx

PATIENCE = 60.0
"""Seconds after which a reply counts as not seen; what then became of the message is counted in the transcript."""
MOST_PAGES = 100
MOST_TRIES = 3
KEEP_ALIVE = 2.0
"""Seconds that a connection may rest: less than the servers' 5, or one might close it as we write."""


@dataclass
class Chat:
    """A member's conversation, with what the event stream has said about it."""

    id: str
    token: str
    owner: str = "bot"
    opened: asyncio.Event = field(default_factory=asyncio.Event)
    answered: dict[int, float] = field(default_factory=dict)
    """Message id → moment (loop clock) at which its reply was read."""
    waiting: dict[int, asyncio.Future] = field(default_factory=dict)
    sent: list[int] = field(default_factory=list)
    stream: asyncio.Task | None = None

    @property
    def headers(self) -> dict[str, str]:
        """What opens the conversation."""
        return {"Authorization": f"Bearer {self.token}"}

    def hear(self, kind: str, data: dict[str, Any], *, at: float) -> None:
        """Take in one event of the stream."""
        if kind == "message" and data["in_reply_to"] is not None and data["from"] != "member":
            self.answered.setdefault(data["in_reply_to"], at)
            self._wake([data["in_reply_to"]])
        elif kind == "state":
            self.owner = data["owner"]
            self.opened.set()
            if self.owner != "bot" and not data["busy"]:
                self._wake(list(self.waiting))  # a person has the conversation: the bot answers no more

    def _wake(self, messages: Iterable[int]) -> None:
        for message in messages:
            future = self.waiting.pop(message, None)
            if future is not None and not future.done():
                future.set_result(None)


@dataclass
class Account:
    """What became of the messages, as the stored transcripts say afterwards."""

    accepted: int = 0
    answered_once: int = 0
    answered_more: int = 0
    with_a_person: int = 0
    """Sent while the conversation was being handed over: it waits for an officer, as it should."""
    lost: int = 0
    """Accepted, and not stored exactly once or never answered."""
    refused: dict[int, int] = field(default_factory=dict)
    """Answers other than 202, by status; 0 where the connection broke."""


class Members:
    """Members on the website, each with the event stream open, as the chat window has it.

    The stream, not polling, notices the reply: it is what members look at, costs the server one look per change, and
    wakes us the moment the reply is there. Polling every few milliseconds would be most of the load.
    """

    def __init__(self, url: str) -> None:
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=100, keepalive_expiry=KEEP_ALIVE)
        self._client = httpx.AsyncClient(base_url=url, trust_env=False, timeout=PATIENCE, limits=limits)
        # Streams of their own: a pool that holds hundreds of them would slow down every other request.
        self._streams = httpx.AsyncClient(
            base_url=url, trust_env=False, limits=limits, timeout=httpx.Timeout(None, connect=PATIENCE)
        )
        self.chats: list[Chat] = []
        self._all: list[Chat] = []
        self._refused: Counter[int] = Counter()

    async def __aenter__(self) -> "Members":
        return self

    async def __aexit__(self, *_: object) -> None:
        for chat in self._all:
            chat.stream.cancel()
        await asyncio.gather(*(chat.stream for chat in self._all), return_exceptions=True)
        await self._streams.aclose()
        await self._client.aclose()

    async def open(self, count: int) -> "Members":
        """Open as many conversations, a few at a time."""
        while len(self.chats) < count:
            few = min(10, count - len(self.chats))
            self.chats += await asyncio.gather(
                *(self._open("nl" if number % 2 else "fr") for number in range(len(self.chats), len(self.chats) + few))
            )
        return self

    async def _open(self, language: str) -> Chat:
        answer = await self._client.post("/api/conversations", json={"language": language})
        answer.raise_for_status()
        chat = Chat(**answer.json())
        chat.stream = asyncio.create_task(self._listen(chat))
        self._all.append(chat)
        await asyncio.wait_for(chat.opened.wait(), PATIENCE)
        return chat

    async def _listen(self, chat: Chat) -> None:
        loop = asyncio.get_running_loop()
        kind = ""
        async with self._streams.stream("GET", f"/api/conversations/{chat.id}/events", headers=chat.headers) as stream:
            async for line in stream.aiter_lines():
                name, _, value = line.partition(": ")
                if name == "event":
                    kind = value
                elif name == "data":
                    chat.hear(kind, json.loads(value), at=loop.time())

    async def ask(self, number: int, text: str) -> float | None:
        """One message of a member; None when it was refused or no reply came. A handed-over member starts anew."""
        place = number % len(self.chats)
        if self.chats[place].owner != "bot":
            self.chats[place] = await self._open("nl" if place % 2 else "fr")
        chat = self.chats[place]
        message = await self.send(chat, text)
        if message is None:
            return None
        if message not in chat.answered:  # the reply may overtake the receipt
            future = chat.waiting[message] = asyncio.get_running_loop().create_future()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(future, PATIENCE)
        return chat.answered.get(message)

    async def send(self, chat: Chat, text: str) -> int | None:
        """Send one message: its id, or None when it was refused. A broken connection is tried again, as by the page."""
        address, body = f"/api/conversations/{chat.id}/messages", {"client_id": uuid.uuid4().hex, "text": text}
        answer = None
        for _ in range(MOST_TRIES):
            with contextlib.suppress(httpx.TransportError):
                answer = await self._client.post(address, json=body, headers=chat.headers)
                break
        if answer is None or answer.status_code != 202:
            self._refused[answer.status_code if answer is not None else 0] += 1
            return None
        message = answer.json()["id"]
        chat.sent.append(message)
        return message

    async def last_outcome(self, number: int) -> str | None:
        """How the last message of member `number` was taken."""
        chat = self.chats[number % len(self.chats)]
        answer = await self._client.get(f"/api/conversations/{chat.id}", headers=chat.headers)
        answer.raise_for_status()
        return (answer.json()["last"] or {}).get("outcome")

    async def account(self) -> Account:
        """Read every transcript and count what became of each message."""
        total = Account(refused=dict(self._refused))
        for chat in self._all:
            stored: Counter[int] = Counter()
            replies: Counter[int] = Counter()
            after = 0
            for _ in range(MOST_PAGES):
                lines = await self._read(chat, after=after)
                if not lines:
                    break
                after = lines[-1]["id"]
                stored.update(line["id"] for line in lines if line["from"] == "member")
                replies.update(line["in_reply_to"] for line in lines if line["from"] != "member")
            total.accepted += len(chat.sent)
            for message in chat.sent:
                if stored[message] == 1 and replies[message] == 1:
                    total.answered_once += 1
                elif replies[message] > 1:
                    total.answered_more += 1
                elif stored[message] == 1 and chat.owner != "bot":
                    total.with_a_person += 1
                else:
                    total.lost += 1
        return total

    async def _read(self, chat: Chat, *, after: int) -> list[dict[str, Any]]:
        answer = await self._client.get(
            f"/api/conversations/{chat.id}/messages", params={"after": after}, headers=chat.headers
        )
        answer.raise_for_status()
        return answer.json()


class StockUsers:
    """Users of the stock Rasa, each a sender of its REST channel; its answer is the reply."""

    def __init__(self, url: str) -> None:
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=100, keepalive_expiry=KEEP_ALIVE)
        self._client = httpx.AsyncClient(base_url=url, trust_env=False, timeout=PATIENCE, limits=limits)
        self._senders: list[str] = []

    async def __aenter__(self) -> "StockUsers":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def open(self, count: int) -> "StockUsers":
        """New senders, who need no opening."""
        self._senders = [uuid.uuid4().hex for _ in range(count)]
        return self

    async def ask(self, number: int, text: str) -> float | None:
        """One message of a user; None when no reply came."""
        body = {"sender": self._senders[number % len(self._senders)], "message": text}
        try:
            answer = await self._client.post("/webhooks/rest/webhook", json=body)
        except httpx.HTTPError:
            return None
        if answer.status_code != 200 or not answer.json():
            return None
        return asyncio.get_running_loop().time()
