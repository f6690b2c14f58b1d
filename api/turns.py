"""Works off the turns: one at a time per conversation, under a lease that a crash frees, each finished in one piece."""

import asyncio
import functools
import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

import anyio.to_thread
from sqlalchemy.orm import Session

from actions.tools import Tools
from api.bus import Bus
from api.log import where
from api.rasa import Rasa, RasaFailed
from fund.conversations import service
from fund.conversations.choices import find_choice
from fund.conversations.danger import means_danger
from fund.conversations.models import Conversation
from fund.conversations.reply import Reply
from fund.conversations.service import LeasedTurn
from fund.requests.models import Request

log = logging.getLogger("relais.turns")

TURNS_PER_SENDER = 12
"""Rasa's work grows with the turns of a session: a new sender id every dozen keeps it flat."""
RETRY_PAUSE = 0.5
MOST_ATTEMPTS = 5
RASA_STARTS_WITHIN = 60.0
"""Seconds that the workers of a new process give Rasa to load its model, before they treat its silence as silence."""
LOOK_EVERY = 0.5
"""Seconds between looks for turns that nobody was told of (another process, a restart)."""

T = TypeVar("T")


class TurnRunner:
    """The workers of one API process."""

    def __init__(self, *, tools: Tools, rasa: Rasa, bus: Bus, timeout: float, at_once: int) -> None:
        self._tools = tools
        self._rasa = rasa
        self._bus = bus
        self._timeout = timeout
        self._lease = timedelta(seconds=timeout + 5)
        self._at_once = at_once
        self._todo: asyncio.Queue[str | None] = asyncio.Queue()
        self._tasks: list[asyncio.Task[None]] = []
        self._open = asyncio.Event()

    async def start(self) -> None:
        """Start the workers."""
        self._tasks = [asyncio.create_task(self._work()) for _ in range(self._at_once)]
        self._tasks += [asyncio.create_task(self._look()), asyncio.create_task(self._wait_for_rasa())]

    async def stop(self) -> None:
        """Stop; a turn in hand is taken up again by whoever looks next."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def wake(self, conversation_id: str) -> None:
        """There is a new turn in this conversation."""
        self._todo.put_nowait(conversation_id)

    async def _wait_for_rasa(self) -> None:
        deadline = time.monotonic() + RASA_STARTS_WITHIN
        while time.monotonic() < deadline and not await self._rasa.is_ready():
            await asyncio.sleep(RETRY_PAUSE)
        self._open.set()

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            if self._todo.empty():
                self._todo.put_nowait(None)

    async def _work(self) -> None:
        await self._open.wait()
        while True:
            conversation_id = await self._todo.get()
            try:
                while True:
                    turn = await self._in_database(
                        lambda session, id=conversation_id: service.claim_turn(
                            session, now=self._tools.clock(), lease=self._lease, conversation_id=id
                        )
                    )
                    if turn is None:
                        break
                    more = await self._take(turn)
                    if conversation_id is not None and not more:
                        break
            except asyncio.CancelledError:
                raise
            except Exception as error:
                # The lease ends by itself and the turn is tried again; the text of an error may quote a member.
                log.error("a turn could not be finished: %s", where(error))

    async def _take(self, turn: LeasedTurn) -> bool:
        """Do the turn; whether its conversation has another one waiting."""
        if turn.owner != "bot":
            work = functools.partial(self._to_person, turn=turn)
        else:
            # A turn that cannot be finished time and again must not block its conversation for ever.
            reply = await self._ask(turn) if turn.attempts <= MOST_ATTEMPTS else _apology(turn, self._tools)
            work = functools.partial(finish_turn, turn=turn, reply=reply, now=self._tools.clock())

        def end(session: Session) -> bool:
            work(session)
            session.flush()
            return service.is_busy(session, conversation_id=turn.conversation_id)

        more = await self._in_database(end)
        await self._bus.publish(f"conversation:{turn.conversation_id}", f"desk:{turn.fund}")
        return more

    async def _ask(self, turn: LeasedTurn) -> Reply:
        """Rasa's reply; a failed call is tried again with a fresh sender until the time is over, then we apologise."""
        chosen = _chosen(turn)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._timeout
        while True:
            try:
                async with asyncio.timeout_at(deadline):
                    return await self._rasa.ask(turn, chosen=chosen)
            except (RasaFailed, TimeoutError) as error:
                log.warning("Rasa did not answer turn %s: %s", turn.id, error or "too late")
            if loop.time() + RETRY_PAUSE >= deadline:
                return _apology(turn, self._tools)
            await asyncio.sleep(RETRY_PAUSE)
            turn = await self._in_database(lambda session, turn=turn: renew_sender(session, turn=turn))

    def _to_person(self, session: Session, *, turn: LeasedTurn) -> None:
        """What a member says to a person stays there; only the way back to the bot is taken."""
        now = self._tools.clock()
        conversation = service.end_turn(session, turn=turn, now=now)
        if conversation is None or turn.kind != "message":
            return
        say = self._tools.content.voice(fund=turn.fund, language=conversation.language)
        line = {"conversation": conversation, "author": "system", "now": now, "turn_id": turn.id}
        chosen = find_choice(turn.text, conversation.state.get("offered", []))
        fund = self._tools.content.profiles[turn.fund].name
        if conversation.state.get("help_given") is None and means_danger(turn.text, self._tools.content.danger_phrases):
            # No brain listens here, and the officer may be asleep: the help lines come at once, once.
            conversation.state = {**conversation.state, "help_given": True}
            if conversation.owner == "queue":
                conversation.reason = "distress"
            service.record_event(session, conversation_id=turn.conversation_id, kind="distress", actor="bot", now=now)
            sources = list(self._tools.content.help_lines[conversation.language])
            line |= {"in_reply_to": turn.message_id, "sources": sources}
            service.add_line(session, text=say("hand_over.distress", fund=fund), **line)
        elif conversation.owner == "queue" and chosen and chosen.get("take_back"):
            service.take_back(session, conversation=conversation, now=now)
            service.add_line(session, text=say("hand_over.taken_back"), in_reply_to=turn.message_id, **line)
        elif conversation.owner == "queue" and not conversation.state.get("noted"):
            conversation.state = {**conversation.state, "noted": True}
            service.add_line(session, text=say("hand_over.message_noted"), in_reply_to=turn.message_id, **line)

    async def _in_database(self, work: Callable[[Session], T]) -> T:
        def run() -> T:
            with self._tools.database.write() as session:
                return work(session)

        return await anyio.to_thread.run_sync(run)


def _chosen(turn: LeasedTurn) -> dict[str, Any] | None:
    """What the member chose from the offered buttons, or the question that waited for the sign-in."""
    if turn.kind == "signed_in":
        pending = turn.state.get("pending") or {}
        return {key: pending[key] for key in ("topic", "need", "facet") if pending.get(key)} or None
    return find_choice(turn.text, turn.state.get("offered", []))


def renew_sender(session: Session, *, turn: LeasedTurn) -> LeasedTurn:
    """Give the conversation a fresh session in Rasa, so that a repeated message is not a second one there.

    Whoever lost the lease changes nothing: the session is another worker's now.
    """
    conversation = service.lock_conversation(session, turn.conversation_id)
    if conversation.lease_key != turn.key:
        return turn
    conversation.rasa_sender = secrets.token_hex(16)
    conversation.rasa_turns = 0
    return replace(turn, rasa_sender=conversation.rasa_sender, rasa_turns=0)


def finish_turn(session: Session, *, turn: LeasedTurn, reply: Reply, now: datetime) -> bool:
    """Store everything that the turn changed, together; False when somebody else has the turn or the conversation."""
    conversation = service.end_turn(session, turn=turn, now=now)
    if conversation is None or conversation.owner != "bot":
        return False
    service.add_line(
        session,
        conversation=conversation,
        author="bot",
        text=reply.text,
        now=now,
        buttons=reply.buttons,
        sources=reply.sources,
        in_reply_to=turn.message_id,
        turn_id=turn.id,
        trace=reply.trace,
    )
    conversation.state = reply.state
    conversation.language = reply.language
    conversation.last = {
        "message": turn.message_id,
        "topic": reply.topic,
        "need": reply.need,
        "language": reply.language,
        "outcome": reply.outcome,
        "reason": reply.reason,
    }
    service.record_event(
        session, conversation_id=conversation.id, kind=reply.outcome, actor="bot", now=now,
        topic=reply.topic, need=reply.need, reason=reply.reason,
    )  # fmt: skip
    if reply.request is not None:
        _register(session, conversation=conversation, turn=turn, reply=reply, now=now)
    if reply.owner == "queue":
        service.hand_over(session, conversation=conversation, reason=reply.reason, topic=reply.topic, now=now)
    if reply.outcome == "asked_sign_in" and service.signed_in_member(conversation, now=now) is not None:
        service.take_up_pending(session, conversation=conversation, now=now)  # they signed in while we were asking
    _count_turn(conversation)
    return True


def _register(session: Session, *, conversation: Conversation, turn: LeasedTurn, reply: Reply, now: datetime) -> None:
    session.add(
        Request(
            reference=reply.request["reference"],
            fund=conversation.fund,
            conversation_id=conversation.id,
            turn_id=turn.id,
            member_id=turn.member_id,
            kind=reply.request["kind"],
            topic=reply.request["topic"],
            text=turn.text,
            language=reply.language,
            registered_at=now,
            due_on=date.fromisoformat(reply.request["due_on"]),
        )
    )


def _count_turn(conversation: Conversation) -> None:
    conversation.rasa_turns += 1
    if conversation.rasa_turns >= TURNS_PER_SENDER:
        conversation.rasa_sender = secrets.token_hex(16)
        conversation.rasa_turns = 0


def _apology(turn: LeasedTurn, tools: Tools) -> Reply:
    """Rasa was silent too long: an apology, and a person; the help lines instead when the message means danger."""
    say = tools.content.voice(fund=turn.fund, language=turn.language)
    fund = tools.content.profiles[turn.fund].name
    danger = means_danger(turn.text, tools.content.danger_phrases)
    title = say("chat.button_bot")
    offered = [] if danger else [{"title": title, "value": title, "does": {"take_back": True}}]
    apology = f"{say('chat.bot_unavailable')}\n\n{say('hand_over.bot_unavailable', fund=fund)}"
    return Reply(
        text=say("hand_over.distress", fund=fund) if danger else apology,
        topic=turn.state.get("topic") or "small_talk",
        need=None,
        outcome="handed_over",
        language=turn.language,
        owner="queue",
        reason="distress" if danger else "bot_unavailable",
        buttons=[{"title": button["title"], "value": button["value"]} for button in offered],
        sources=list(tools.content.help_lines[turn.language]) if danger else [],
        state={**turn.state, "offered": offered, "noted": False},
    )
