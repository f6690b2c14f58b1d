"""The increases (*verhogingen*, *majorations*) that late payment adds to a contribution.

Law: the general regulation (royal decree of 19 December 1967). A management fee follows its
contribution: give the amount with the fee.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from fund.formats import format_quarter
from fund.law.parameters import Law, Reference
from fund.law.sheet import CalculationError, Sheet, Step, check_amount, day_in_words, money, new_sheet, percent
from fund.phrases import Phrases
from fund.quarters import first_day, is_quarter, last_day, quarter_of, shift


@dataclass(frozen=True)
class Payment:
    """Money on the fund's account for this contribution: the day, and EUR."""

    on: date
    amount: Decimal


@dataclass(frozen=True)
class LatePayment:
    """What late payment of one contribution costs by a day: `open` is what is unpaid of the contribution itself."""

    open: Decimal
    increases: Decimal
    steps: tuple[Step, ...]
    sources: tuple[Reference, ...]


def calculate_increases(
    *,
    law: Law,
    phrases: Phrases,
    quarter: str,
    amount: Decimal,
    on: date,
    payments: Iterable[Payment] = (),
    claimed_in: int | None = None,
    served_on: date | None = None,
    address: str = "je",
) -> LatePayment:
    """The increases on a contribution of `amount` EUR for `quarter` ("2025Q1") as they stand on the day `on`.

    At the end of its quarter, and of each one after it, a rate on what is then unpaid; once, on 1 January after the
    year in which it was first claimed (`claimed_in`, by default the year of the quarter), another rate on what was
    unpaid on 31 December. Never an increase on an increase. A summons or a writ (`served_on`) ends the quarterly ones
    with the quarter before it, and takes the other away in its own year. `payments` count from the day on which they
    are on the account. Raises CalculationError on wrong input or a rate that is not known.
    """
    check_amount("amount", amount)
    if not is_quarter(quarter):
        raise CalculationError("quarter")
    first = last_day(quarter)
    paid = sorted(payments, key=lambda payment: payment.on)
    for payment in paid:
        check_amount("amount", payment.amount)
    year_end = date(claimed_in or first.year, 12, 31)
    if year_end < date(first.year, 12, 31):
        raise CalculationError("claimed_in")
    sheet = new_sheet(law, phrases, day=first, address=address)
    for end in _quarter_ends(quarter, on):
        if served_on is None or end < first_day(quarter_of(served_on)):
            _add(sheet, "late_quarter", "late_increase_quarter", end, _open(amount, paid, end))
        if end == year_end and (served_on is None or served_on.year != end.year):
            _add(sheet, "late_year", "late_increase_year", end, _open(amount, paid, end))
    return LatePayment(
        open=_open(amount, paid, on),
        increases=sum((step.amount for step in sheet.steps), Decimal(0)),
        steps=tuple(sheet.steps),
        sources=sheet.sources(),
    )


def _add(sheet: Sheet, key: str, rate_id: str, end: date, unpaid: Decimal) -> None:
    """One increase on what was `unpaid` at the close of `end`, at the rate of that day; nothing on nothing."""
    if unpaid <= 0:
        return
    sheet.day = end
    rate = sheet.need(rate_id)
    quarter = quarter_of(end)
    sheet.step(
        key, Fraction(unpaid) * rate / 100, rate=percent(rate), unpaid=money(unpaid), day=day_in_words(end),
        quarter=lambda language: format_quarter(quarter, language),
    )  # fmt: skip


def _open(amount: Decimal, paid: Iterable[Payment], day: date) -> Decimal:
    return max(amount - sum((payment.amount for payment in paid if payment.on <= day), Decimal(0)), Decimal(0))


def _quarter_ends(quarter: str, on: date) -> Iterator[date]:
    """The ends of the quarters from `quarter` on that are over on the day `on`."""
    while (end := last_day(quarter)) < on:
        yield end
        quarter = shift(quarter, 1)
