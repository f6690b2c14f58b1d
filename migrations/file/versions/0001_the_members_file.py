"""The member's file: who, in which category, incomes, contributions with their lines, notices, payments."""

import sqlalchemy as sa
from alembic import op


revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account_manager",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("officer_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("telephone", sa.String(length=32), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_manager")),
        sa.UniqueConstraint("officer_id", name=op.f("uq_account_manager_officer_id")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("national_number", sa.String(length=11), nullable=False),
        sa.Column("first_name", sa.String(length=64), nullable=False),
        sa.Column("last_name", sa.String(length=64), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("street", sa.String(length=128), nullable=False),
        sa.Column("postal_code", sa.String(length=16), nullable=False),
        sa.Column("city", sa.String(length=64), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("telephone", sa.String(length=32), nullable=True),
        sa.Column("bank_account", sa.String(length=34), nullable=True),
        sa.Column("deceased_on", sa.Date(), nullable=True),
        sa.CheckConstraint("language in ('nl', 'fr')", name=op.f("ck_person_language")),
        sa.CheckConstraint("length(national_number) = 11", name=op.f("ck_person_national_number")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("national_number", name=op.f("uq_person_national_number")),
    )
    op.create_table(
        "member",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("account_manager_id", sa.Integer(), nullable=True),
        sa.Column("direct_debit", sa.Boolean(), nullable=False),
        sa.Column("blocked_since", sa.Date(), nullable=True),
        sa.Column("data_as_of", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_manager_id"], ["account_manager.id"], name=op.f("fk_member_account_manager_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_member_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member")),
        sa.UniqueConstraint("person_id", name=op.f("uq_member_person_id")),
    )
    op.create_index(op.f("ix_member_account_manager_id"), "member", ["account_manager_id"], unique=False)

    op.create_table(
        "affiliation",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("member_id", sa.String(length=16), nullable=False),
        sa.Column("category", sa.String(length=16), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "category in ('main', 'article_37', 'primostarter', 'secondary', 'student', 'spouse_maxi', 'spouse_mini', 'pensioner')",
            name=op.f("ck_affiliation_category"),
        ),
        sa.CheckConstraint("ends_on is null or ends_on >= starts_on", name=op.f("ck_affiliation_period")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_affiliation_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_affiliation")),
        sa.UniqueConstraint("member_id", "starts_on", name=op.f("uq_affiliation_member_id_starts_on")),
    )
    op.create_index(
        "uq_affiliation_running",
        "affiliation",
        ["member_id"],
        unique=True,
        sqlite_where=sa.text("ends_on is null"),
        postgresql_where=sa.text("ends_on is null"),
    )

    op.create_table(
        "contribution",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("member_id", sa.String(length=16), nullable=False),
        sa.Column("quarter", sa.String(length=6), nullable=False),
        sa.Column("category", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("basis", sa.String(length=16), nullable=False),
        sa.Column("claimed_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "basis in ('income_n3', 'estimate', 'starter', 'own_year')", name=op.f("ck_contribution_basis")
        ),
        sa.CheckConstraint(
            "category in ('main', 'article_37', 'primostarter', 'secondary', 'student', 'spouse_maxi', 'spouse_mini', 'pensioner')",
            name=op.f("ck_contribution_category"),
        ),
        sa.CheckConstraint(
            "length(quarter) = 6 and substr(quarter, 1, 2) in ('19', '20') and substr(quarter, 3, 1) in ('0', '1', '2', '3', '4', '5', '6', '7', '8', '9') and substr(quarter, 4, 1) in ('0', '1', '2', '3', '4', '5', '6', '7', '8', '9') and substr(quarter, 5, 1) = 'Q' and substr(quarter, 6, 1) in ('1', '2', '3', '4')",
            name=op.f("ck_contribution_quarter"),
        ),
        sa.CheckConstraint("status in ('provisional', 'final')", name=op.f("ck_contribution_status")),
        sa.CheckConstraint("due_on >= claimed_on", name=op.f("ck_contribution_due_on")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_contribution_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contribution")),
        sa.UniqueConstraint("member_id", "quarter", name=op.f("uq_contribution_member_id_quarter")),
    )
    op.create_table(
        "income",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("member_id", sa.String(length=16), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("amount", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("quarters", sa.Integer(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.CheckConstraint("source in ('tax_administration', 'member')", name=op.f("ck_income_source")),
        sa.CheckConstraint("status in ('final', 'provisional')", name=op.f("ck_income_status")),
        sa.CheckConstraint("quarters between 1 and 4", name=op.f("ck_income_quarters")),
        sa.CheckConstraint("year between 1967 and 2099", name=op.f("ck_income_year")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_income_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_income")),
        sa.UniqueConstraint("member_id", "year", "status", name=op.f("uq_income_member_id_year_status")),
    )
    op.create_table(
        "payment",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("member_id", sa.String(length=16), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("method", sa.String(length=16), nullable=False),
        sa.Column("structured_communication", sa.String(length=12), nullable=True),
        sa.CheckConstraint("method in ('transfer', 'direct_debit')", name=op.f("ck_payment_method")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_payment_amount")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_payment_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
    )
    op.create_index("ix_payment_member_id_received_on", "payment", ["member_id", "received_on"], unique=False)

    op.create_table(
        "regularisation",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("member_id", sa.String(length=16), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.CheckConstraint("due_on is null or due_on >= sent_on", name=op.f("ck_regularisation_due_on")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_regularisation_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regularisation")),
        sa.UniqueConstraint("member_id", "year", name=op.f("uq_regularisation_member_id_year")),
    )
    op.create_table(
        "allocation",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("payment_id", sa.Integer(), nullable=False),
        sa.Column("contribution_id", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_allocation_amount")),
        sa.ForeignKeyConstraint(["contribution_id"], ["contribution.id"], name=op.f("fk_allocation_contribution_id")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_allocation_payment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allocation")),
        sa.UniqueConstraint("payment_id", "contribution_id", name=op.f("uq_allocation_payment_id_contribution_id")),
    )
    op.create_index("ix_allocation_contribution_id", "allocation", ["contribution_id"], unique=False)

    op.create_table(
        "contribution_line",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("contribution_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("basis", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("rate", sa.Numeric(precision=7, scale=4), nullable=True),
        sa.Column("amount", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("regularisation_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(kind in ('supplement', 'credit')) = (regularisation_id is not null)",
            name=op.f("ck_contribution_line_regularisation"),
        ),
        sa.CheckConstraint(
            "kind in ('basis', 'rate_part', 'minimum', 'reduction', 'fee', 'increase', 'supplement', 'credit')",
            name=op.f("ck_contribution_line_kind"),
        ),
        sa.CheckConstraint("kind in ('reduction', 'credit') or amount >= 0", name=op.f("ck_contribution_line_added")),
        sa.CheckConstraint(
            "kind not in ('rate_part', 'fee', 'increase') or (basis is not null and rate is not null)",
            name=op.f("ck_contribution_line_computed"),
        ),
        sa.CheckConstraint(
            "kind not in ('reduction', 'credit') or amount <= 0", name=op.f("ck_contribution_line_deducted")
        ),
        sa.ForeignKeyConstraint(
            ["contribution_id"], ["contribution.id"], name=op.f("fk_contribution_line_contribution_id")
        ),
        sa.ForeignKeyConstraint(
            ["regularisation_id"], ["regularisation.id"], name=op.f("fk_contribution_line_regularisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contribution_line")),
        sa.UniqueConstraint("contribution_id", "position", name=op.f("uq_contribution_line_contribution_id_position")),
    )
    op.create_index(
        op.f("ix_contribution_line_regularisation_id"), "contribution_line", ["regularisation_id"], unique=False
    )

    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("member_id", sa.String(length=16), nullable=False),
        sa.Column("quarter", sa.String(length=6), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("structured_communication", sa.String(length=12), nullable=False),
        sa.Column("pay_to", sa.String(length=34), nullable=False),
        sa.CheckConstraint(
            "length(quarter) = 6 and substr(quarter, 1, 2) in ('19', '20') and substr(quarter, 3, 1) in ('0', '1', '2', '3', '4', '5', '6', '7', '8', '9') and substr(quarter, 4, 1) in ('0', '1', '2', '3', '4', '5', '6', '7', '8', '9') and substr(quarter, 5, 1) = 'Q' and substr(quarter, 6, 1) in ('1', '2', '3', '4')",
            name=op.f("ck_notice_quarter"),
        ),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_notice_amount")),
        sa.CheckConstraint("due_on >= issued_on", name=op.f("ck_notice_due_on")),
        sa.CheckConstraint("length(structured_communication) = 12", name=op.f("ck_notice_structured_communication")),
        sa.ForeignKeyConstraint(
            ["member_id", "quarter"],
            ["contribution.member_id", "contribution.quarter"],
            name=op.f("fk_notice_member_id_quarter"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("member_id", "quarter", name=op.f("uq_notice_member_id_quarter")),
        sa.UniqueConstraint("structured_communication", name=op.f("uq_notice_structured_communication")),
    )
    op.create_table(
        "increase",
        sa.Column("line_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("applied_on", sa.Date(), nullable=False),
        sa.CheckConstraint("kind in ('quarter', 'year')", name=op.f("ck_increase_kind")),
        sa.ForeignKeyConstraint(["line_id"], ["contribution_line.id"], name=op.f("fk_increase_line_id")),
        sa.PrimaryKeyConstraint("line_id", name=op.f("pk_increase")),
    )


def downgrade() -> None:
    op.drop_table("increase")
    op.drop_table("notice")
    op.drop_index(op.f("ix_contribution_line_regularisation_id"), table_name="contribution_line")

    op.drop_table("contribution_line")
    op.drop_index("ix_allocation_contribution_id", table_name="allocation")

    op.drop_table("allocation")
    op.drop_table("regularisation")
    op.drop_index("ix_payment_member_id_received_on", table_name="payment")

    op.drop_table("payment")
    op.drop_table("income")
    op.drop_table("contribution")
    op.drop_index(
        "uq_affiliation_running",
        table_name="affiliation",
        sqlite_where=sa.text("ends_on is null"),
        postgresql_where=sa.text("ends_on is null"),
    )

    op.drop_table("affiliation")
    op.drop_index(op.f("ix_member_account_manager_id"), table_name="member")

    op.drop_table("member")
    op.drop_table("person")
    op.drop_table("account_manager")
