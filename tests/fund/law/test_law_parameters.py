"""The dated parameters: looked up by date and never guessed; a broken file says where and how to mend it."""

import re
import shutil
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
import yaml

from fund.law.parameters import Law, LawError, NotKnown, Reference, Source, Value, load_law, references

BROKEN = Path(__file__).parent / "broken"

# file in broken/ → the line that the message must name, and its key words
MESSAGES = {
    "overlap": (16, ["overlaps", "2024-12-31", "end that one on 2024-12-30"]),
    "no_end_before_another": (16, ["overlaps", "no end", "end that one on 2024-12-31"]),
    "gap": (16, ["gap", "2025-01-01 to 2025-01-31", "value: null"]),
    "gap_without_reason": (16, ["note", "missing"]),
    "unsorted": (16, ["not sorted", "2023-01-01", "oldest value first"]),
    "ends_before_start": (17, ["ends on 2024-12-31", "before it starts on 2025-01-01"]),
    "no_source": (16, ["no source", "publisher, title and url"]),
    "empty_sources": (21, ["no source", "publisher, title and url"]),
    "no_web_address": (22, ["www.ucm.be/complementaire", "web address", "https://"]),
    "unknown_unit": (6, ["EUR/jaar", "unit", "EUR/year"]),
    "text_for_an_amount": (18, ["1.881,76", "EUR/year", "point before the decimals"]),
    "negative_amount": (18, ["-1881.76", "EUR/year"]),
    "no_number": (18, [".inf", "EUR/year"]),
    "impossible_day_of_year": (18, ["09-31", "month_day", "'03-31'"]),
    "misspelt_key": (4, ["labelfr", "did you mean “label_fr”"]),
    "misspelt_key_of_a_value": (19, ["statut", "did you mean “status”"]),
    "key_twice": (20, ["status", "twice", "line 19"]),
    "unknown_status": (19, ["certain", "status", "single_source"]),
    "no_status": (16, ["status", "missing"]),
    "no_date": (16, ["1 januari 2025", "no date", "YYYY-MM-DD"]),
    "impossible_date": (17, ["2025-02-30", "no date"]),
    "not_checked": (16, ["last_verified_on", "missing"]),
    "unknown_axis": (7, ["birthday", "axis", "birth_date"]),
    "capital_in_id": (2, ["Threshold_secondary", "id", "lower-case"]),
    "other_section": (1, ["rules", "parameters"]),
    "no_values": (8, ["values", "empty", "at least one"]),
    "bracket_left_open": (23, ["no valid YAML", "brackets"]),
    "no_parameters": (1, ["no parameters", "“parameters:”"]),
    "not_utf8": (1, ["UTF-8"]),
}


def law_of(directory: Path, *, values: str, unit: str = "EUR/year", name: str = "some.yml") -> Law:
    """A law with the one parameter “amount”, whose rows are `values` (YAML, not indented)."""
    indented = "".join(f"    {line}\n" for line in values.strip().splitlines())
    directory.joinpath(name).write_text(
        "parameters:\n  amount:\n    label_nl: Bedrag\n    label_fr: Montant\n    topics: [start.student]\n"
        f"    unit: {unit}\n    note: ''\n    values:\n{indented}",
        encoding="utf-8",
    )
    return load_law(directory)


def row(start: str, end: str | None, value: str, *, status: str = "verified") -> str:
    until = f"'{end}'" if end else "null"
    return (
        f"- from: '{start}'\n  to: {until}\n  value: {value}\n  status: {status}\n  last_verified_on: '2026-11-20'\n"
        "  sources:\n  - {publisher: RSVZ, title: Tabel, url: https://www.rsvz.be/tabel}\n"
    )


@pytest.mark.parametrize("name", sorted(path.stem for path in BROKEN.glob("*.yml")))
def test_a_broken_file_says_where_it_is_broken_and_how_to_mend_it(name, tmp_path):
    line, words = MESSAGES[name]
    shutil.copy(BROKEN / f"{name}.yml", tmp_path)

    with pytest.raises(LawError) as raised:
        load_law(tmp_path)

    error = raised.value
    assert error.file.endswith(f"{name}.yml")
    assert error.line == line
    assert error.what
    assert error.remedy
    assert str(error).startswith(f"{error.file}, line {line}: ")
    assert "\n" not in str(error)
    for word in words:
        assert word in str(error)


def test_every_kind_of_broken_file_has_an_example():
    assert MESSAGES.keys() == {path.stem for path in BROKEN.glob("*.yml")}


def test_the_same_id_in_two_files_is_refused(tmp_path):
    law_of(tmp_path, values=row("2024-01-01", None, "1"), name="a.yml")

    with pytest.raises(LawError, match=r"b\.yml, line 2: the parameter “amount” also stands in .*a\.yml"):
        law_of(tmp_path, values=row("2024-01-01", None, "1"), name="b.yml")


def test_a_directory_without_law_is_refused(tmp_path):
    with pytest.raises(LawError, match="no law files"):
        load_law(tmp_path)


def test_both_ends_of_a_period_count_and_the_next_day_does_not(tmp_path):
    law = law_of(tmp_path, values=row("2024-01-01", "2024-12-31", "864.15"))

    assert law.value_on("amount", on=date(2024, 1, 1)).value == Decimal("864.15")
    assert law.value_on("amount", on=date(2024, 12, 31)).value == Decimal("864.15")
    before, after = law.value_on("amount", on=date(2023, 12, 31)), law.value_on("amount", on=date(2025, 1, 1))
    assert before == NotKnown(last_known=None)
    assert after == NotKnown(last_known=law.value_on("amount", on=date(2024, 6, 1)))


def test_a_value_carries_its_period_status_and_sources(tmp_path):
    law = law_of(tmp_path, values=row("2024-01-01", None, "864.150", status="single_source"))

    assert law.value_on("amount", on=date(2030, 1, 1)) == Value(
        id="amount",
        value=Decimal("864.15"),
        unit="EUR/year",
        valid_from=date(2024, 1, 1),
        valid_to=None,
        status="single_source",
        last_verified_on=date(2026, 11, 20),
        sources=(Source(publisher="RSVZ", title="Tabel", url="https://www.rsvz.be/tabel"),),
    )


def test_an_unverified_value_stays_in_the_data_and_is_never_given(tmp_path):
    rows = row("2024-01-01", "2024-12-31", "8.17") + row("2025-01-01", None, "8.5", status="unverified")
    law = law_of(tmp_path, values=rows, unit="percent")

    answer = law.value_on("amount", on=date(2026, 1, 1))

    assert isinstance(answer, NotKnown)
    assert answer.last_known.value == Decimal("8.17")
    assert law.parameters["amount"].values[1].value == Decimal("8.5")


def test_a_declared_gap_is_not_known_and_points_to_the_value_before_it(tmp_path):
    gap = "- from: '2024-05-01'\n  to: '2024-10-31'\n  value: null\n  note: +1 % is known, the amount was not found.\n"
    law = law_of(tmp_path, values=row("2024-01-01", "2024-04-30", "10") + gap + row("2024-11-01", None, "12"))

    answer = law.value_on("amount", on=date(2024, 7, 1))

    assert isinstance(answer, NotKnown)
    assert answer.last_known.value == 10
    assert law.value_on("amount", on=date(2024, 11, 1)).value == 12


@pytest.mark.parametrize(
    ("unit", "written", "value"),
    [
        ("EUR/year", "0.1", Decimal("0.1")),
        ("EUR/year", "[13550.50, 17072.56]", (Decimal("13550.50"), Decimal("17072.56"))),
        ("EUR/year", "[]", ()),
        ("month_day", "'02-29'", "02-29"),
        ("text", "'1632-17 / 2632-84'", "1632-17 / 2632-84"),
        ("date", "'2025-03-31'", "2025-03-31"),
    ],
)
def test_numbers_are_exact_and_codes_stay_as_they_are(tmp_path, unit, written, value):
    law = law_of(tmp_path, values=row("2024-01-01", None, written), unit=unit)

    assert law.value_on("amount", on=date(2025, 1, 1)).value == value


def test_an_unknown_parameter_is_a_defect(law):
    with pytest.raises(KeyError, match="no_such_parameter"):
        law.value_on("no_such_parameter", on=date(2025, 1, 1))


def test_references_name_the_publisher_and_list_an_address_once(law):
    rate = law.value_on("rate_band1", on=date(2025, 1, 1))
    second = law.value_on("rate_band2", on=date(2025, 1, 1))

    found = references([rate, second])

    assert len({reference.url for reference in found}) == len(found)
    assert {reference.url for reference in found} == {
        source.url for value in (rate, second) for source in value.sources
    }
    assert Reference("Liantis: Bijdragetabel 2019", rate.sources[1].url, rate.last_verified_on) in found


# The law itself


def test_every_value_can_be_looked_up_on_its_first_and_last_day(law):
    shown = 0
    for id_, parameter in law.parameters.items():
        for stored in parameter.values:
            for day in (stored.valid_from, stored.valid_to or date(2099, 12, 31)):
                answer = law.value_on(id_, on=day)
                if stored.value is None or stored.status == "unverified":
                    assert isinstance(answer, NotKnown), (id_, day)
                else:
                    assert (answer.value, answer.valid_from) == (stored.value, stored.valid_from), (id_, day)
                    shown += 1
    assert shown > 800


def test_nothing_is_known_before_the_first_value(law):
    for id_, parameter in law.parameters.items():
        assert law.value_on(id_, on=parameter.values[0].valid_from - timedelta(days=1)) == NotKnown(None)


def test_the_law_covers_contributions_benefits_and_pension_without_the_fees_of_funds(law):
    assert len(law.parameters) >= 254
    assert {"rate_band1", "maternity_weekly_full_weeks_1_4", "legal_pension_age_by_birth_date"} <= law.parameters.keys()
    assert [id_ for id_ in law.parameters if re.match(r"fee_(?!range_)|.*_with_fee_", id_)] == []


def test_every_topic_of_a_parameter_exists(law, data):
    groups = yaml.safe_load((data / "topics.yml").read_text(encoding="utf-8"))["groups"].values()
    topics = {topic for group in groups for topic in group["topics"]}
    assert {topic for parameter in law.parameters.values() for topic in parameter.topics} <= topics


def test_law_files_stay_readable(data):
    for path in (data / "law").glob("*.yml"):
        assert path.stat().st_size < 300_000, path.name


INDEXED = {
    "ceiling_intermediate": "base_ceiling_intermediate",
    "ceiling_max": "base_ceiling_max",
    "min_income_main": "base_min_main",
    "min_income_primostarter": "base_min_primostarter",
    "min_income_maxi_spouse": "base_min_maxi_spouse",
    "threshold_secondary": "base_threshold_secondary",
    "threshold_active_pensioner": "base_threshold_pension",
    "threshold_pension_age_no_pension": "base_threshold_pension",
    "limit_article37": "base_limit_article37",
}
QUARTERLY = {
    "quarterly_min_main": ("min_income_main", "rate_band1"),
    "quarterly_min_primostarter": ("min_income_primostarter", "rate_band1"),
    "quarterly_min_maxi_spouse": ("min_income_maxi_spouse", "rate_band1"),
    "quarterly_threshold_secondary": ("threshold_secondary", "rate_band1"),
    "quarterly_provisional_student": ("threshold_secondary", "rate_band1"),
    "quarterly_threshold_pensioner": ("threshold_active_pensioner", "rate_pensioner_band1"),
    "quarterly_threshold_pension_age_no_pension": ("threshold_pension_age_no_pension", "rate_band1"),
}


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


@pytest.mark.parametrize("year", [2023, 2024, 2025])
@pytest.mark.parametrize(("indexed", "base"), INDEXED.items())
def test_an_indexed_figure_is_its_base_times_the_index_of_the_year(law, year, indexed, base):
    day = date(year, 12, 31)
    figure, base_amount, index, base_index = (
        law.value_on(id_, on=day).value for id_ in (indexed, base, "index_year", "index_base")
    )
    assert figure == cents(base_amount * index / base_index)


@pytest.mark.parametrize("year", [2023, 2024, 2025])
@pytest.mark.parametrize(("quarterly", "threshold", "rate"), [(id_, *rest) for id_, rest in QUARTERLY.items()])
def test_a_quarterly_figure_is_a_quarter_of_the_rate_on_the_yearly_one(law, year, quarterly, threshold, rate):
    day = date(year, 12, 31)
    figure, income, percent = (law.value_on(id_, on=day).value for id_ in (quarterly, threshold, rate))
    assert figure == cents(income * percent / 400)


@pytest.mark.parametrize(
    ("base", "indexed"),
    [
        ("base_ceiling_intermediate", "ceiling_intermediate"),
        ("base_ceiling_max", "ceiling_max"),
        ("base_min_main", "min_income_main"),
        ("base_min_primostarter", "min_income_primostarter"),
        ("base_min_maxi_spouse", "min_income_maxi_spouse"),
        ("base_threshold_secondary", "threshold_secondary"),
        ("base_threshold_pension", "threshold_active_pensioner"),
        ("base_limit_article37", "limit_article37"),
    ],
)
def test_the_thresholds_of_a_year_are_the_base_amounts_of_the_decree_at_its_index(law, base, indexed):
    """Base amount x index of the year / 142.75, to the cent: a slip of the pen in either shows."""
    checked = 0
    for year in range(2023, 2027):
        day = date(year, 12, 31)
        values = [law.value_on(id_, on=day) for id_ in (base, "index_year", "index_base", indexed)]
        if all(isinstance(value, Value) for value in values):
            amount, index, divisor, published = (value.value for value in values)
            assert (amount * index / divisor).quantize(Decimal("0.01"), ROUND_HALF_UP) == published
            checked += 1
    assert checked >= 3
