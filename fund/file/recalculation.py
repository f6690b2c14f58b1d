"""Checks a contribution of the file against the law: the same calculation, made again from the member's own figures."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from fund.file.errors import FileDisagrees
from fund.file.models import Affiliation, Contribution, ContributionLine, Income
from fund.formats import to_cents
from fund.law.contributions import Contribution as Calculation
from fund.law.contributions import calculate, starter_basis
from fund.law.parameters import Law, NotKnown, Reference, Value, references
from fund.law.sheet import CalculationError, day_of_year
from fund.phrases import Phrases
from fund.quarters import number_of, quarter_of


@dataclass(frozen=True)
class Basis:
    """The yearly income (EUR) that a contribution rests on, and where it comes from.

    `income` is the row of the file it was taken from, `coefficient` what brought it to the prices of the contribution
    year. `category` is the one whose rules apply: a starting student pays as in secondary occupation.
    """

    category: str
    amount: Decimal
    quarters: int = 4
    income: Income | None = None
    coefficient: Value | None = None


@dataclass(frozen=True)
class Recalculation:
    """A contribution calculated again, on which basis, and the sources of all figures used."""

    basis: Basis
    calculation: Calculation
    sources: tuple[Reference, ...]


def recalculate(
    contribution: Contribution,
    *,
    incomes: Sequence[Income],
    affiliations: Sequence[Affiliation],
    law: Law,
    phrases: Phrases,
    address: str,
) -> Recalculation | None:
    """The contribution by the law, increases left aside; None when the law's figures of that year are not all known.

    Raises FileDisagrees when the file has another amount or another basis.
    """
    check_increases(contribution, law=law)
    basis = basis_of(contribution, incomes=incomes, law=law)
    if basis is None:
        return None
    fee = next((line.rate for line in contribution.lines if line.kind == "fee"), None)
    try:
        calculation = calculate(
            law=law,
            phrases=phrases,
            year=_year(contribution),
            category=basis.category,
            income=max(basis.amount, Decimal(0)),
            quarters=basis.quarters,
            quarter_of_activity=_quarter_of_activity(contribution, affiliations),
            fee=fee,
            address=address if address == "je" else "u",
        )
    except CalculationError as error:
        if error.code == "not_known":
            return None
        raise FileDisagrees(f"contribution {contribution.id} cannot be calculated: {error}") from error
    charged = sum((line.amount for line in contribution.lines if line.kind != "increase"), Decimal(0))
    if charged != calculation.quarterly_with_fee:
        raise FileDisagrees(
            f"contribution {contribution.id}: the file says {charged}, the law {calculation.quarterly_with_fee}"
        )
    coefficient = references([basis.coefficient]) if basis.coefficient else ()
    known = {source.url for source in calculation.sources}
    return Recalculation(
        basis, calculation, (*calculation.sources, *(source for source in coefficient if source.url not in known))
    )


def basis_of(contribution: Contribution, *, incomes: Iterable[Income], law: Law) -> Basis | None:
    """On which yearly income the contribution must rest; None when a figure of the law is not known for its year.

    Law: royal decree no. 38, article 11 (income of the year itself; provisionally that of three years before, indexed,
    or an estimate), article 13bis and, for the fixed amounts of starters, the general regulation of 19 December 1967,
    article 40. Raises FileDisagrees when the file lacks that income, or counts with another one.
    """
    year = _year(contribution)
    by_year = {(income.year, income.status): income for income in incomes}
    if contribution.basis == "own_year":
        income = _need(by_year.get((year, "final")), contribution)
        return Basis(contribution.category, income.amount, income.quarters, income)
    line = next((line for line in contribution.lines if line.kind == "basis"), None)
    if contribution.basis == "starter":
        try:
            found = starter_basis(law, year=year, category=contribution.category)
        except CalculationError:
            return None
        return Basis(found.category, found.income)
    if contribution.basis == "estimate":
        income = _need(by_year.get((year, "provisional")), contribution)
        basis = Basis(contribution.category, income.amount, income.quarters, income)
    else:
        income = _need(by_year.get((year - 3, "final")), contribution)
        coefficient = law.value_on("revaluation_coefficient_n3", on=day_of_year(year))
        if isinstance(coefficient, NotKnown):
            return None
        amount = to_cents(income.amount * 4 / income.quarters * coefficient.value)
        basis = Basis(contribution.category, amount, 4, income, coefficient)
    if line is not None and line.basis != basis.amount:
        raise FileDisagrees(f"contribution {contribution.id} counts with {line.basis} instead of {basis.amount}")
    return basis


def check_increases(contribution: Contribution, *, law: Law) -> None:
    """Raises FileDisagrees when an increase is not the rate of the law on its own basis.

    Law: general regulation of 19 December 1967, articles 44 (per quarter) and 44bis (once).
    """
    for line in contribution.lines:
        if line.kind == "increase":
            rate = None
            if line.increase is not None:
                rate = law.value_on(f"late_increase_{line.increase.kind}", on=line.increase.applied_on)
            if rate is None or (isinstance(rate, Value) and line.rate != rate.value) or not _adds_up(line):
                raise FileDisagrees(f"line {line.id} is no increase of the law")


def _adds_up(line: ContributionLine) -> bool:
    return line.amount == to_cents(line.basis * line.rate / 100)


def _need(income: Income | None, contribution: Contribution) -> Income:
    if income is None:
        raise FileDisagrees(f"contribution {contribution.id} rests on an income that the file does not hold")
    return income


def _year(contribution: Contribution) -> int:
    return int(contribution.quarter[:4])


def _quarter_of_activity(contribution: Contribution, affiliations: Sequence[Affiliation]) -> int | None:
    """The how-maniest quarter as primostarter this is; None in every other category."""
    if contribution.category != "primostarter":
        return None
    starts = [row.starts_on for row in affiliations if row.category == "primostarter"]
    quarters = [number_of(contribution.quarter) - number_of(quarter_of(start)) + 1 for start in starts]
    return min((number for number in quarters if number > 0), default=None)
