"""The calculator of contributions: published examples, the rule of each category, what holds for any income."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from fund.law.contributions import CATEGORIES, Contribution, calculate
from fund.law.parameters import Source, Value, load_law
from fund.law.sheet import CalculationError
from fund.phrases import load_phrases

DATA = Path(__file__).resolve().parents[3] / "data"
LAW, PHRASES = load_law(DATA / "law"), load_phrases(DATA)  # hypothesis calls a test many times: load them once
CENT = Decimal("0.01")


def contribution(year: int, category: str, income: object, **options: object) -> Contribution:
    income = income if isinstance(income, Decimal) else Decimal(str(income))
    return calculate(law=LAW, phrases=PHRASES, year=year, category=category, income=income, **options)


def figure(id_: str, year: int) -> Decimal:
    return LAW.value_on(id_, on=date(year, 12, 31)).value


def has_figures(year: int, category: str, income: int = 30_000) -> bool:
    try:
        contribution(year, category, income)
    except CalculationError:
        return False
    return True


POSSIBLE = [(year, category) for year in range(2022, 2027) for category in CATEGORIES if has_figures(year, category)]


# Published examples

EXAMPLES = yaml.safe_load((Path(__file__).parent / "worked_examples.yml").read_text(encoding="utf-8"))[
    "worked_examples"
]

# How the examples describe a category → ours. A student's provisional contribution, and the former scheme at pension
# age without a pension, are 20.5 % of a threshold without a minimum: the sum of a secondary occupation.
CATEGORY_OF = {
    "main occupation, minimum": "main",
    "main occupation, maximum": "main",
    "primostarter, minimum": "primostarter",
    "maxi-status spouse, minimum": "spouse_maxi",
    "secondary occupation at the threshold": "secondary",
    "secondary occupation, starter, four provisional quarters": "secondary",
    "secondary occupation, definitive": "secondary",
    "student, provisional": "secondary",
    "pension age, no pension, old scheme, 20.5%": "secondary",
    "pensioner at the threshold, 14.7%": "pensioner",
    "pensioner, 14.7%": "pensioner",
    "pensioner, 14.7% and 14.16%": "pensioner",
}


def recompute(example: dict) -> Decimal:
    """What our calculator makes of a published example, in the example's unit."""
    inputs, year = example["inputs"], example["year"]
    fee = Decimal(str(inputs.get("management_fee_percent", 0)))
    match example["category"]:
        case "secondary occupation, regularisation supplement":
            final = contribution(year, "secondary", inputs["net_income"], fee=fee)
            return 4 * final.quarterly_with_fee - Decimal(str(inputs["provisional_paid"]))
        case "primostarter, first-quarter reduction":
            first, second = (contribution(year, "primostarter", 0, fee=fee, quarter_of_activity=n) for n in (1, 2))
            assert second.quarterly - first.quarterly == Decimal(str(inputs["reduction_without_fee"]))
            return second.quarterly_with_fee - first.quarterly_with_fee
        case "management fee on the main-occupation minimum, one year, dearest fund":
            lowest = contribution(year, "main", 0, fee=fee)
            assert lowest.quarterly == Decimal(str(inputs["quarterly_without_fee"]))
            return 4 * lowest.management_fee
        case "increase on an unpaid first-quarter contribution at 1 January":
            quarter, once = figure("late_increase_quarter", 2025), figure("late_increase_year", 2025)
            return inputs["quarters_unpaid"] * quarter + once
    income = inputs.get("income_basis", inputs.get("net_income", inputs.get("ceiling_max")))
    found = contribution(year, CATEGORY_OF[example["category"]], income, fee=fee)
    if example["unit"] == "EUR/quarter":
        return found.quarterly_with_fee
    return 4 * found.quarterly_with_fee if fee else found.annual


@pytest.mark.parametrize("example", EXAMPLES, ids=[example["id"] for example in EXAMPLES])
def test_a_published_example_comes_out(example):
    assert recompute(example) == Decimal(str(example["recomputed"]))
    if example["agrees"]:
        assert recompute(example) == Decimal(str(example["published"]))
    else:
        assert recompute(example) != Decimal(str(example["published"]))
        assert example["explanation"]


def test_two_published_examples_are_known_to_be_off():
    assert [example["id"] for example in EXAMPLES if not example["agrees"]] == [
        "amarris_2022_secondary",
        "dexxter_2025_pensioner_80000",
    ]


@pytest.mark.parametrize("year", [2023, 2024, 2025, 2026])
def test_the_minimum_and_the_maximum_of_a_main_occupation_are_the_published_ones(year):
    assert contribution(year, "main", 0).quarterly == figure("quarterly_min_main", year)
    assert contribution(year, "main", 500_000).quarterly == figure("quarterly_max_main", year)


# The categories


def test_the_annual_contribution_is_not_rounded_before_it_is_divided():
    # 382.41725 a year: a quarter is 95.604…, but 382.42 / 4 would round to 95.61
    assert contribution(2024, "secondary", "1865.45").quarterly == Decimal("95.60")


@pytest.mark.parametrize(
    ("year", "category", "income", "annual", "quarterly"),
    [
        (2025, "main", 30_000, "6150.00", "1537.50"),
        (2025, "main", 10_000, "3486.82", "871.71"),
        (2025, "main", 80_000, "15984.57", "3996.14"),
        (2025, "secondary", "1881.75", "0.00", "0.00"),
        (2025, "secondary", "1881.76", "385.76", "96.44"),
        (2025, "article_37", "1881.75", "0.00", "0.00"),
        (2025, "article_37", "8909.95", "1826.54", "456.63"),
        (2025, "article_37", "8909.96", "3486.82", "871.71"),
        (2025, "article_37", 30_000, "6150.00", "1537.50"),
        (2025, "student", "8504.44", "0.00", "0.00"),
        (2025, "student", 10_000, "306.59", "76.65"),
        (2025, "student", "17008.87", "1743.41", "435.85"),
        (2025, "student", "17008.88", "3486.82", "871.71"),
        (2025, "spouse_maxi", 0, "1531.76", "382.94"),
        (2025, "spouse_maxi", 30_000, "6150.00", "1537.50"),
        (2025, "spouse_mini", 30_000, "237.00", "59.25"),
        (2025, "spouse_mini", 0, "134.37", "33.59"),
        (2025, "spouse_mini", 80_000, "613.65", "153.41"),
        (2025, "pensioner", "3763.50", "0.00", "0.00"),
        (2025, "pensioner", "3763.51", "553.24", "138.31"),
        (2025, "primostarter", 0, "1800.61", "450.15"),
        (2025, "primostarter", 12_000, "2460.00", "615.00"),
        (2026, "main", 30_000, "6150.00", "1537.50"),
        (2026, "spouse_mini", 30_000, "237.00", "59.25"),
    ],
)
def test_each_category_follows_its_own_rule(year, category, income, annual, quarterly):
    found = contribution(year, category, income)

    assert (found.annual, found.quarterly) == (Decimal(annual), Decimal(quarterly))
    assert found.quarterly_with_fee == found.quarterly
    assert found.management_fee == 0


def test_a_year_with_a_published_minimum_contribution_but_no_minimum_income_uses_the_contribution():
    found = contribution(2026, "main", 10_000)

    assert found.quarterly == Decimal("890.42")
    assert found.annual == 4 * Decimal("890.42")
    assert any("TamTam" in source.title for source in found.sources)
    # 20.5 % of 17,373.96 is 3,561.66 a year, less than four times the minimum though a quarter of it rounds to 890.42
    assert contribution(2026, "main", "17373.96").annual == 4 * Decimal("890.42")
    assert contribution(2026, "main", 17_400).quarterly == Decimal("891.75")


@pytest.mark.parametrize(
    ("quarter", "quarterly"),
    [(None, "450.15"), (1, "334.12"), (2, "450.15"), (4, "450.15"), (5, "871.71"), (40, "871.71")],
)
def test_a_primostarter_has_a_lower_minimum_for_four_quarters_and_a_reduction_in_the_first(quarter, quarterly):
    found = contribution(2025, "primostarter", 0, quarter_of_activity=quarter)

    assert found.quarterly == Decimal(quarterly)


def test_the_fee_of_the_first_quarter_is_on_what_is_left_after_the_reduction():
    found = contribution(2025, "primostarter", 0, quarter_of_activity=1, fee=Decimal("4.1"))

    assert found.annual == Decimal("1800.61")
    assert found.quarterly == Decimal("334.12")
    assert found.quarterly_with_fee == Decimal("347.82")
    assert found.management_fee == Decimal("13.70")


def test_a_primostarter_who_pays_more_than_the_reduced_minimum_gets_no_reduction():
    at_minimum = contribution(2025, "primostarter", "8783.48", quarter_of_activity=1)
    above = contribution(2025, "primostarter", "8783.49", quarter_of_activity=1)

    assert at_minimum.quarterly == Decimal("334.12")
    assert above.quarterly == Decimal("450.15")
    assert any("Geen eenmalige vermindering" in step.text_nl for step in above.steps)


def test_the_reduction_of_2022_is_tied_to_its_first_day():
    found = contribution(2022, "primostarter", 0, quarter_of_activity=1)

    assert found.quarterly == Decimal("287.95")
    assert any("vanaf 1 april 2022" in step.text_nl and "1er avril 2022" in step.text_fr for step in found.steps)


@pytest.mark.parametrize("category", [category for category in CATEGORIES if category != "primostarter"])
def test_the_quarter_of_activity_changes_nothing_for_others(category):
    assert contribution(2025, category, 5_000, quarter_of_activity=1) == contribution(2025, category, 5_000)


def test_the_income_of_an_incomplete_year_is_brought_to_a_whole_year_before_the_threshold():
    assert contribution(2025, "secondary", 1_000).quarterly == 0
    found = contribution(2025, "secondary", 1_000, quarters=2)

    assert found.annual == Decimal("410.00")
    assert found.quarterly == Decimal("102.50")
    assert found.steps[1].amount == 2_000
    assert (found.steps[-1].text_nl, found.steps[-1].amount) == ("Bijdrage voor de 2 kwartalen samen", Decimal("205"))


def test_a_third_of_a_cent_on_the_way_does_not_shift_the_rounding():
    # 10,015 x 4/3 x 14.7 % / 4 is 490.735 exactly, which rounds up; with 13,353.33… cut off it would be just under
    assert contribution(2025, "pensioner", 10_015, quarters=3).quarterly == Decimal("490.74")


def test_the_basis_is_never_indexed():
    assert contribution(2025, "main", 40_000).annual == contribution(2023, "main", 40_000).annual == 8_200


# Steps and sources


def test_the_steps_lead_from_the_income_to_the_amount_with_fee_in_both_languages():
    found = contribution(2025, "main", 30_000, fee=Decimal("3.95"))

    assert [(step.text_nl, step.amount) for step in found.steps] == [
        ("Netto belastbaar inkomen dat als basis dient", Decimal("30000.00")),
        ("Eerste inkomensschijf, tot 73.447,52\u00a0euro: 20,5\u00a0% van 30.000\u00a0euro", Decimal("6150.00")),
        ("Bijdrage voor een volledig jaar", Decimal("6150.00")),
        ("Bijdrage per kwartaal: een vierde, afgerond op de cent", Decimal("1537.50")),
        ("Beheerskosten van het fonds: 3,95\u00a0% van 1.537,50\u00a0euro", Decimal("60.73")),
        ("Bijdrage per kwartaal met beheerskosten", Decimal("1598.23")),
    ]
    assert [step.text_fr for step in found.steps][1:5:3] == [
        "Première tranche de revenus, jusqu'à 73\u202f447,52\u00a0euros\u00a0: 20,5\u00a0% de 30\u202f000\u00a0euros",
        "Frais de gestion de la caisse\u00a0: 3,95\u00a0% de 1\u202f537,50\u00a0euros",
    ]


@pytest.mark.parametrize(
    ("year", "category", "income"),
    [
        (*case, income)
        for case in POSSIBLE
        for income in (0, 5_000, 10_000, 90_000, 200_000)
        if has_figures(*case, income)
    ],
)
def test_every_step_is_filled_in_in_both_languages_and_every_figure_has_a_source(year, category, income):
    found = contribution(year, category, income, fee=Decimal("4.1"))

    for step in found.steps:
        assert step.text_nl
        assert step.text_fr
        assert step.text_nl != step.text_fr
        assert not set("{}[]|") & set(step.text_nl + step.text_fr)
    assert found.sources
    assert all(source.url.startswith("http") and source.date >= date(2026, 11, 20) for source in found.sources)


def test_a_fee_with_a_source_is_named_among_the_sources():
    source = Source(publisher="Securex", title="Bijdragen 2025", url="https://example.org/fee")
    fee = Value(
        "management_fee", Decimal("4.1"), "percent", date(2025, 1, 1), None, "verified", date(2026, 1, 2), (source,)
    )

    found = contribution(2025, "main", 17_000, fee=fee)

    assert found.quarterly_with_fee == Decimal("907.45")
    assert (found.sources[-1].title, found.sources[-1].date) == ("Securex: Bijdragen 2025", date(2026, 1, 2))


# What must hold for any income

INCOMES = st.decimals(min_value=0, max_value=250_000, places=2)
CASES = st.sampled_from(POSSIBLE)
quick = settings(max_examples=100, deadline=None)


def possible(year: int, category: str, income: Decimal, **options: object) -> Contribution:
    """The contribution, leaving aside the incomes for which a year lacks a figure."""
    try:
        return contribution(year, category, income, **options)
    except CalculationError as error:
        assume(error.code != "not_known")
        raise


@quick
@given(
    case=CASES, income=INCOMES, fee=st.decimals(0, 10, places=2), quarters=st.integers(1, 4), quarter=st.integers(1, 9)
)
def test_a_contribution_is_never_negative_and_its_parts_add_up(case, income, fee, quarters, quarter):
    found = possible(*case, income, fee=fee, quarters=quarters, quarter_of_activity=quarter)

    assert found.annual >= 0
    assert 0 <= found.quarterly <= found.quarterly_with_fee
    assert found.management_fee == found.quarterly_with_fee - found.quarterly
    assert abs(found.quarterly_with_fee - found.quarterly * (1 + fee / 100)) <= CENT / 2
    for amount in (found.annual, found.quarterly, found.quarterly_with_fee, found.management_fee):
        assert amount.as_tuple().exponent == -2


@quick
@given(case=CASES, incomes=st.tuples(INCOMES, INCOMES).map(sorted), quarters=st.integers(1, 4))
def test_who_earns_more_never_pays_less(case, incomes, quarters):
    less, more = (possible(*case, income, quarters=quarters) for income in incomes)

    assert less.annual <= more.annual
    assert less.quarterly <= more.quarterly


@quick
@given(case=CASES, ceiling=st.sampled_from(["ceiling_intermediate", "ceiling_max"]), cents=st.integers(0, 5))
def test_the_contribution_does_not_jump_at_a_ceiling(case, ceiling, cents):
    edge = figure(ceiling, case[0])

    below, above = possible(*case, edge - cents * CENT), possible(*case, edge + cents * CENT)

    assert 0 <= above.annual - below.annual <= 2 * cents * CENT * Decimal("0.205") + CENT


@quick
@given(case=CASES, income=INCOMES)
def test_four_quarters_make_the_year_within_rounding(case, income):
    found = possible(*case, income)

    assert abs(4 * found.quarterly - found.annual) <= 4 * CENT / 2 + CENT / 2


@quick
@given(case=CASES, income=INCOMES)
def test_nobody_pays_more_than_at_the_maximum_ceiling(case, income):
    at_the_ceiling = possible(*case, figure("ceiling_max", case[0]))

    assert possible(*case, income).annual <= at_the_ceiling.annual
    assert possible(*case, figure("ceiling_max", case[0]) + income).annual == at_the_ceiling.annual


@quick
@given(case=CASES, income=st.integers(0, 50_000), quarters=st.integers(1, 4))
def test_a_part_of_the_year_pays_like_a_whole_year_at_the_same_pace(case, income, quarters):
    part = possible(*case, Decimal(income * quarters) / 4, quarters=quarters)

    assert part.annual == possible(*case, Decimal(income)).annual


# No number without the figures for it


@pytest.mark.parametrize(
    ("code", "options"),
    [
        ("income", {"income": "-0.01"}),
        ("income", {"income": "NaN"}),
        ("income", {"income": "Infinity"}),
        ("category", {"category": "hoofdberoep"}),
        ("category", {"category": ""}),
        ("quarters", {"quarters": 0}),
        ("quarters", {"quarters": 5}),
        ("quarter_of_activity", {"quarter_of_activity": 0}),
        ("quarter_of_activity", {"quarter_of_activity": -1}),
        ("fee", {"fee": Decimal("-0.01")}),
        ("fee", {"fee": Decimal("100.01")}),
        ("fee", {"fee": Decimal("NaN")}),
        ("year", {"year": 0}),
        ("year", {"year": 10_000}),
        ("not_known", {"year": 2021}),
        ("not_known", {"year": 2027}),
    ],
)
def test_wrong_input_gives_a_reason_in_both_languages_and_no_number(code, options):
    case = {"year": 2025, "category": "main", "income": "30000", **options}

    with pytest.raises(CalculationError) as raised:
        contribution(case.pop("year"), case.pop("category"), case.pop("income"), **case)

    assert raised.value.code == code
    texts = {
        language: raised.value.text(PHRASES.in_voice(language=language, address=address), language=language)
        for language, address in (("nl", "je"), ("fr", "vous"))
    }
    assert texts["nl"] != texts["fr"]
    assert all(len(text) > 20 and not set("{}[]") & set(text) for text in texts.values())


@pytest.mark.parametrize(
    ("year", "category", "parameter"),
    [
        (2022, "spouse_maxi", "Minimuminkomen meewerkende echtgenoot"),
        (2022, "pensioner", "Inkomensdrempel actieve gepensioneerde"),
        (2022, "article_37", "Inkomensgrens artikel 37"),
        (2026, "primostarter", "Minimuminkomen primostarter"),
        (2026, "secondary", "Inkomensdrempel bijberoep"),
        (2026, "student", "Student-zelfstandige"),
        (2026, "spouse_maxi", "Minimuminkomen meewerkende echtgenoot"),
        (2026, "pensioner", "Inkomensdrempel actieve gepensioneerde"),
        (2026, "article_37", "Inkomensgrens artikel 37"),
    ],
)
@pytest.mark.parametrize("income", [0, 30_000, 200_000])
def test_a_figure_that_the_year_does_not_have_is_named(year, category, parameter, income):
    with pytest.raises(CalculationError) as raised:
        contribution(year, category, income)

    text = raised.value.text(PHRASES.in_voice(language="nl", address="je"), language="nl")
    assert raised.value.code == "not_known"
    assert parameter in text
    assert str(year) in text


def test_a_mini_status_under_a_minimum_income_that_is_not_known_gives_no_number():
    with pytest.raises(CalculationError) as raised:
        contribution(2026, "spouse_mini", 17_000)

    assert raised.value.parameter is LAW.parameters["min_income_main"]


def test_every_other_category_of_2022_to_2026_can_be_calculated():
    missing = {(2022, name) for name in ("spouse_maxi", "pensioner", "article_37")}
    missing |= {(2026, name) for name in CATEGORIES if name not in ("main", "spouse_mini")}
    assert set(POSSIBLE) == {(year, name) for year in range(2022, 2027) for name in CATEGORIES} - missing
