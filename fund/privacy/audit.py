"""Who looked into which member's file, when, and for what. Rows are only ever added."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from fund.database import Base, UtcDateTime


class AuditEntry(Base):
    """One look into a member's file. No foreign keys: it outlives the conversation, which the member may erase."""

    __tablename__ = "audit_entry"
    __personal__ = ("actor", "member_id")
    __table_args__ = (
        CheckConstraint("actor_kind in ('member', 'officer', 'bot')", name="actor_kind"),
        UniqueConstraint("turn_id", "kind"),
        Index("ix_audit_entry_member_id_at", "member_id", "at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_kind: Mapped[str] = mapped_column(String(8))
    actor: Mapped[str] = mapped_column(String(64))
    """The member's or the officer's id, or the name of the process."""
    member_id: Mapped[str] = mapped_column(String(64))
    """Whose file it was."""
    kind: Mapped[str] = mapped_column(String(32))
    """The kind of question, as in fund/file: "balance", "due_notice"…"""
    conversation_id: Mapped[str | None] = mapped_column(String(32))
    turn_id: Mapped[int | None] = mapped_column()


def record_look(
    session: Session,
    *,
    actor_kind: str,
    actor: str,
    member_id: str,
    kind: str,
    now: datetime,
    conversation_id: str | None = None,
    turn_id: int | None = None,
) -> AuditEntry:
    """Put one look into a member's file on record, before anything of it is shown.

    A turn that is tried again records the same look once: the entry that stands is given back. A look outside of a
    turn (`turn_id` None, an officer at the desk) is always a new entry. Raises ValueError when a turn and kind are
    already on record for another member or actor.
    """
    entry = _find(session, turn_id=turn_id, kind=kind)
    if entry is None:
        entry = AuditEntry(
            at=now, actor_kind=actor_kind, actor=actor, member_id=member_id, kind=kind,
            conversation_id=conversation_id, turn_id=turn_id,
        )  # fmt: skip
        try:
            with session.begin_nested():
                session.add(entry)
        except IntegrityError:  # the same turn, tried again elsewhere, was a moment sooner
            entry = _find(session, turn_id=turn_id, kind=kind)
            if entry is None:
                raise
    if (entry.member_id, entry.actor_kind, entry.actor) != (member_id, actor_kind, actor):
        raise ValueError("this turn and kind are on record for somebody else")
    return entry


def list_looks(session: Session, *, member_id: str) -> list[AuditEntry]:
    """Every look into the file of a member, oldest first."""
    return list(
        session.scalars(
            select(AuditEntry).where(AuditEntry.member_id == member_id).order_by(AuditEntry.at, AuditEntry.id)
        )
    )


def _find(session: Session, *, turn_id: int | None, kind: str) -> AuditEntry | None:
    if turn_id is None:
        return None
    return session.scalar(select(AuditEntry).where(AuditEntry.turn_id == turn_id, AuditEntry.kind == kind))
