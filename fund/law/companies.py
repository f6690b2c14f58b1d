"""What a company pays each year to a social insurance fund, and when (law of 30 December 1992)."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from fund.law.parameters import Law, NotKnown, Reference
from fund.law.sheet import CalculationError, Step, check_amount, day_in_words, day_of_year, money, new_sheet, percent
from fund.phrases import Phrases

NEW_YEARS = 2
"""A new company pays the low amount in the year of its foundation and in the next one."""
_LATE_FOUNDATION = 10
"""Founded in October or later: it pays by the end of the third month after the month of foundation."""


@dataclass(frozen=True)
class CompanyContribution:
    """The yearly contribution of a company (*vennootschapsbijdrage*, *cotisation à charge des sociétés*), in EUR.

    `increases` are those of late payment until the day asked, 0 when it is not late or no day was asked.
    """

    year: int
    amount: Decimal
    due_on: date
    increases: Decimal
    steps: tuple[Step, ...]
    sources: tuple[Reference, ...]


def calculate_company(
    *,
    law: Law,
    phrases: Phrases,
    year: int,
    balance_total: Decimal | None = None,
    founded_on: date | None = None,
    on: date | None = None,
    address: str = "je",
) -> CompanyContribution:
    """The contribution of `year` for a company with this balance sheet total (EUR) of the last but one closed year.

    A company in its first two years pays the low amount and needs no balance. `on`: the day until which nothing was
    paid; every month after the due date, or part of one, then adds an increase. The exemption of a starting company,
    which must be asked for, is not applied. Raises CalculationError on wrong input or a figure the year does not have.
    """
    sheet = new_sheet(law, phrases, day=day_of_year(year), address=address)
    if founded_on is not None and founded_on.year > year:
        raise CalculationError("founded_later", year=year)
    new = founded_on is not None and year - founded_on.year < NEW_YEARS
    if new:
        amount = sheet.need("company_contribution_small")
        sheet.step("company_new", amount)
    else:
        if balance_total is None:
            raise CalculationError("balance")
        check_amount("balance", balance_total)
        threshold = sheet.need("company_balance_threshold")
        large = balance_total > threshold
        amount = sheet.need("company_contribution_large" if large else "company_contribution_small")
        sheet.step("company_large" if large else "company_small", amount, threshold=money(threshold))
    due_on = _due_on(sheet.law, year, founded_on)
    increases = Decimal(0)
    if on is not None and on > due_on:
        months = (on.year - due_on.year) * 12 + on.month - due_on.month
        rate = sheet.need("company_late_increase_month")
        late = amount * rate * months / 100
        sheet.step("company_late", late, months=months, rate=percent(rate), due=day_in_words(due_on))
        increases = sheet.steps[-1].amount
    return CompanyContribution(
        year=year,
        amount=sheet.steps[0].amount,
        due_on=due_on,
        increases=increases,
        steps=tuple(sheet.steps),
        sources=sheet.sources(),
    )


def _due_on(law: Law, year: int, founded_on: date | None) -> date:
    if founded_on is not None and founded_on.year == year and founded_on.month >= _LATE_FOUNDATION:
        month = founded_on.month + 3 - 12
        return date(year + 1, month, monthrange(year + 1, month)[1])
    due = law.value_on("company_due", on=day_of_year(year))
    if isinstance(due, NotKnown):
        raise CalculationError("not_known", parameter=law.parameters["company_due"], year=year)
    return date.fromisoformat(f"{year}-{due.value}")
