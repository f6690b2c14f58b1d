"""What a member owes: the account that follows from contributions, payments and allocations. Pure sums, no database."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from fund.file.errors import FileDisagrees
from fund.file.models import Contribution, Payment

ZERO = Decimal("0.00")


@dataclass(frozen=True)
class QuarterState:
    """One quarter's contribution: what was charged (`increases` and `supplement` included), paid, and still open."""

    contribution: Contribution
    charged: Decimal
    increases: Decimal
    supplement: Decimal
    paid: Decimal

    @property
    def quarter(self) -> str:
        """The quarter, as "2026Q3"."""
        return self.contribution.quarter

    @property
    def open(self) -> Decimal:
        """What is still to be paid (EUR), never below zero."""
        return max(self.charged - self.paid, ZERO)

    @property
    def regularised_in(self) -> int | None:
        """The year whose regularisation all of the open amount comes from, if that is so."""
        return int(self.quarter[:4]) if ZERO < self.open <= self.supplement else None

    @property
    def due_on(self) -> date:
        """The last day to pay what is open: that of the supplement when only the supplement is open."""
        if self.regularised_in is None:
            return self.contribution.due_on
        days = [line.regularisation.due_on for line in self.contribution.lines if line.kind == "supplement"]
        return max((day for day in days if day), default=self.contribution.due_on)

    def is_overdue(self, on: date) -> bool:
        """Whether something is open on the day `on` that should have been on the fund's account before it."""
        return self.open > 0 and self.due_on < on


@dataclass(frozen=True)
class Account:
    """All quarters of a member, oldest first, and the money that is not used for any of them (EUR)."""

    quarters: tuple[QuarterState, ...]
    credit: Decimal
    last_payment: Payment | None

    @property
    def open_quarters(self) -> tuple[QuarterState, ...]:
        """The quarters with something still to pay, oldest first."""
        return tuple(state for state in self.quarters if state.open > 0)

    @property
    def open(self) -> Decimal:
        """All that is still to be paid."""
        return sum((state.open for state in self.quarters), ZERO)

    def overdue(self, on: date) -> tuple[QuarterState, ...]:
        """The open quarters whose last day to pay has passed on the day `on`."""
        return tuple(state for state in self.quarters if state.is_overdue(on))

    def quarter(self, quarter: str) -> QuarterState | None:
        """The state of one quarter; None when the file has no contribution for it."""
        return next((state for state in self.quarters if state.quarter == quarter), None)


def state_of(contribution: Contribution) -> QuarterState:
    """What was charged and paid for one contribution."""
    return QuarterState(
        contribution,
        charged=sum((line.amount for line in contribution.lines), ZERO),
        increases=_sum_of(contribution, "increase"),
        supplement=_sum_of(contribution, "supplement"),
        paid=sum((allocation.amount for allocation in contribution.allocations), ZERO),
    )


def account_of(contributions: Iterable[Contribution], payments: Sequence[Payment]) -> Account:
    """The account of a member. Raises FileDisagrees when more of a payment was used than came in, or for a quarter
    than it costs: then no sum of it can be trusted."""
    quarters = tuple(sorted(map(state_of, contributions), key=lambda state: state.quarter))
    credit = ZERO
    for payment in payments:
        left = payment.amount - sum((allocation.amount for allocation in payment.allocations), ZERO)
        if left < 0:
            raise FileDisagrees(f"payment {payment.id} is used for more than its amount")
        credit += left
    for state in quarters:
        if state.paid > state.charged:
            raise FileDisagrees(f"contribution {state.contribution.id} is paid for more than its amount")
    last = max(payments, key=lambda payment: (payment.received_on, payment.id), default=None)
    return Account(quarters, credit, last)


def _sum_of(contribution: Contribution, kind: str) -> Decimal:
    return sum((line.amount for line in contribution.lines if line.kind == kind), ZERO)
