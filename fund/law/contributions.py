"""What the self-employed pay in a year and per quarter.

Law: royal decree no. 38 of 27 July 1967 (articles cited below without more) and the general regulation, the royal
decree of 19 December 1967. Every figure comes from the dated parameters in `data/law`.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from fund.law.parameters import Law, NotKnown, Reference, Value
from fund.law.sheet import (
    CalculationError,
    Sheet,
    Step,
    check_amount,
    day_in_words,
    day_of_year,
    money,
    new_sheet,
    number,
    percent,
    to_cents,
)
from fund.phrases import Phrases


@dataclass(frozen=True)
class Contribution:
    """A calculated contribution, in EUR to the cent.

    `income` is what it rests on, as it was given or, for a provisional one, revalued.
    `annual` is that of a whole year of four quarters, without fee and without a starter's one-off reduction.
    `quarterly` is a quarter of it; for the first quarter of a primostarter, less that reduction.
    `management_fee` is the fee on that quarter.
    """

    year: int
    category: str
    income: Decimal
    annual: Decimal
    quarterly: Decimal
    quarterly_with_fee: Decimal
    management_fee: Decimal
    steps: tuple[Step, ...]
    sources: tuple[Reference, ...]


YEARS_BEFORE = 3
"""A provisional contribution rests on the income of so many years before."""


def calculate(
    *,
    law: Law,
    phrases: Phrases,
    year: int,
    category: str,
    income: Decimal,
    quarters: int = 4,
    quarter_of_activity: int | None = None,
    fee: Decimal | Value | None = None,
    address: str = "je",
) -> Contribution:
    """The contribution of `year` on a yearly net taxable `income` (EUR) in one of CATEGORIES.

    `income` is used as it comes: the final one, or that of three years before, already indexed; for `spouse_mini` that
    of the helped self-employed person. `quarters` (1 to 4) is how many quarters it was earned in: it is brought to a
    whole year before any threshold. `quarter_of_activity` counts from the start, from 1: a primostarter's lower minimum
    holds in the first four (also when it is None), the one-off reduction in the first. `fee` is the fund's management
    fee in percent (3.95), bare or as the dated value of the fund's profile, whose sources are then named; None for
    none. `address` ("je" or "u") is the voice of the Dutch steps.

    Exact until the quarter, which is rounded half up to the cent before the fee and again after it: so the published
    tables come out. Raises CalculationError, and gives no number, on wrong input or a figure the year does not have.
    """
    rate = fee.value if isinstance(fee, Value) else fee
    _check(category=category, income=income, quarters=quarters, quarter_of_activity=quarter_of_activity, fee=rate)
    blank = new_sheet(law, phrases, day=day_of_year(year), address=address)
    sheet = _Sheet(law, blank.day, blank.say, quarter_of_activity=quarter_of_activity)

    sheet.step("income_helped" if category == "spouse_mini" else "income", income)
    basis = Fraction(income) * 4 / quarters
    if quarters < 4:
        sheet.step("full_year", basis, quarters=quarters)
    annual = _ANNUAL[category](sheet, basis)
    sheet.step("annual", annual)

    quarterly = to_cents(annual / 4)
    sheet.step("quarterly", quarterly)
    if category == "primostarter" and quarter_of_activity == 1:
        quarterly = _first_quarter(sheet, basis, quarterly)

    quarterly_with_fee = quarterly
    if rate is not None:
        quarterly_with_fee = to_cents(Fraction(quarterly) * (1 + Fraction(rate) / 100))
        fee_of_quarter = quarterly_with_fee - quarterly
        sheet.step("management_fee", fee_of_quarter, rate=percent(rate), quarterly=money(quarterly))
        sheet.step("quarterly_with_fee", quarterly_with_fee)
    if 1 < quarters < 4 and category != "primostarter":  # there it depends on which quarters they are
        sheet.step("quarters_due", quarters * quarterly_with_fee, quarters=quarters)

    return Contribution(
        year=year,
        category=category,
        income=income,
        annual=to_cents(annual),
        quarterly=quarterly,
        quarterly_with_fee=quarterly_with_fee,
        management_fee=quarterly_with_fee - quarterly,
        steps=tuple(sheet.steps),
        sources=sheet.sources(*([fee] if isinstance(fee, Value) else [])),
    )


def calculate_provisional(
    *,
    law: Law,
    phrases: Phrases,
    year: int,
    category: str,
    income_before: Decimal,
    quarters: int = 4,
    fee: Decimal | Value | None = None,
    address: str = "je",
) -> Contribution:
    """The provisional contribution of `year` (*voorlopige bijdrage*, *cotisation provisoire*): on `income_before`, the
    net taxable income (EUR) of three years before as it was earned, in `quarters` quarters.

    The income is brought to a whole year, then to the prices of `year` by its coefficient, and calculated as a whole
    year. Raises CalculationError as `calculate` does.
    """
    check_amount("income", income_before)
    if quarters not in (1, 2, 3, 4):
        raise CalculationError("quarters")
    sheet = new_sheet(law, phrases, day=day_of_year(year), address=address)
    basis = Fraction(income_before) * 4 / quarters
    sheet.step("income_before", income_before, before=year - YEARS_BEFORE)
    if quarters < 4:
        sheet.step("full_year", basis, quarters=quarters)
    revalued = revalue(sheet, basis)
    found = calculate(law=law, phrases=phrases, year=year, category=category, income=revalued, fee=fee, address=address)
    coefficient = sheet.sources()
    return replace(
        found,
        steps=(*sheet.steps, *found.steps[1:]),  # its first step names the income, which stands here already
        sources=(*coefficient, *(source for source in found.sources if source not in coefficient)),
    )


def calculate_starter(
    *,
    law: Law,
    phrases: Phrases,
    year: int,
    category: str,
    quarter_of_activity: int = 1,
    fee: Decimal | Value | None = None,
    address: str = "je",
) -> Contribution:
    """The flat provisional contribution of a starter in `year`, until there is an income of three years before.

    On the minimum income of the category, or on the threshold where there is no minimum: a student and somebody under
    article 37 pay as in secondary occupation. Raises CalculationError as `calculate` does; for `spouse_mini`, which
    rests on the income of the helped person, with the code starter.
    """
    basis = starter_basis(law, year=year, category=category)
    return calculate(
        law=law, phrases=phrases, year=year, category=basis.category, income=basis.income,
        quarter_of_activity=quarter_of_activity, fee=fee, address=address,
    )  # fmt: skip


@dataclass(frozen=True)
class StarterBasis:
    """What a starter pays on: the category whose rules apply, and a yearly income in EUR, 0 for its minimum."""

    category: str
    income: Decimal


def starter_basis(law: Law, *, year: int, category: str) -> StarterBasis:
    """On what a starter's flat contribution rests. CalculationError for a threshold that `year` does not have."""
    if category == "spouse_mini":
        raise CalculationError("starter")
    if category not in _STARTER_THRESHOLDS:
        return StarterBasis(category, Decimal(0))
    applied, threshold_id = _STARTER_THRESHOLDS[category]
    threshold = law.value_on(threshold_id, on=day_of_year(year))
    if isinstance(threshold, NotKnown):
        raise CalculationError("not_known", parameter=law.parameters[threshold_id], year=year)
    return StarterBasis(applied, threshold.value)


def revalue(sheet: Sheet, income: Fraction) -> Decimal:
    """A whole year's income of three years before at the prices of the sheet's year, to the cent."""
    coefficient = sheet.need("revaluation_coefficient_n3")
    revalued = to_cents(income * coefficient)
    sheet.step("income_revalued", revalued, coefficient=number(coefficient))
    return revalued


# Until there is an income of three years before, these categories pay on a threshold; the others on their minimum.
_STARTER_THRESHOLDS = {
    "secondary": ("secondary", "threshold_secondary"),
    "article_37": ("secondary", "threshold_secondary"),
    "student": ("secondary", "threshold_secondary"),
    "pensioner": ("pensioner", "threshold_active_pensioner"),
}


def _check(
    *, category: str, income: Decimal, quarters: int, quarter_of_activity: int | None, fee: Decimal | None
) -> None:
    if category not in CATEGORIES:
        raise CalculationError("category", category=category, categories=", ".join(CATEGORIES))
    check_amount("income", income)
    if quarters not in (1, 2, 3, 4):
        raise CalculationError("quarters")
    if quarter_of_activity is not None and quarter_of_activity < 1:
        raise CalculationError("quarter_of_activity")
    if fee is not None and not (fee.is_finite() and 0 <= fee <= 100):
        raise CalculationError("fee")


@dataclass
class _Sheet(Sheet):
    """The sheet of a contribution, which knows how far the activity is."""

    quarter_of_activity: int | None = None


# The categories: the contribution of a whole year on a whole year's income, exact.


def _main(sheet: _Sheet, income: Fraction, *, why: str = "main", **values: int) -> Fraction:
    """Main occupation (article 12, § 1): both bands, on the minimum income at least."""
    if not _is_under_main_minimum(sheet, income):
        return _two_bands(sheet, income)
    minimum = sheet.find("min_income_main")
    if minimum is not None:
        sheet.step(f"minimum_{why}", minimum, **values)
        return _two_bands(sheet, minimum)
    # A year whose minimum contribution is published and its minimum income is not (2026).
    quarter = sheet.need("quarterly_min_main")
    sheet.step(f"minimum_quarter_{why}", quarter, **values)
    return quarter * 4


def _primostarter(sheet: _Sheet, income: Fraction) -> Fraction:
    """Main occupation with a lower minimum in the first four quarters."""
    last = sheet.need("primostarter_quarters")
    if sheet.quarter_of_activity is None or sheet.quarter_of_activity <= last:
        return _two_bands(sheet, _at_least(sheet, income, "min_income_primostarter", "minimum_primostarter"))
    artist = sheet.need("primostarter_quarters_artist")
    return _main(sheet, income, why="after_primostarter", quarters=int(last), artist_quarters=int(artist))


def _secondary(sheet: _Sheet, income: Fraction) -> Fraction:
    """Secondary occupation (article 12, § 2): nothing under the threshold, from it on the whole income."""
    threshold = sheet.need("threshold_secondary")
    if income < threshold:
        return _nothing(sheet, "secondary_below", threshold)
    sheet.step("secondary_from", income, threshold=money(threshold))
    return _two_bands(sheet, income)


def _article_37(sheet: _Sheet, income: Fraction) -> Fraction:
    """Article 37 of the general regulation: as secondary occupation up to a limit, as main occupation above it."""
    limit = sheet.need("limit_article37")
    if income <= limit:
        sheet.step("article_37_within", income, limit=money(limit))
        return _secondary(sheet, income)
    sheet.step("article_37_above", income, limit=money(limit))
    return _main(sheet, income)


def _student(sheet: _Sheet, income: Fraction) -> Fraction:
    """Student: nothing under the low threshold, from there on the part above it, from the high one on the whole."""
    low, high = sheet.need("student_threshold_low"), sheet.need("student_threshold_high")
    if income < low:
        return _nothing(sheet, "student_below", low)
    if income >= high:
        sheet.step("student_from", income, threshold=money(high))
        return _two_bands(sheet, income)
    rate, part = sheet.need("rate_band1"), income - low
    sheet.step("student_part", part, threshold=money(low))
    annual = part * rate / 100
    sheet.step("student_rate", annual, rate=percent(rate), part=money(part))
    return annual


def _spouse_maxi(sheet: _Sheet, income: Fraction) -> Fraction:
    """Assisting spouse, maxi status (article 7bis): both bands with a minimum of its own."""
    return _two_bands(sheet, _at_least(sheet, income, "min_income_maxi_spouse", "minimum_spouse_maxi"))


def _spouse_mini(sheet: _Sheet, income: Fraction) -> Fraction:
    """Assisting spouse, mini status (article 7bis): rates of its own on the income of the helped person.

    That income counts for the minimum of a main occupation at least, as for the helped person's own contribution.
    """
    if _is_under_main_minimum(sheet, income):
        income = _at_least(sheet, income, "min_income_main", "minimum_spouse_mini")
    return _two_bands(sheet, income, first="rate_mini_spouse_band1", second="rate_mini_spouse_band2")


def _pensioner(sheet: _Sheet, income: Fraction) -> Fraction:
    """Someone who draws a retirement pension (article 13): nothing under the threshold, from it on the whole income."""
    threshold = sheet.need("threshold_active_pensioner")
    if income < threshold:
        return _nothing(sheet, "pensioner_below", threshold)
    sheet.step("pensioner_from", income, threshold=money(threshold))
    return _two_bands(sheet, income, first="rate_pensioner_band1")


_ANNUAL: dict[str, Callable[[_Sheet, Fraction], Fraction]] = {
    "main": _main,
    "article_37": _article_37,
    "primostarter": _primostarter,
    "secondary": _secondary,
    "student": _student,
    "spouse_maxi": _spouse_maxi,
    "spouse_mini": _spouse_mini,
    "pensioner": _pensioner,
}
CATEGORIES = tuple(_ANNUAL)


# What the categories share.


def _two_bands(sheet: _Sheet, income: Fraction, *, first: str = "rate_band1", second: str = "rate_band2") -> Fraction:
    """One rate up to the intermediate ceiling, another up to the maximum ceiling, nothing above it."""
    middle, top = sheet.need("ceiling_intermediate"), sheet.need("ceiling_max")
    bands = [("band_1", first, min(income, middle), middle)]
    if income > middle:
        bands.append(("band_2", second, min(income, top) - middle, top))
    if income > top:
        bands.append(("band_above", "rate_above_max", income - top, top))
    annual = Fraction(0)
    for key, rate_id, part, ceiling in bands:
        rate = sheet.need(rate_id)
        amount = part * rate / 100
        sheet.step(key, amount, rate=percent(rate), part=money(part), ceiling=money(ceiling))
        annual += amount
    return annual


def _at_least(sheet: _Sheet, income: Fraction, minimum_id: str, key: str) -> Fraction:
    """`income`, or the minimum income of the category when that is more."""
    minimum = sheet.need(minimum_id)
    if income >= minimum:
        return income
    sheet.step(key, minimum)
    return minimum


def _is_under_main_minimum(sheet: _Sheet, income: Fraction) -> bool:
    """Whether `income` is under the main-occupation minimum; by the minimum contribution when only that is known."""
    minimum = sheet.find("min_income_main")
    if minimum is not None:
        return income < minimum
    quarter = sheet.find("quarterly_min_main")
    if quarter is None:
        sheet.need("min_income_main")
    return income * sheet.need("rate_band1") / 400 < quarter


def _nothing(sheet: _Sheet, key: str, threshold: Fraction) -> Fraction:
    """No contribution, because the income is under `threshold`."""
    sheet.step(key, Fraction(0), threshold=money(threshold))
    return Fraction(0)


def _first_quarter(sheet: _Sheet, income: Fraction, quarterly: Decimal) -> Decimal:
    """The first quarter of a primostarter: less a one-off reduction for who pays the reduced minimum."""
    if income > sheet.need("min_income_primostarter"):
        sheet.step("starter_reduction_none", Fraction(0))
        return quarterly
    reduction = to_cents(sheet.need("primostarter_first_quarter_reduction"))
    since = sheet.used["primostarter_first_quarter_reduction"].valid_from
    if since > date(sheet.day.year, 1, 1):  # it came in the course of this year
        sheet.step("starter_reduction_since", -reduction, since=day_in_words(since))
    else:
        sheet.step("starter_reduction", -reduction)
    first = max(quarterly - reduction, Decimal(0))
    sheet.step("first_quarter", first)
    return first
