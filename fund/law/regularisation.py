"""The settlement of a year once its income is known (*regularisatie*, *régularisation*), and what leads up to it: a
request for a lower provisional contribution (*vermindering*, *réduction*), and an estimate that was too low.

Law: royal decree no. 38 of 27 July 1967 and the general regulation, the royal decree of 19 December 1967.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from fund.law.contributions import calculate, calculate_provisional
from fund.law.parameters import Law, NotKnown, Reference, Value, references
from fund.law.sheet import (
    CalculationError,
    Step,
    check_amount,
    day_in_words,
    day_of_year,
    money,
    new_sheet,
    percent,
    to_cents,
)
from fund.phrases import Phrases
from fund.quarters import last_day, number_of, quarter_of, shift


@dataclass(frozen=True)
class Regularisation:
    """The settlement of one year, in EUR: `final` is what the year costs, fee included.

    `balance` is to be paid when it is positive, by `due_on` (None when the day of the statement is not given), and to
    be refunded or set against open debts when it is negative; `paid_out` is False for a refund too small to pay out to
    an account that is not known.
    """

    final: Decimal
    balance: Decimal
    due_on: date | None
    paid_out: bool
    steps: tuple[Step, ...]
    sources: tuple[Reference, ...]


def regularise(
    *,
    law: Law,
    phrases: Phrases,
    year: int,
    category: str,
    income: Decimal,
    claimed: Decimal,
    quarters: int = 4,
    sent_on: date | None = None,
    account_known: bool = True,
    fee: Decimal | Value | None = None,
    address: str = "je",
) -> Regularisation:
    """Settle `year` on its final income against the provisional contributions `claimed` for it, fee included, EUR.

    By the rates, minimums and ceilings of the year itself. `sent_on`: the day on which the statement leaves; the
    supplement is due at the end of the quarter after it. Raises CalculationError as `calculate` does.
    """
    check_amount("claimed", claimed)
    found = calculate(
        law=law, phrases=phrases, year=year, category=category, income=income, quarters=quarters, fee=fee,
        address=address,
    )  # fmt: skip
    sheet = new_sheet(law, phrases, day=day_of_year(year), address=address)
    final = quarters * found.quarterly_with_fee
    sheet.step("regularisation_final", final, quarters=quarters, quarterly=money(found.quarterly_with_fee))
    sheet.step("regularisation_claimed", -claimed)
    balance = to_cents(final - claimed)
    due_on, paid_out = None, True
    if balance > 0:
        sheet.step("regularisation_supplement", balance)
        if sent_on is not None:
            due_on = last_day(shift(quarter_of(sent_on), 1))
            sheet.step("regularisation_due", balance, due=day_in_words(due_on))
    elif balance < 0:
        sheet.step("regularisation_refund", balance)
        smallest = sheet.find("small_refund_not_paid")
        if not account_known and smallest is not None and -balance < smallest:
            paid_out = False
            sheet.step("regularisation_too_small", balance, smallest=money(smallest))
    else:
        sheet.step("regularisation_even", balance)
    ours = sheet.sources()
    return Regularisation(
        final=final,
        balance=balance,
        due_on=due_on,
        paid_out=paid_out,
        steps=(*found.steps, *sheet.steps),
        sources=(*found.sources, *(source for source in ours if source not in found.sources)),
    )


@dataclass(frozen=True)
class Reduction:
    """Whether a lower provisional contribution can be asked for on an estimate.

    `reason` when it does not fit: not_lower, minimum or above_thresholds. `now` and `then` are the contributions of a
    quarter with fee, EUR, on the income of three years before and on the estimate; None for the years with thresholds
    (until 2021), of which the other figures are not known. `threshold` is the income that then counted.
    """

    fits: bool
    reason: str | None
    now: Decimal | None
    then: Decimal | None
    threshold: Decimal | None
    steps: tuple[Step, ...]
    sources: tuple[Reference, ...]


def assess_reduction(
    *,
    law: Law,
    phrases: Phrases,
    year: int,
    category: str,
    income_before: Decimal,
    estimate: Decimal,
    quarters_before: int = 4,
    fee: Decimal | Value | None = None,
    address: str = "je",
) -> Reduction:
    """Whether an `estimate` of the income of `year` (EUR) fits a request for a lower provisional contribution.

    `income_before` is the income of three years before, earned in `quarters_before` quarters. Since 2022 every estimate
    under that income, revalued, counts, never under the minimum of the category; until 2021 the income had to be at
    most one of the thresholds of the law. Whether the proof convinces is the fund's decision, and not calculated here.
    Raises CalculationError on wrong input or a figure the year does not have.
    """
    check_amount("estimate", estimate)
    sheet = new_sheet(law, phrases, day=day_of_year(year), address=address)
    thresholds = law.value_on("reduction_income_thresholds", on=sheet.day)
    if isinstance(thresholds, NotKnown):
        raise CalculationError("not_known", parameter=law.parameters["reduction_income_thresholds"], year=year)
    sources = references([thresholds])
    if thresholds.value:
        threshold = next((one for one in thresholds.value if one >= estimate), None)
        highest = thresholds.value[-1]
        key = "reduction_above_thresholds" if threshold is None else "reduction_threshold"
        sheet.step(key, threshold or highest, estimate=money(estimate))
        reason = None if threshold is not None else "above_thresholds"
        return Reduction(threshold is not None, reason, None, None, threshold, tuple(sheet.steps), sources)
    common = {"law": law, "phrases": phrases, "year": year, "category": category, "fee": fee, "address": address}
    now = calculate_provisional(income_before=income_before, quarters=quarters_before, **common)
    then = calculate(income=estimate, **common)
    if estimate >= now.income:
        reason = "not_lower"
    elif then.quarterly_with_fee >= now.quarterly_with_fee:
        reason = "minimum"
    else:
        reason = None
    sheet.step("reduction_now", now.quarterly_with_fee)
    sheet.step("reduction_then", then.quarterly_with_fee, estimate=money(estimate))
    sheet.step(f"reduction_{reason or 'fits'}", now.quarterly_with_fee - then.quarterly_with_fee)
    return Reduction(
        fits=reason is None,
        reason=reason,
        now=now.quarterly_with_fee,
        then=then.quarterly_with_fee,
        threshold=None,
        steps=(*now.steps, *sheet.steps),
        sources=tuple(dict.fromkeys((*now.sources, *then.sources, *sources))),
    )


@dataclass(frozen=True)
class Underestimate:
    """What an estimate that was too low costs above the settlement: `shortfall` and `increases`, EUR."""

    shortfall: Decimal
    increases: Decimal
    steps: tuple[Step, ...]
    sources: tuple[Reference, ...]


def calculate_underestimate(
    *,
    law: Law,
    phrases: Phrases,
    year: int,
    final: Decimal,
    without_reduction: Decimal,
    paid: Decimal,
    sent_on: date,
    address: str = "je",
) -> Underestimate:
    """The increases on what was missing on 31 December of `year` because the provisional contributions were reduced.

    `final`: what the year costs in the end; `without_reduction`: what would have been claimed without the reduction;
    `paid`: what was on the account on 31 December of `year`; all EUR for the whole year, fee included. They run from
    that day up to the quarter before the statement (`sent_on`), plus one at the settlement itself.
    Raises CalculationError on wrong input or a rate that is not known.
    """
    for code, amount in (("final", final), ("without_reduction", without_reduction), ("paid", paid)):
        check_amount(code, amount)
    sheet = new_sheet(law, phrases, day=day_of_year(year), address=address)
    if sent_on <= sheet.day:
        raise CalculationError("sent_too_early", year=year)
    shortfall = Fraction(max(min(final, without_reduction) - paid, Decimal(0)))
    sheet.step("underestimate_shortfall", shortfall)
    increases = Decimal(0)
    if shortfall:
        times = number_of(quarter_of(sent_on)) - number_of(quarter_of(sheet.day))
        rate, once = sheet.need("underestimate_increase_quarter"), sheet.need("underestimate_increase_once")
        sheet.step("underestimate_quarters", shortfall * rate * times / 100, rate=percent(rate), times=times)
        sheet.step("underestimate_once", shortfall * once / 100, rate=percent(once))
        increases = sheet.steps[-2].amount + sheet.steps[-1].amount
    return Underestimate(sheet.steps[0].amount, increases, tuple(sheet.steps), sheet.sources())
