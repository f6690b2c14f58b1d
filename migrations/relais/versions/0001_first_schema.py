"""Conversations, turns, officers, requests, audit

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

import fund.database


revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", fund.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.String(length=8), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("member_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=True),
        sa.Column("turn_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("actor_kind in ('member', 'officer', 'bot')", name=op.f("ck_audit_entry_actor_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
        sa.UniqueConstraint("turn_id", "kind", name=op.f("uq_audit_entry_turn_id_kind")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.create_index("ix_audit_entry_member_id_at", ["member_id", "at"], unique=False)

    op.create_table(
        "officer",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("fund", sa.String(length=32), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("desk_language", sa.String(length=2), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("seen_at", fund.database.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_officer")),
    )
    op.create_table(
        "used_token",
        sa.Column("id", sa.String(length=128), nullable=False),
        sa.Column("expires_at", fund.database.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_used_token")),
    )
    with op.batch_alter_table("used_token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_used_token_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "conversation",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("fund", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("page_language", sa.String(length=2), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("token_expires_at", fund.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_at", fund.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("changed_at", fund.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("owner", sa.String(length=8), nullable=False),
        sa.Column("officer_id", sa.String(length=64), nullable=True),
        sa.Column("queued_at", fund.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("topic", sa.String(length=64), nullable=True),
        sa.Column("member_id", sa.String(length=64), nullable=True),
        sa.Column("signed_in_until", fund.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("seen_at", fund.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.Column("last", sa.JSON(), nullable=True),
        sa.Column("rasa_sender", sa.String(length=32), nullable=False),
        sa.Column("rasa_turns", sa.Integer(), nullable=False),
        sa.Column("lease_key", sa.String(length=64), nullable=True),
        sa.Column("leased_until", fund.database.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(owner = 'officer') = (officer_id is not null)", name=op.f("ck_conversation_officer")),
        sa.CheckConstraint("language in ('nl', 'fr')", name=op.f("ck_conversation_language")),
        sa.CheckConstraint("owner in ('bot', 'queue', 'officer')", name=op.f("ck_conversation_owner")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_conversation_officer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation")),
        sa.UniqueConstraint("lease_key", name=op.f("uq_conversation_lease_key")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_conversation_token_hash")),
    )
    with op.batch_alter_table("conversation", schema=None) as batch_op:
        batch_op.create_index("ix_conversation_leased_until", ["leased_until"], unique=False)
        batch_op.create_index("ix_conversation_owner_queued_at", ["owner", "queued_at"], unique=False)

    op.create_table(
        "officer_session",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("officer_id", sa.String(length=64), nullable=False),
        sa.Column("csrf_token", sa.String(length=64), nullable=False),
        sa.Column("created_at", fund.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("idle_until", fund.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", fund.database.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_officer_session_officer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_officer_session")),
    )
    with op.batch_alter_table("officer_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_officer_session_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_officer_session_officer_id"), ["officer_id"], unique=False)

    op.create_table(
        "event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("at", fund.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=op.f("fk_event_conversation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index("ix_event_conversation_id_id", ["conversation_id", "id"], unique=False)

    op.create_table(
        "message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("author", sa.String(length=8), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", fund.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.String(length=128), nullable=True),
        sa.Column("fingerprint", sa.String(length=64), nullable=True),
        sa.Column("in_reply_to", sa.Integer(), nullable=True),
        sa.Column("turn_id", sa.Integer(), nullable=True),
        sa.Column("officer_id", sa.String(length=64), nullable=True),
        sa.Column("buttons", sa.JSON(), nullable=False),
        sa.Column("sources", sa.JSON(), nullable=False),
        sa.Column("trace", sa.JSON(), nullable=True),
        sa.CheckConstraint("author in ('member', 'bot', 'officer', 'system')", name=op.f("ck_message_author")),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=op.f("fk_message_conversation_id")),
        sa.ForeignKeyConstraint(["in_reply_to"], ["message.id"], name=op.f("fk_message_in_reply_to")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_message_officer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("conversation_id", "client_id", name=op.f("uq_message_conversation_id_client_id")),
        sa.UniqueConstraint("turn_id", "author", name=op.f("uq_message_turn_id_author")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index("ix_message_conversation_id_id", ["conversation_id", "id"], unique=False)

    op.create_table(
        "turn",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", fund.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("done_at", fund.database.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind in ('message', 'signed_in')", name=op.f("ck_turn_kind")),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=op.f("fk_turn_conversation_id")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_turn_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_turn")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("turn", schema=None) as batch_op:
        batch_op.create_index("ix_turn_conversation_id_id", ["conversation_id", "id"], unique=False)
        batch_op.create_index("ix_turn_done_at", ["done_at", "id"], unique=False)

    op.create_table(
        "request",
        sa.Column("reference", sa.String(length=16), nullable=False),
        sa.Column("fund", sa.String(length=32), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("turn_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.String(length=64), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("topic", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("registered_at", fund.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "kind in ('application', 'change', 'appointment', 'complaint', 'document')", name=op.f("ck_request_kind")
        ),
        sa.CheckConstraint("state in ('registered', 'in_progress', 'done', 'refused')", name=op.f("ck_request_state")),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=op.f("fk_request_conversation_id")),
        sa.ForeignKeyConstraint(["turn_id"], ["turn.id"], name=op.f("fk_request_turn_id")),
        sa.PrimaryKeyConstraint("reference", name=op.f("pk_request")),
        sa.UniqueConstraint("turn_id", name=op.f("uq_request_turn_id")),
    )
    with op.batch_alter_table("request", schema=None) as batch_op:
        batch_op.create_index("ix_request_fund_state_due_on", ["fund", "state", "due_on"], unique=False)
        batch_op.create_index("ix_request_member_id", ["member_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("request", schema=None) as batch_op:
        batch_op.drop_index("ix_request_member_id")
        batch_op.drop_index("ix_request_fund_state_due_on")

    op.drop_table("request")
    with op.batch_alter_table("turn", schema=None) as batch_op:
        batch_op.drop_index("ix_turn_done_at")
        batch_op.drop_index("ix_turn_conversation_id_id")

    op.drop_table("turn")
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index("ix_message_conversation_id_id")

    op.drop_table("message")
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.drop_index("ix_event_conversation_id_id")

    op.drop_table("event")
    with op.batch_alter_table("officer_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_officer_session_officer_id"))
        batch_op.drop_index(batch_op.f("ix_officer_session_expires_at"))

    op.drop_table("officer_session")
    with op.batch_alter_table("conversation", schema=None) as batch_op:
        batch_op.drop_index("ix_conversation_owner_queued_at")
        batch_op.drop_index("ix_conversation_leased_until")

    op.drop_table("conversation")
    with op.batch_alter_table("used_token", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_used_token_expires_at"))

    op.drop_table("used_token")
    op.drop_table("officer")
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_entry_member_id_at")

    op.drop_table("audit_entry")
