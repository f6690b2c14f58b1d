"""Provisional contributions, settlements, reductions, late payment and companies: the rule, its edges, its refusals."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fund.law.companies import calculate_company
from fund.law.contributions import calculate, calculate_provisional, calculate_starter
from fund.law.late_payment import Payment, calculate_increases
from fund.law.parameters import load_law
from fund.law.regularisation import assess_reduction, calculate_underestimate, regularise
from fund.law.sheet import CalculationError
from fund.phrases import load_phrases

DATA = Path(__file__).resolve().parents[3] / "data"
LAW, PHRASES = load_law(DATA / "law"), load_phrases(DATA)
GROUND = {"law": LAW, "phrases": PHRASES}
FEE = Decimal("3.95")
quick = settings(max_examples=60, deadline=None)
AMOUNTS = st.decimals(0, 300_000, places=2)


def d(text: str) -> Decimal:
    return Decimal(text)


def figure(id_: str, year: int) -> Decimal:
    return LAW.value_on(id_, on=date(year, 12, 31)).value


def reads_well(found) -> None:
    """Every step in both languages, without a mark left, and at least one source with its date."""
    assert found.steps
    for step in found.steps:
        assert step.text_nl != step.text_fr
        assert step.text("nl") == step.text_nl and step.text("fr") == step.text_fr
        assert not set("{}[]|") & set(step.text_nl + step.text_fr)
    assert all(source.url.startswith("http") and source.date for source in found.sources)


# Provisional


def test_a_provisional_contribution_rests_on_the_revalued_income_of_three_years_before():
    found = calculate_provisional(**GROUND, year=2025, category="main", income_before=d("30000"), fee=FEE)

    assert found.income == d("32769.92")  # 30,000 x 1.09233053
    assert found.annual == d("6717.83")
    assert found == found.__class__(**vars(found))
    assert [step.amount for step in found.steps[:2]] == [d("30000.00"), d("32769.92")]
    assert "2022" in found.steps[0].text_nl and "1,09233053" in found.steps[1].text_nl
    assert "prix de 2025" in found.steps[1].text_fr
    direct = calculate(**GROUND, year=2025, category="main", income=d("32769.92"), fee=FEE)
    assert found.quarterly_with_fee == direct.quarterly_with_fee
    reads_well(found)


def test_a_part_of_the_year_is_brought_to_a_whole_year_before_it_is_revalued():
    half = calculate_provisional(**GROUND, year=2024, category="main", income_before=d("15000"), quarters=2)

    assert half.annual == calculate_provisional(**GROUND, year=2024, category="main", income_before=d("30000")).annual
    assert half.steps[1].amount == d("30000.00")


def test_a_provisional_contribution_never_goes_under_the_minimum():
    found = calculate_provisional(**GROUND, year=2025, category="main", income_before=d("1000"))

    assert found.quarterly == figure("quarterly_min_main", 2025)


@quick
@given(income=AMOUNTS, year=st.sampled_from([2023, 2024, 2025]))
def test_a_provisional_contribution_is_the_definitive_one_on_the_revalued_income(income, year):
    provisional = calculate_provisional(**GROUND, year=year, category="secondary", income_before=income)

    assert provisional.annual == calculate(**GROUND, year=year, category="secondary", income=provisional.income).annual
    assert abs(provisional.income - income * figure("revaluation_coefficient_n3", year)) <= d("0.005")


# Starters


@pytest.mark.parametrize(
    ("category", "quarter"),
    [
        ("main", "quarterly_min_main"),
        ("primostarter", "quarterly_min_primostarter"),
        ("spouse_maxi", "quarterly_min_maxi_spouse"),
        ("secondary", "quarterly_threshold_secondary"),
        ("student", "quarterly_provisional_student"),
        ("article_37", "quarterly_threshold_secondary"),
        ("pensioner", "quarterly_threshold_pensioner"),
    ],
)
@pytest.mark.parametrize("year", [2023, 2024, 2025])
def test_a_starter_pays_the_published_flat_amount(category, quarter, year):
    found = calculate_starter(**GROUND, year=year, category=category, quarter_of_activity=2)

    assert found.quarterly == figure(quarter, year)
    reads_well(found)


def test_a_primostarters_first_quarter_is_lower():
    first, second = (
        calculate_starter(**GROUND, year=2025, category="primostarter", quarter_of_activity=number) for number in (1, 2)
    )
    assert second.quarterly - first.quarterly == figure("primostarter_first_quarter_reduction", 2025)


# Settlement


def test_a_supplement_is_the_difference_and_is_due_at_the_end_of_the_next_quarter():
    found = regularise(
        **GROUND, year=2023, category="main", income=d("40000"), claimed=d("4000"), fee=FEE, sent_on=date(2025, 8, 12)
    )

    yearly = 4 * calculate(**GROUND, year=2023, category="main", income=d("40000"), fee=FEE).quarterly_with_fee
    assert (found.final, found.balance) == (yearly, yearly - 4000)
    assert found.due_on == date(2025, 12, 31)
    assert "31 december 2025" in found.steps[-1].text_nl
    reads_well(found)


@pytest.mark.parametrize(
    ("claimed", "account_known", "balance", "paid_out"),
    [("3600", True, "-113.16", True), ("3500", False, "-13.16", False), ("3500", True, "-13.16", True)],
)
def test_what_was_paid_too_much_comes_back_unless_it_is_too_little(claimed, account_known, balance, paid_out):
    found = regularise(
        **GROUND, year=2025, category="main", income=d("0"), claimed=d(claimed), account_known=account_known
    )

    assert found.final == 4 * figure("quarterly_min_main", 2025)
    assert (found.balance, found.paid_out, found.due_on) == (d(balance), paid_out, None)
    reads_well(found)


def test_only_the_quarters_of_the_activity_are_settled():
    found = regularise(**GROUND, year=2024, category="main", income=d("20000"), quarters=2, claimed=d("0"))

    whole = calculate(**GROUND, year=2024, category="main", income=d("40000"))
    assert found.final == 2 * whole.quarterly


@quick
@given(income=AMOUNTS, claimed=AMOUNTS, quarters=st.integers(1, 4))
def test_what_was_claimed_and_the_balance_make_the_year(income, claimed, quarters):
    found = regularise(**GROUND, year=2024, category="main", income=income, claimed=claimed, quarters=quarters)

    assert found.final == claimed + found.balance
    assert found.final >= 0


@quick
@given(income=AMOUNTS)
def test_who_paid_the_final_contribution_owes_nothing(income):
    final = regularise(**GROUND, year=2024, category="main", income=income, claimed=d("0")).final

    even = regularise(**GROUND, year=2024, category="main", income=income, claimed=final)
    assert even.balance == 0
    assert even.steps[-1].amount == 0


# Reduction


def test_an_estimate_under_the_revalued_income_fits():
    found = assess_reduction(**GROUND, year=2025, category="main", income_before=d("40000"), estimate=d("25000"))

    assert (found.fits, found.reason, found.threshold) == (True, None, None)
    assert found.then == d("1281.25") < found.now
    assert found.steps[-1].amount == found.now - found.then
    reads_well(found)


@pytest.mark.parametrize(
    ("income_before", "estimate", "reason"),
    [
        ("40000", "43693.22", "not_lower"),  # exactly the revalued income
        ("40000", "60000", "not_lower"),
        ("10000", "5000", "minimum"),  # both under the minimum of a main occupation
    ],
)
def test_an_estimate_that_changes_nothing_does_not_fit(income_before, estimate, reason):
    found = assess_reduction(**GROUND, year=2025, category="main", income_before=d(income_before), estimate=d(estimate))

    assert (found.fits, found.reason) == (False, reason)
    reads_well(found)


def test_a_cent_under_the_revalued_income_fits_in_principle():
    found = assess_reduction(**GROUND, year=2025, category="main", income_before=d("40000"), estimate=d("43600"))

    assert found.fits


def test_who_expects_to_stay_under_the_threshold_of_a_secondary_occupation_can_go_to_zero():
    found = assess_reduction(**GROUND, year=2025, category="secondary", income_before=d("9000"), estimate=d("1000"))

    assert (found.fits, found.then) == (True, d("0.00"))


@pytest.mark.parametrize(
    ("year", "estimate", "fits", "threshold"),
    [
        (2019, "13847.39", True, "13847.39"),
        (2019, "13847.40", True, "17446.62"),
        (2019, "55389.56", True, "55389.56"),
        (2019, "55389.57", False, None),
        (2018, "20000", True, "21510.08"),
    ],
)
def test_until_2021_the_estimate_had_to_be_under_a_threshold_of_the_law(year, estimate, fits, threshold):
    found = assess_reduction(**GROUND, year=year, category="main", income_before=d("90000"), estimate=d(estimate))

    assert (found.fits, found.threshold) == (fits, d(threshold) if threshold else None)
    assert (found.now, found.then) == (None, None)
    reads_well(found)


def test_the_thresholds_of_2020_and_2021_are_not_known():
    for year in (2020, 2021):
        with pytest.raises(CalculationError) as refused:
            assess_reduction(**GROUND, year=year, category="main", income_before=d("9"), estimate=d("9"))
        assert refused.value.code == "not_known"


def test_an_estimate_that_was_too_low_costs_three_percent_a_quarter_and_seven_once():
    found = calculate_underestimate(
        **GROUND, year=2023, final=d("6000"), without_reduction=d("5000"), paid=d("3600"), sent_on=date(2025, 8, 1)
    )

    # 2023Q4 to 2025Q2: seven quarters of 3 %, and 7 % once, on what the reduction took away: 5,000 - 3,600.
    assert (found.shortfall, found.increases) == (d("1400"), d("1400") * 28 / 100)
    reads_well(found)


def test_who_pays_before_the_31st_of_december_avoids_these_increases():
    found = calculate_underestimate(
        **GROUND, year=2023, final=d("6000"), without_reduction=d("5000"), paid=d("5000"), sent_on=date(2025, 8, 1)
    )

    assert (found.shortfall, found.increases) == (0, 0)


# Late payment


def increases(on: str, **options):
    given_ = {"quarter": "2025Q1", "amount": d("1000"), **options}
    return calculate_increases(**GROUND, on=date.fromisoformat(on), **given_)


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("2025-03-31", "0"),  # the last day on which it is in time
        ("2025-04-01", "30"),
        ("2025-06-30", "30"),
        ("2025-07-01", "60"),
        ("2025-12-31", "90"),
        ("2026-01-01", "190"),  # four times 3 % and once 7 %: the published 19 %
        ("2026-04-01", "220"),
        ("2027-01-01", "310"),  # the 7 % comes once
    ],
)
def test_increases_grow_by_the_quarter_and_once_by_the_year(on, expected):
    found = increases(on)

    assert (found.increases, found.open) == (d(expected), 1000)
    if found.steps:
        reads_well(found)


def test_the_published_total_after_a_year_is_reproduced():
    total = LAW.value_on("late_total_first_quarter_after_one_year", on=date(2026, 1, 1)).value

    assert increases("2026-01-01").increases == 1000 * total / 100


def test_only_what_is_unpaid_bears_an_increase_and_a_payment_counts_on_its_day():
    paid = [Payment(date(2025, 6, 30), d("400")), Payment(date(2025, 3, 1), d("100"))]

    found = increases("2025-10-01", payments=paid)

    # 3 % of 900 in March, of 500 in June (paid on the last day), of 500 in September.
    assert [step.amount for step in found.steps] == [d("27.00"), d("15.00"), d("15.00")]
    assert found.open == d("500")


def test_nothing_is_added_to_what_is_paid_in_time_or_twice():
    for amount in ("1000", "2500"):
        found = increases("2027-01-01", payments=[Payment(date(2025, 3, 31), d(amount))])
        assert (found.increases, found.open, found.steps) == (0, 0, ())


def test_a_summons_ends_the_quarterly_increases_and_takes_that_years_other_one_away():
    served = increases("2026-06-01", served_on=date(2025, 8, 20))

    # The quarters that ended before the quarter of the summons: March and June.
    assert [step.amount for step in served.steps] == [d("30.00"), d("30.00")]
    assert increases("2026-06-01", served_on=date(2026, 2, 1)).increases == d("190")


def test_a_supplement_claimed_in_a_later_year_bears_its_yearly_increase_later():
    assert increases("2026-01-01", claimed_in=2026).increases == d("120")
    assert increases("2027-01-01", claimed_in=2026).increases == d("310")


@quick
@given(amount=AMOUNTS, days=st.integers(0, 1500), more=st.integers(0, 400))
def test_increases_never_fall_and_never_grow_on_increases(amount, days, more):
    day = date(2025, 3, 1) + timedelta(days)
    earlier, later = (
        calculate_increases(**GROUND, quarter="2025Q1", amount=amount, on=one) for one in (day, day + timedelta(more))
    )

    assert 0 <= earlier.increases <= later.increases
    assert all(step.amount <= amount * 7 / 100 + d("0.01") for step in later.steps)


# Companies


@pytest.mark.parametrize(
    ("balance", "amount"), [("0", "399.73"), ("858605.72", "399.73"), ("858605.73", "998.47"), ("5000000", "998.47")]
)
def test_the_balance_decides_which_amount_a_company_pays(balance, amount):
    found = calculate_company(**GROUND, year=2025, balance_total=d(balance))

    assert (found.amount, found.due_on, found.increases) == (d(amount), date(2025, 12, 31), 0)
    reads_well(found)


@pytest.mark.parametrize(
    ("founded", "year", "amount", "due"),
    [
        ("2025-11-05", 2025, "399.73", "2026-02-28"),  # the example of the answer
        ("2025-10-01", 2025, "399.73", "2026-01-31"),
        ("2025-12-31", 2025, "399.73", "2026-03-31"),
        ("2025-09-30", 2025, "399.73", "2025-12-31"),
        ("2024-11-05", 2025, "399.73", "2025-12-31"),
        ("2023-11-05", 2024, "387.34", "2024-12-31"),
    ],
)
def test_a_new_company_pays_the_low_amount_and_gets_time_when_it_is_founded_late(founded, year, amount, due):
    found = calculate_company(**GROUND, year=year, founded_on=date.fromisoformat(founded))

    assert (found.amount, found.due_on) == (d(amount), date.fromisoformat(due))


def test_in_its_third_year_a_company_is_no_longer_new():
    found = calculate_company(**GROUND, year=2025, founded_on=date(2023, 2, 1), balance_total=d("900000"))

    assert found.amount == d("998.47")


@pytest.mark.parametrize(("on", "months"), [("2025-12-31", 0), ("2026-01-01", 1), ("2026-01-31", 1), ("2026-06-01", 6)])
def test_each_month_of_delay_or_part_of_one_adds_an_increase(on, months):
    found = calculate_company(**GROUND, year=2025, balance_total=d("0"), on=date.fromisoformat(on))

    assert found.increases == (d("399.73") * months / 100).quantize(d("0.01"))


# No number without sense


@pytest.mark.parametrize(
    ("code", "calculation"),
    [
        ("income", lambda: calculate_provisional(**GROUND, year=2025, category="main", income_before=d("-1"))),
        ("quarters", lambda: calculate_provisional(
            **GROUND, year=2025, category="main", income_before=d("1"), quarters=0)),
        ("category", lambda: calculate_provisional(**GROUND, year=2025, category="x", income_before=d("1"))),
        ("not_known", lambda: calculate_provisional(**GROUND, year=2027, category="main", income_before=d("1"))),
        ("starter", lambda: calculate_starter(**GROUND, year=2025, category="spouse_mini")),
        ("not_known", lambda: calculate_starter(**GROUND, year=2026, category="secondary")),
        ("claimed", lambda: regularise(**GROUND, year=2025, category="main", income=d("1"), claimed=d("-1"))),
        ("income", lambda: regularise(**GROUND, year=2025, category="main", income=d("NaN"), claimed=d("1"))),
        ("not_known", lambda: regularise(**GROUND, year=2026, category="secondary", income=d("1"), claimed=d("1"))),
        ("estimate", lambda: assess_reduction(
            **GROUND, year=2025, category="main", income_before=d("1"), estimate=d("-1"))),
        ("amount", lambda: increases("2026-01-01", amount=d("-1"))),
        ("amount", lambda: increases("2026-01-01", payments=[Payment(date(2025, 1, 1), d("-5"))])),
        ("quarter", lambda: increases("2026-01-01", quarter="2025Q5")),
        ("claimed_in", lambda: increases("2026-01-01", claimed_in=2024)),
        ("balance", lambda: calculate_company(**GROUND, year=2025)),
        ("balance", lambda: calculate_company(**GROUND, year=2025, balance_total=d("-1"))),
        ("founded_later", lambda: calculate_company(**GROUND, year=2024, founded_on=date(2025, 1, 1))),
        ("not_known", lambda: calculate_company(**GROUND, year=2026, balance_total=d("1"))),
        ("year", lambda: calculate_company(**GROUND, year=0, balance_total=d("1"))),
        ("paid", lambda: calculate_underestimate(
            **GROUND, year=2023, final=d("1"), without_reduction=d("1"), paid=d("-1"), sent_on=date(2025, 1, 1))),
        ("sent_too_early", lambda: calculate_underestimate(
            **GROUND, year=2023, final=d("1"), without_reduction=d("1"), paid=d("1"), sent_on=date(2023, 12, 31))),
    ],
)  # fmt: skip
def test_input_without_sense_gives_a_reason_in_both_languages_and_no_number(code, calculation):
    with pytest.raises(CalculationError) as refused:
        calculation()

    assert refused.value.code == code
    texts = [
        refused.value.text(PHRASES.in_voice(language=language, address=address), language=language)
        for language, address in (("nl", "je"), ("nl", "u"), ("fr", "vous"))
    ]
    assert texts[0] != texts[2]
    assert all(len(text) > 20 and not set("{}[]") & set(text) for text in texts)
