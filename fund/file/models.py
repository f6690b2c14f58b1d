"""The member's live file: the fund's own tables, which Relais reads and never writes.

Identifiers are the fund's. Amounts are in EUR. A quarter is written "2026Q3". What a member owes for a quarter is the
sum of that contribution's lines, less what the allocations of the member's payments cover; money that is not allocated
is the member's credit.
"""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    MetaData,
    Numeric,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from fund.database import NAMES, UtcDateTime

MONEY = Numeric(12, 2)
PERCENT = Numeric(7, 4)

CATEGORIES = (
    "main", "article_37", "primostarter", "secondary", "student", "spouse_maxi", "spouse_mini", "pensioner",
)  # fmt: skip
BASES = ("income_n3", "estimate", "starter", "own_year")
LINE_KINDS = ("basis", "rate_part", "minimum", "reduction", "fee", "increase", "supplement", "credit")


def _one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} in ({listed})", name=column)


def _is_quarter(column: str = "quarter") -> CheckConstraint:
    """A quarter like 2026Q3, in SQL that SQLite and PostgreSQL both read."""
    digits = "('0', '1', '2', '3', '4', '5', '6', '7', '8', '9')"
    return CheckConstraint(
        f"length({column}) = 6 and substr({column}, 1, 2) in ('19', '20') and substr({column}, 3, 1) in {digits}"
        f" and substr({column}, 4, 1) in {digits} and substr({column}, 5, 1) = 'Q'"
        f" and substr({column}, 6, 1) in ('1', '2', '3', '4')",
        name=column,
    )


class FileBase(DeclarativeBase):
    """Base of the tables of the file. A model lists its personal columns in `__personal__`."""

    metadata = MetaData(naming_convention=NAMES)
    __personal__: tuple[str, ...] = ()


class Person(FileBase):
    """Who the member is."""

    __tablename__ = "person"
    __personal__ = (
        "national_number", "first_name", "last_name", "birth_date", "street", "postal_code", "city", "country", "email",
        "telephone", "bank_account", "deceased_on",
    )  # fmt: skip
    __table_args__ = (
        _one_of("language", ("nl", "fr")),
        CheckConstraint("length(national_number) = 11", name="national_number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    national_number: Mapped[str] = mapped_column(String(11), unique=True)
    """Number in the national register (rijksregisternummer / numéro de registre national), digits only."""
    first_name: Mapped[str] = mapped_column(String(64))
    last_name: Mapped[str] = mapped_column(String(64))
    birth_date: Mapped[date] = mapped_column(Date)
    language: Mapped[str] = mapped_column(String(2))
    street: Mapped[str] = mapped_column(String(128))
    """Street with house number and box."""
    postal_code: Mapped[str] = mapped_column(String(16))
    city: Mapped[str] = mapped_column(String(64))
    country: Mapped[str] = mapped_column(String(2), default="BE")
    email: Mapped[str | None] = mapped_column(String(254))
    telephone: Mapped[str | None] = mapped_column(String(32))
    bank_account: Mapped[str | None] = mapped_column(String(34))
    """IBAN without spaces."""
    deceased_on: Mapped[date | None] = mapped_column(Date)


class AccountManager(FileBase):
    """The person at the fund who knows the member's file; the word for that person stands in the fund's profile."""

    __tablename__ = "account_manager"
    __personal__ = ("name", "telephone", "email")

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    officer_id: Mapped[str] = mapped_column(String(64), unique=True)
    """The same person as officer of Relais (no foreign key: another database)."""
    name: Mapped[str] = mapped_column(String(128))
    telephone: Mapped[str | None] = mapped_column(String(32))
    email: Mapped[str | None] = mapped_column(String(254))
    languages: Mapped[list[str]] = mapped_column(JSON)


class Member(FileBase):
    """A person's membership of the fund; `id` is opaque and is what the portal's sign-in names."""

    __tablename__ = "member"
    __personal__ = ("id", "direct_debit", "blocked_since")

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), unique=True)
    account_manager_id: Mapped[int | None] = mapped_column(ForeignKey("account_manager.id"), index=True)
    direct_debit: Mapped[bool] = mapped_column(default=False)
    """The fund collects by direct debit (domiciliëring / domiciliation)."""
    blocked_since: Mapped[date | None] = mapped_column(Date)
    """Since when nothing of the file may be shown without an officer."""
    data_as_of: Mapped[datetime] = mapped_column(UtcDateTime)
    """The moment up to which this file is complete."""

    person: Mapped[Person] = relationship()
    account_manager: Mapped[AccountManager | None] = relationship()
    affiliations: Mapped[list["Affiliation"]] = relationship(order_by="Affiliation.starts_on")


class Affiliation(FileBase):
    """A period in one category of contributors, both days included; `ends_on` None: still running."""

    __tablename__ = "affiliation"
    __personal__ = ("member_id", "category", "starts_on", "ends_on")
    __table_args__ = (
        _one_of("category", CATEGORIES),
        CheckConstraint("ends_on is null or ends_on >= starts_on", name="period"),
        UniqueConstraint("member_id", "starts_on"),
        Index(
            "uq_affiliation_running",
            "member_id",
            unique=True,
            sqlite_where=text("ends_on is null"),
            postgresql_where=text("ends_on is null"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    member_id: Mapped[str] = mapped_column(ForeignKey("member.id"))
    category: Mapped[str] = mapped_column(String(16))
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)


class Income(FileBase):
    """The net taxable income of one year: final from the tax administration, provisional by the member's estimate."""

    __tablename__ = "income"
    __personal__ = ("member_id", "amount")
    __table_args__ = (
        _one_of("status", ("final", "provisional")),
        _one_of("source", ("tax_administration", "member")),
        CheckConstraint("quarters between 1 and 4", name="quarters"),
        CheckConstraint("year between 1967 and 2099", name="year"),
        UniqueConstraint("member_id", "year", "status"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    member_id: Mapped[str] = mapped_column(ForeignKey("member.id"))
    year: Mapped[int]
    status: Mapped[str] = mapped_column(String(16))
    source: Mapped[str] = mapped_column(String(32))
    amount: Mapped[Decimal] = mapped_column(MONEY)
    """For an assisting spouse in the mini status: the income of the helped self-employed person."""
    quarters: Mapped[int] = mapped_column(default=4)
    """In how many quarters of the year it was earned."""
    received_on: Mapped[date] = mapped_column(Date)


class Contribution(FileBase):
    """The contribution of one quarter; its amount is the sum of its lines."""

    __tablename__ = "contribution"
    __personal__ = ("member_id", "category")
    __table_args__ = (
        _is_quarter(),
        _one_of("category", CATEGORIES),
        _one_of("status", ("provisional", "final")),
        _one_of("basis", BASES),
        CheckConstraint("due_on >= claimed_on", name="due_on"),
        UniqueConstraint("member_id", "quarter"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    member_id: Mapped[str] = mapped_column(ForeignKey("member.id"))
    quarter: Mapped[str] = mapped_column(String(6))
    category: Mapped[str] = mapped_column(String(16))
    status: Mapped[str] = mapped_column(String(16))
    basis: Mapped[str] = mapped_column(String(16))
    """On what the amount now rests: income of three years before, the member's estimate, a starter's fixed basis, or
    the final income of the year itself."""
    claimed_on: Mapped[date] = mapped_column(Date)
    due_on: Mapped[date] = mapped_column(Date)

    lines: Mapped[list["ContributionLine"]] = relationship(order_by="ContributionLine.position")
    allocations: Mapped[list["Allocation"]] = relationship(back_populates="contribution")
    notice: Mapped["Notice | None"] = relationship(back_populates="contribution")


class Regularisation(FileBase):
    """The settlement of a year on its final income; what it changes stands as lines on the year's contributions."""

    __tablename__ = "regularisation"
    __personal__ = ("member_id",)
    __table_args__ = (
        CheckConstraint("due_on is null or due_on >= sent_on", name="due_on"),
        UniqueConstraint("member_id", "year"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    member_id: Mapped[str] = mapped_column(ForeignKey("member.id"))
    year: Mapped[int]
    sent_on: Mapped[date] = mapped_column(Date)
    due_on: Mapped[date | None] = mapped_column(Date)
    """Last day to pay a supplement; None when there is nothing to pay."""


class ContributionLine(FileBase):
    """One line of a contribution: what it is, on which basis (EUR), at which rate (percent), and its amount (EUR).

    Kinds: `basis` the yearly income that counts (amount 0); `rate_part` a rate on a part of that income; `minimum` the
    minimum contribution instead; `reduction` a starter's reduction; `fee` the management fee; `increase` an increase by
    law; `supplement` and `credit` what a regularisation changed.
    """

    __tablename__ = "contribution_line"
    __personal__ = ("basis", "amount")
    __table_args__ = (
        _one_of("kind", LINE_KINDS),
        CheckConstraint("kind not in ('reduction', 'credit') or amount <= 0", name="deducted"),
        CheckConstraint("kind in ('reduction', 'credit') or amount >= 0", name="added"),
        CheckConstraint(
            "kind not in ('rate_part', 'fee', 'increase') or (basis is not null and rate is not null)", name="computed"
        ),
        CheckConstraint("(kind in ('supplement', 'credit')) = (regularisation_id is not null)", name="regularisation"),
        UniqueConstraint("contribution_id", "position"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"))
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(String(16))
    basis: Mapped[Decimal | None] = mapped_column(MONEY)
    rate: Mapped[Decimal | None] = mapped_column(PERCENT)
    amount: Mapped[Decimal] = mapped_column(MONEY)
    regularisation_id: Mapped[int | None] = mapped_column(ForeignKey("regularisation.id"), index=True)

    regularisation: Mapped[Regularisation | None] = relationship()
    increase: Mapped["Increase | None"] = relationship()


class Increase(FileBase):
    """When and why an increase was added; its basis, rate and amount are those of its line."""

    __tablename__ = "increase"
    __table_args__ = (_one_of("kind", ("quarter", "year")),)

    line_id: Mapped[int] = mapped_column(ForeignKey("contribution_line.id"), primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(16))
    """`quarter`: at the end of a quarter; `year`: once, on 1 January."""
    applied_on: Mapped[date] = mapped_column(Date)


class Notice(FileBase):
    """The notice of a quarter (vervaldagbericht / avis d'échéance) as it was sent."""

    __tablename__ = "notice"
    __personal__ = ("member_id", "amount", "structured_communication")
    __table_args__ = (
        _is_quarter(),
        ForeignKeyConstraint(["member_id", "quarter"], ["contribution.member_id", "contribution.quarter"]),
        CheckConstraint("due_on >= issued_on", name="due_on"),
        CheckConstraint("amount >= 0", name="amount"),
        CheckConstraint("length(structured_communication) = 12", name="structured_communication"),
        UniqueConstraint("member_id", "quarter"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    member_id: Mapped[str] = mapped_column(String(16))
    quarter: Mapped[str] = mapped_column(String(6))
    issued_on: Mapped[date] = mapped_column(Date)
    due_on: Mapped[date] = mapped_column(Date)
    amount: Mapped[Decimal] = mapped_column(MONEY)
    """What the notice asked, before any later increase or regularisation."""
    structured_communication: Mapped[str] = mapped_column(String(12), unique=True)
    """Twelve digits; the last two are the first ten modulo 97 (97 for 0)."""
    pay_to: Mapped[str] = mapped_column(String(34))
    """The fund's own account (IBAN without spaces) as printed on the notice."""

    contribution: Mapped[Contribution] = relationship(back_populates="notice")


class Payment(FileBase):
    """Money received from a member; what is not allocated is the member's credit."""

    __tablename__ = "payment"
    __personal__ = ("member_id", "amount", "structured_communication")
    __table_args__ = (
        _one_of("method", ("transfer", "direct_debit")),
        CheckConstraint("amount > 0", name="amount"),
        Index("ix_payment_member_id_received_on", "member_id", "received_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    member_id: Mapped[str] = mapped_column(ForeignKey("member.id"))
    received_on: Mapped[date] = mapped_column(Date)
    """The day on which the money was on the fund's account: that day decides whether it was in time."""
    amount: Mapped[Decimal] = mapped_column(MONEY)
    method: Mapped[str] = mapped_column(String(16))
    structured_communication: Mapped[str | None] = mapped_column(String(12))

    allocations: Mapped[list["Allocation"]] = relationship(back_populates="payment")


class Allocation(FileBase):
    """The part of a payment that went to one contribution (toewijzing / imputation)."""

    __tablename__ = "allocation"
    __personal__ = ("amount",)
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        UniqueConstraint("payment_id", "contribution_id"),
        Index("ix_allocation_contribution_id", "contribution_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payment.id"))
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"))
    amount: Mapped[Decimal] = mapped_column(MONEY)

    payment: Mapped[Payment] = relationship(back_populates="allocations")
    contribution: Mapped[Contribution] = relationship(back_populates="allocations")
