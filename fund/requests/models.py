"""What a member wants done (aanvraag / demande): an application, a change, an appointment, a complaint."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from fund.database import Base, UtcDateTime


class Request(Base):
    """A registered request with its reference and the day by which the fund answers."""

    __tablename__ = "request"
    __personal__ = ("member_id", "text")
    __table_args__ = (
        CheckConstraint("state in ('registered', 'in_progress', 'done', 'refused')", name="state"),
        CheckConstraint("kind in ('application', 'change', 'appointment', 'complaint', 'document')", name="kind"),
        Index("ix_request_fund_state_due_on", "fund", "state", "due_on"),
        Index("ix_request_member_id", "member_id"),
    )

    reference: Mapped[str] = mapped_column(String(16), primary_key=True)
    fund: Mapped[str] = mapped_column(String(32))
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"))
    turn_id: Mapped[int] = mapped_column(ForeignKey("turn.id"), unique=True)
    member_id: Mapped[str | None] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(16))
    topic: Mapped[str] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(2))
    state: Mapped[str] = mapped_column(String(16), default="registered")
    registered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_on: Mapped[date] = mapped_column(Date)
    reason: Mapped[str | None] = mapped_column(Text)
    """Why it was done or refused, in the officer's words."""
