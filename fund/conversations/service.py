"""Conversations in the database: start, store, list, sign in, hand over, hand back."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, case, delete, exists, func, or_, select, update
from sqlalchemy.exc import IntegrityError, NoResultFound
from sqlalchemy.orm import Session

from fund.conversations.models import Conversation, Event, Message, Officer, Turn, UsedToken
from fund.privacy.masking import mask

TOKEN_LIFETIME = timedelta(days=30)
SIGNED_IN_AT_MOST = timedelta(hours=8)
SIGNED_IN_IDLE = timedelta(minutes=30)
PRESENT_FOR = timedelta(seconds=90)
AWAY_AFTER = timedelta(minutes=15)
"""After so long without their desk open an officer's conversations may be taken by a colleague."""


class ClientIdReused(ValueError):
    """The same client id came again with another text."""


class OtherMember(ValueError):
    """The conversation is bound to another member."""


class TokenUsed(ValueError):
    """The sign-in token was presented before."""


class NotYours(ValueError):
    """The officer does not hold the conversation (any more)."""


def fingerprint(text: str) -> str:
    """A hash by which a secret or a text is recognised without being kept."""
    return hashlib.sha256(text.encode()).hexdigest()


def start_conversation(
    session: Session, *, fund: str, channel: str, language: str, page_language: str, now: datetime
) -> tuple[Conversation, str]:
    """A new conversation owned by the bot, and the token that opens it (kept only as a hash)."""
    token = secrets.token_urlsafe(32)
    conversation = Conversation(
        id=secrets.token_hex(16),
        fund=fund,
        channel=channel,
        language=language,
        page_language=page_language,
        token_hash=fingerprint(token),
        token_expires_at=now + TOKEN_LIFETIME,
        created_at=now,
        changed_at=now,
        owner="bot",
        state={},
        rasa_sender=secrets.token_hex(16),
        rasa_turns=0,
    )
    session.add(conversation)
    session.flush()
    record_event(session, conversation_id=conversation.id, kind="started", actor="member", now=now, language=language)
    return conversation, token


def get_conversation(session: Session, conversation_id: str) -> Conversation | None:
    """The conversation, or None."""
    return session.get(Conversation, conversation_id)


def lock_conversation(session: Session, conversation_id: str) -> Conversation:
    """The conversation, locked until the end of the transaction: lines are added in one order that everybody sees."""
    return session.get_one(Conversation, conversation_id, with_for_update=True, populate_existing=True)


def signed_in_member(conversation: Conversation, *, now: datetime) -> str | None:
    """The member who is signed in at `now`, or None (never signed in, signed out, expired or idle too long)."""
    if conversation.signed_in_until is None or conversation.signed_in_until <= now:
        return None
    if conversation.seen_at is not None and conversation.seen_at + SIGNED_IN_IDLE <= now:
        return None
    return conversation.member_id


def store_member_message(
    session: Session, *, conversation_id: str, client_id: str, text: str, now: datetime
) -> tuple[Message, bool]:
    """Store what the member wrote, masked, with the turn that will answer it; True when it is new.

    Raises ClientIdReused when this client id was used for another text.
    """
    conversation = lock_conversation(session, conversation_id)
    masked = mask(text)
    # Of the masked text: a hash of a national number alone is as good as the number, there are too few of them.
    sent = fingerprint(masked.text)
    known = session.scalar(
        select(Message).where(Message.conversation_id == conversation_id, Message.client_id == client_id)
    )
    if known is not None:
        if known.fingerprint != sent:
            raise ClientIdReused(client_id)
        return known, False
    message = Message(
        conversation_id=conversation_id,
        author="member",
        text=masked.text,
        at=now,
        client_id=client_id,
        fingerprint=sent,
        trace={"masked": sorted(masked.kinds)} if masked.kinds else None,
    )
    session.add(message)
    if signed_in_member(conversation, now=now) is None:
        conversation.signed_in_until = None  # idle or expired: a later message must not revive it
    conversation.seen_at = conversation.changed_at = now
    session.flush()
    session.add(Turn(conversation_id=conversation_id, message_id=message.id, created_at=now))
    return message, True


def list_messages(session: Session, *, conversation_id: str, after: int = 0, limit: int = 5_000) -> Sequence[Message]:
    """The lines after the one with id `after`, oldest first."""
    return session.scalars(
        select(Message)
        .where(Message.conversation_id == conversation_id, Message.id > after)
        .order_by(Message.id)
        .limit(limit)
    ).all()


def is_busy(session: Session, *, conversation_id: str) -> bool:
    """Whether a turn of the conversation is still to be done."""
    return bool(session.scalar(select(exists().where(Turn.conversation_id == conversation_id, Turn.done_at.is_(None)))))


def add_line(
    session: Session,
    *,
    conversation: Conversation,
    author: str,
    text: str,
    now: datetime,
    officer_id: str | None = None,
    buttons: list[dict[str, str]] | None = None,
    **columns: Any,
) -> Message:
    """Add a line to a locked conversation."""
    message = Message(
        conversation_id=conversation.id,
        author=author,
        text=text,
        at=now,
        officer_id=officer_id,
        buttons=buttons or [],
        **columns,
    )
    session.add(message)
    conversation.changed_at = now
    session.flush()
    return message


def record_event(
    session: Session, *, conversation_id: str, kind: str, actor: str, now: datetime, **detail: Any
) -> None:
    """Write into the history of a conversation what happened."""
    session.add(Event(conversation_id=conversation_id, at=now, kind=kind, actor=actor, detail=detail))


# --- identity of the member ---


def sign_in(
    session: Session,
    *,
    conversation_id: str,
    member_id: str,
    token_id: str,
    token_expires_at: datetime,
    token_seen_at: datetime,
    now: datetime,
) -> None:
    """Bind the conversation to the member; the question that waited for it is taken up again as a new turn.

    `token_seen_at` is real time, also where `now` is the demo's: only ids of expired tokens are forgotten.

    Raises OtherMember when the conversation was bound to somebody else before, TokenUsed on a replayed token.
    """
    conversation = lock_conversation(session, conversation_id)
    if conversation.member_id not in (None, member_id):
        raise OtherMember(conversation_id)
    session.execute(delete(UsedToken).where(UsedToken.expires_at < token_seen_at))
    if session.get(UsedToken, token_id) is not None:
        raise TokenUsed(token_id)
    try:
        with session.begin_nested():
            session.add(UsedToken(id=token_id, expires_at=token_expires_at))
    except IntegrityError as error:  # presented in another conversation a moment sooner
        raise TokenUsed(token_id) from error
    conversation.member_id = member_id
    conversation.signed_in_until = now + SIGNED_IN_AT_MOST
    conversation.seen_at = now
    record_event(session, conversation_id=conversation_id, kind="signed_in", actor="member", now=now)
    take_up_pending(session, conversation=conversation, now=now)


def take_up_pending(session: Session, *, conversation: Conversation, now: datetime) -> None:
    """Make a turn of the question that waits for the sign-in, once."""
    pending = conversation.state.get("pending")
    taken_up = exists().where(Turn.conversation_id == conversation.id, Turn.kind == "signed_in", Turn.done_at.is_(None))
    if pending is not None and conversation.owner == "bot" and not session.scalar(select(taken_up)):
        session.add(
            Turn(conversation_id=conversation.id, message_id=pending["message"], kind="signed_in", created_at=now)
        )


def sign_out(session: Session, *, conversation_id: str, now: datetime) -> None:
    """Forget the sign-in; the conversation stays bound, so that nobody else can sign in to its transcript."""
    conversation = lock_conversation(session, conversation_id)
    conversation.signed_in_until = None
    conversation.state = {key: value for key, value in conversation.state.items() if key != "pending"}
    record_event(session, conversation_id=conversation_id, kind="signed_out", actor="member", now=now)


# --- ownership: queue, officer, bot ---


def hand_over(session: Session, *, conversation: Conversation, reason: str, topic: str | None, now: datetime) -> None:
    """Put a locked conversation into the officers' queue."""
    conversation.owner = "queue"
    conversation.officer_id = None
    conversation.queued_at = now
    conversation.reason = reason
    conversation.topic = topic
    record_event(
        session, conversation_id=conversation.id, kind="handed_over", actor="bot", now=now, reason=reason, topic=topic
    )


def take_back(session: Session, *, conversation: Conversation, now: datetime) -> None:
    """The member leaves the queue and goes on with the bot."""
    conversation.owner = "bot"
    conversation.queued_at = None
    conversation.state = _fresh(conversation.state)
    record_event(session, conversation_id=conversation.id, kind="taken_back", actor="member", now=now)


def claim_conversation(session: Session, *, conversation_id: str, officer_id: str, fund: str, now: datetime) -> bool:
    """The officer takes a waiting conversation, or one whose officer has been away too long.

    False when it is neither (any more). One of two at once wins.
    """
    gone = exists().where(
        Officer.id == Conversation.officer_id, or_(Officer.seen_at.is_(None), Officer.seen_at < now - AWAY_AFTER)
    )
    free = or_(Conversation.owner == "queue", and_(Conversation.owner == "officer", gone))
    claimed = session.execute(
        update(Conversation)
        .where(Conversation.id == conversation_id, Conversation.fund == fund, free)
        .values(owner="officer", officer_id=officer_id, queued_at=None, changed_at=now)
        .execution_options(synchronize_session=False)
    ).rowcount
    if claimed:
        record_event(session, conversation_id=conversation_id, kind="claimed", actor=officer_id, now=now)
    return bool(claimed)


def hold_conversation(session: Session, *, conversation_id: str, officer_id: str) -> Conversation:
    """The locked conversation, if this officer holds it; else NotYours."""
    try:
        conversation = lock_conversation(session, conversation_id)
    except NoResultFound as error:
        raise NotYours(conversation_id) from error
    if conversation.owner != "officer" or conversation.officer_id != officer_id:
        raise NotYours(conversation_id)
    return conversation


def write_as_officer(
    session: Session, *, conversation_id: str, officer_id: str, client_id: str, text: str, now: datetime
) -> Message:
    """Add what the officer wrote; the same client id again gives the line that is already there."""
    conversation = hold_conversation(session, conversation_id=conversation_id, officer_id=officer_id)
    known = session.scalar(
        select(Message).where(Message.conversation_id == conversation_id, Message.client_id == client_id)
    )
    if known is not None:
        return known
    record_event(session, conversation_id=conversation_id, kind="officer_wrote", actor=officer_id, now=now)
    return add_line(
        session, conversation=conversation, author="officer", text=text, now=now, officer_id=officer_id,
        client_id=client_id,
    )  # fmt: skip


def release_conversation(
    session: Session, *, conversation_id: str, officer_id: str, text: str, now: datetime
) -> Message:
    """The officer hands back to the bot; `text` is the line that the member sees."""
    conversation = hold_conversation(session, conversation_id=conversation_id, officer_id=officer_id)
    conversation.owner = "bot"
    conversation.officer_id = None
    conversation.state = _fresh(conversation.state)
    record_event(session, conversation_id=conversation_id, kind="handed_back", actor=officer_id, now=now)
    return add_line(session, conversation=conversation, author="system", text=text, now=now)


def _fresh(state: dict[str, Any]) -> dict[str, Any]:
    """What the bot still knows after a person was there: the topic and a chosen language, nothing half-finished."""
    return {key: state[key] for key in ("topic", "language_chosen") if key in state}


# --- the officers' desk ---


def list_waiting(session: Session, *, fund: str) -> Sequence[Conversation]:
    """Conversations that wait for an officer: distress first, then judicial recovery, then the longest wait."""
    urgency = case((Conversation.reason == "distress", 0), (Conversation.reason == "judicial", 1), else_=2)
    return session.scalars(
        select(Conversation)
        .where(Conversation.fund == fund, Conversation.owner == "queue")
        .order_by(urgency, Conversation.queued_at)
    ).all()


def list_held(session: Session, *, fund: str, officer_id: str | None = None) -> Sequence[Conversation]:
    """Conversations that officers hold now: one officer's, or everybody's."""
    query = select(Conversation).where(Conversation.fund == fund, Conversation.owner == "officer")
    if officer_id is not None:
        query = query.where(Conversation.officer_id == officer_id)
    return session.scalars(query.order_by(Conversation.changed_at.desc())).all()


def list_events(session: Session, *, conversation_id: str) -> Sequence[Event]:
    """The history of a conversation, oldest first."""
    return session.scalars(select(Event).where(Event.conversation_id == conversation_id).order_by(Event.id)).all()


def save_officer(
    session: Session, *, officer_id: str, name: str, fund: str, languages: list[str], roles: list[str], now: datetime
) -> Officer:
    """Keep what the sign-in provider says of an officer."""
    officer = session.get(Officer, officer_id)
    if officer is None:
        officer = Officer(id=officer_id, desk_language=languages[0])
        session.add(officer)
    officer.name, officer.fund, officer.languages, officer.roles = name, fund, languages, roles
    officer.seen_at = now
    return officer


def note_presence(session: Session, *, officer_id: str, now: datetime) -> None:
    """The officer's desk is open in front of them."""
    session.execute(update(Officer).where(Officer.id == officer_id).values(seen_at=now))


def is_away(officer: Officer, *, now: datetime) -> bool:
    """Whether a colleague may take over what the officer holds."""
    return officer.seen_at is None or officer.seen_at < now - AWAY_AFTER


def requeue_held(session: Session, *, officer_id: str, now: datetime) -> list[str]:
    """Put what an officer who leaves still holds back into the queue; the ids of those conversations."""
    held = session.scalars(
        select(Conversation)
        .where(Conversation.officer_id == officer_id, Conversation.owner == "officer")
        .with_for_update()
    ).all()
    for conversation in held:
        conversation.owner, conversation.officer_id = "queue", None
        conversation.queued_at = conversation.changed_at = now
        record_event(session, conversation_id=conversation.id, kind="requeued", actor=officer_id, now=now)
    return [conversation.id for conversation in held]


def note_absence(session: Session, *, officer_id: str) -> None:
    """The officer has signed out."""
    session.execute(update(Officer).where(Officer.id == officer_id).values(seen_at=None))


def count_present(session: Session, *, fund: str, language: str, now: datetime) -> int:
    """How many officers who speak the language have the desk open."""
    officers = session.scalars(select(Officer).where(Officer.fund == fund, Officer.seen_at > now - PRESENT_FOR))
    return sum(language in officer.languages for officer in officers)


def count_waiting(session: Session, *, fund: str) -> int:
    """How many conversations wait for an officer."""
    return session.scalar(
        select(func.count()).select_from(Conversation).where(Conversation.fund == fund, Conversation.owner == "queue")
    )


# --- turns ---


@dataclass(frozen=True)
class LeasedTurn:
    """A turn under lease, with what its conversation looked like when it was taken."""

    id: int
    key: str
    kind: str
    attempts: int
    message_id: int
    text: str
    masked: tuple[str, ...]
    conversation_id: str
    fund: str
    channel: str
    language: str
    page_language: str
    owner: str
    member_id: str | None
    """The member who is signed in, else None."""
    state: dict[str, Any]
    rasa_sender: str
    rasa_turns: int


def claim_turn(
    session: Session, *, now: datetime, lease: timedelta, conversation_id: str | None = None
) -> LeasedTurn | None:
    """Take the oldest open turn of a conversation (of any, when none is named) that nobody works on, or None.

    One turn per conversation at a time: the lease lies on the conversation, and ends by itself after a crash.
    """
    free = or_(Conversation.leased_until.is_(None), Conversation.leased_until <= now)
    if conversation_id is None:
        conversation_id = session.scalar(
            select(Turn.conversation_id)
            .join(Conversation, Conversation.id == Turn.conversation_id)
            .where(Turn.done_at.is_(None), free)
            .order_by(Turn.id)
            .limit(1)
            .with_for_update(of=Conversation, skip_locked=True)  # two who look at once find two turns, not one
        )
        if conversation_id is None:
            return None
    elif not is_busy(session, conversation_id=conversation_id):
        return None  # after every turn somebody asks for the next: only a look, no lease taken and given back
    key = secrets.token_urlsafe(32)
    won = session.execute(
        update(Conversation)
        .where(Conversation.id == conversation_id, free)
        .values(lease_key=key, leased_until=now + lease)
        .execution_options(synchronize_session=False)
    ).rowcount
    if not won:
        return None
    turn = session.scalar(
        select(Turn).where(Turn.conversation_id == conversation_id, Turn.done_at.is_(None)).order_by(Turn.id).limit(1)
    )
    conversation = session.get_one(Conversation, conversation_id, populate_existing=True)
    if turn is None:
        conversation.lease_key = conversation.leased_until = None
        return None
    turn.attempts += 1
    return _leased(session, conversation=conversation, turn=turn, now=now)


def find_leased_turn(session: Session, *, key: str, now: datetime) -> LeasedTurn | None:
    """The turn that is under lease with this key now, or None: what an action may work for."""
    conversation = session.scalar(
        select(Conversation).where(Conversation.lease_key == key, Conversation.leased_until > now)
    )
    if conversation is None:
        return None
    turn = session.scalar(
        select(Turn).where(Turn.conversation_id == conversation.id, Turn.done_at.is_(None)).order_by(Turn.id).limit(1)
    )
    return None if turn is None else _leased(session, conversation=conversation, turn=turn, now=now)


def _leased(session: Session, *, conversation: Conversation, turn: Turn, now: datetime) -> LeasedTurn:
    message = session.get_one(Message, turn.message_id)
    return LeasedTurn(
        id=turn.id,
        key=conversation.lease_key,
        kind=turn.kind,
        attempts=turn.attempts,
        message_id=message.id,
        text=message.text,
        masked=tuple((message.trace or {}).get("masked", ())),
        conversation_id=conversation.id,
        fund=conversation.fund,
        channel=conversation.channel,
        language=conversation.language,
        page_language=conversation.page_language,
        owner=conversation.owner,
        member_id=signed_in_member(conversation, now=now),
        state=conversation.state,
        rasa_sender=conversation.rasa_sender,
        rasa_turns=conversation.rasa_turns,
    )


def end_turn(session: Session, *, turn: LeasedTurn, now: datetime) -> Conversation | None:
    """Mark the turn done and free its conversation, which is given back locked; None when the lease was lost.

    Whoever lost the lease must write nothing: somebody else has the turn now.
    """
    conversation = lock_conversation(session, turn.conversation_id)
    row = session.get_one(Turn, turn.id)
    if conversation.lease_key != turn.key or row.done_at is not None:
        return None
    row.done_at = now
    conversation.lease_key = conversation.leased_until = None
    return conversation
