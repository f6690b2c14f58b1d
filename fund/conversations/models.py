"""Conversations, their messages, and the turns that work them off."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from fund.database import Base, UtcDateTime


class Conversation(Base):
    """One conversation of one member on one channel; all that Relais remembers of it stands here, nothing in Rasa."""

    __tablename__ = "conversation"
    __personal__ = ("member_id", "state")
    __table_args__ = (
        CheckConstraint("owner in ('bot', 'queue', 'officer')", name="owner"),
        CheckConstraint("(owner = 'officer') = (officer_id is not null)", name="officer"),
        CheckConstraint("language in ('nl', 'fr')", name="language"),
        Index("ix_conversation_owner_queued_at", "owner", "queued_at"),
        Index("ix_conversation_leased_until", "leased_until"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    fund: Mapped[str] = mapped_column(String(32))
    channel: Mapped[str] = mapped_column(String(16))
    language: Mapped[str] = mapped_column(String(2))
    page_language: Mapped[str] = mapped_column(String(2))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    token_expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)

    owner: Mapped[str] = mapped_column(String(8), default="bot")
    officer_id: Mapped[str | None] = mapped_column(ForeignKey("officer.id"))
    queued_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str | None] = mapped_column(String(32))
    topic: Mapped[str | None] = mapped_column(String(64))

    member_id: Mapped[str | None] = mapped_column(String(64))
    signed_in_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    state: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    last: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    rasa_sender: Mapped[str] = mapped_column(String(32))
    rasa_turns: Mapped[int] = mapped_column(default=0)

    lease_key: Mapped[str | None] = mapped_column(String(64), unique=True)
    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Message(Base):
    """One line of a conversation, in the order in which it was stored. `text` is plain and already masked."""

    __tablename__ = "message"
    __personal__ = ("text",)
    __table_args__ = (
        CheckConstraint("author in ('member', 'bot', 'officer', 'system')", name="author"),
        UniqueConstraint("conversation_id", "client_id"),
        UniqueConstraint("turn_id", "author"),
        Index("ix_message_conversation_id_id", "conversation_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"))
    author: Mapped[str] = mapped_column(String(8))
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    client_id: Mapped[str | None] = mapped_column(String(128))
    """The sender's own id of the line: a repeated delivery is recognised by it."""
    fingerprint: Mapped[str | None] = mapped_column(String(64))
    """Hash of the masked text, to tell a repeated delivery from another text under the same id."""
    in_reply_to: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    turn_id: Mapped[int | None] = mapped_column()
    """The turn that produced the line (no foreign key: the two tables would each need the other first)."""
    officer_id: Mapped[str | None] = mapped_column(ForeignKey("officer.id"))
    buttons: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)
    sources: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)
    trace: Mapped[dict[str, Any] | None] = mapped_column(JSON)


class Turn(Base):
    """Work to do on a conversation: a message to answer, or a pending question to take up after sign-in."""

    __tablename__ = "turn"
    __table_args__ = (
        CheckConstraint("kind in ('message', 'signed_in')", name="kind"),
        Index("ix_turn_conversation_id_id", "conversation_id", "id"),
        Index("ix_turn_done_at", "done_at", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"))
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"))
    kind: Mapped[str] = mapped_column(String(16), default="message")
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Event(Base):
    """What happened to a conversation, when and by whom; the history is complete and only grows."""

    __tablename__ = "event"
    __table_args__ = (Index("ix_event_conversation_id_id", "conversation_id", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    kind: Mapped[str] = mapped_column(String(32))
    actor: Mapped[str] = mapped_column(String(64))
    """`member`, `bot`, or the id of an officer."""
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class Officer(Base):
    """An officer (klantverantwoordelijke / responsable clients) as the sign-in provider named them."""

    __tablename__ = "officer"
    __personal__ = ("name",)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(128))
    fund: Mapped[str] = mapped_column(String(32))
    languages: Mapped[list[str]] = mapped_column(JSON)
    desk_language: Mapped[str] = mapped_column(String(2))
    roles: Mapped[list[str]] = mapped_column(JSON)
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class OfficerSession(Base):
    """A sign-in at the desk. The browser holds the secret, here lies only its hash."""

    __tablename__ = "officer_session"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    officer_id: Mapped[str] = mapped_column(ForeignKey("officer.id"), index=True)
    csrf_token: Mapped[str] = mapped_column(String(64))
    """Stands in every form of the desk: whoever posts has read a page of this session."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    idle_until: Mapped[datetime] = mapped_column(UtcDateTime)
    """Moved on by what the officer does, never by what an open page asks by itself."""
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    """The end whatever the officer does."""


class UsedToken(Base):
    """The single-use id of a sign-in token that was already presented, kept until the token itself has expired."""

    __tablename__ = "used_token"

    id: Mapped[str] = mapped_column(String(128), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
