"""`./relais contribution`: the JSON of the contract, the table, and one clear line when there is no number."""

import json
from datetime import date

import pytest

from api.commands.contribution import main


def run(capsys, *words: str) -> tuple[int, str, str]:
    """Status, output and errors of the command."""
    try:
        status = main(list(words))
    except SystemExit as stop:
        status = stop.code
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_json_has_the_amounts_the_steps_and_the_sources_of_the_contract(capsys):
    status, out, err = run(
        capsys, "--year", "2025", "--category", "main", "--income", "17008.88", "--fee", "4.1", "--json"
    )
    found = json.loads(out)

    assert (status, err) == (0, "")
    assert list(found) == ["annual", "quarterly", "quarterly_with_fee", "management_fee", "steps", "sources"]
    assert found["annual"] == "3486.82"
    assert found["quarterly"] == "871.71"
    assert found["quarterly_with_fee"] == "907.45"
    assert found["management_fee"] == "35.74"
    assert found["steps"][0] == {
        "text_nl": "Netto belastbaar inkomen dat als basis dient",
        "text_fr": "Revenu net imposable qui sert de base",
        "amount": "17008.88",
    }
    assert all(set(source) == {"title", "url", "date"} for source in found["sources"])
    assert all(date.fromisoformat(source["date"]) >= date(2026, 11, 20) for source in found["sources"])


def test_without_a_fee_the_amounts_with_and_without_are_the_same(capsys):
    _, out, _ = run(capsys, "--year", "2025", "--category", "main", "--income", "30000", "--json")
    found = json.loads(out)

    assert found["quarterly"] == found["quarterly_with_fee"] == "1537.50"
    assert found["management_fee"] == "0.00"


def test_the_fee_of_a_fund_is_that_of_the_year_and_its_source_is_named(capsys):
    words = ["--year", "2024", "--category", "main", "--income", "0", "--json"]
    _, liantis, _ = run(capsys, *words, "--fund", "liantis")
    _, securex, _ = run(capsys, *words, "--fund", "securex")
    liantis, securex = json.loads(liantis), json.loads(securex)

    assert liantis["quarterly_with_fee"] == "898.28"
    assert securex["quarterly_with_fee"] == "899.58"
    assert any("Liantis" in source["title"] for source in liantis["sources"])


def test_quarters_and_quarter_of_activity_reach_the_calculation(capsys):
    words = ["--year", "2025", "--category", "primostarter", "--json"]
    _, first, _ = run(capsys, *words, "--income", "0", "--quarter-of-activity", "1")
    _, part, _ = run(capsys, *words, "--income", "5000", "--quarters", "2")

    assert json.loads(first)["quarterly"] == "334.12"
    assert json.loads(part)["annual"] == "2050.00"


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        (
            "nl",
            [
                "Sociale bijdrage 2025, bijberoep",
                "Bijdrage per kwartaal met beheerskosten",
                "€\u00a0100,35",
                "Bronnen",
                "nagekeken op ",
            ],
        ),
        (
            "fr",
            [
                "Cotisation sociale 2025, activité complémentaire",
                "Cotisation par trimestre, frais de gestion compris",
                "100,35\u00a0€",
                "Sources",
                "vérifié le ",
            ],
        ),
    ],
)
def test_the_table_is_readable_in_both_languages(capsys, language, lines):
    words = ["--year", "2025", "--category", "secondary", "--income", "1881.76", "--fee", "4.05"]
    status, out, _ = run(capsys, *words, "--language", language)

    assert status == 0
    for line in lines:
        assert line in out
    table = out.split("\n\n")[1].splitlines()
    assert len({len(row) for row in table}) == 1


def test_dutch_is_the_default(capsys):
    _, out, _ = run(capsys, "--year", "2025", "--category", "main", "--income", "1")
    assert out.startswith("Sociale bijdrage 2025, hoofdberoep")


GOOD = {"--year": "2025", "--category": "main", "--income": "30000"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"--income": "-1"}, ["inkomen"]),
        ({"--income": "30.000,00"}, ["30.000,00", "30000.50"]),
        ({"--income": "NaN"}, ["NaN"]),
        ({"--income": "1e5"}, ["1e5"]),
        ({"--income": ""}, ["amount"]),
        ({"--category": "zelfstandige"}, ["zelfstandige", "main", "pensioner"]),
        ({"--quarters": "5"}, ["1, 2, 3 of 4"]),
        ({"--quarters": "two"}, ["two"]),
        ({"--quarter-of-activity": "0"}, ["kwartaal"]),
        ({"--fee": "-1"}, ["beheerskosten"]),
        ({"--fee": "3,95"}, ["3,95", "3.95"]),
        ({"--fund": "elders"}, ["elders", "liantis"]),
        ({"--fund": "liantis"}, ["Liantis", "2025", "niet bekend"]),
        ({"--fund": "partena"}, ["Partena", "2025", "niet bekend"]),
        ({"--fund": "liantis", "--fee": "3.95"}, ["--fund", "--fee"]),
        ({"--year": "2027"}, ["2027", "Minimuminkomen hoofdberoep"]),
        ({"--year": "2026", "--category": "secondary"}, ["2026", "Inkomensdrempel bijberoep"]),
        ({"--year": "99999"}, ["99999"]),
        ({"--year": "99999", "--fund": "liantis"}, ["99999"]),
        ({"--year": "dit jaar"}, ["dit jaar"]),
        ({"--language": "de"}, ["de"]),
        ({"--colour": "red"}, ["--colour"]),
    ],
)
@pytest.mark.parametrize("as_json", [True, False])
def test_wrong_input_is_one_clear_line_status_2_and_no_number(capsys, change, words, as_json):
    options = [word for pair in (GOOD | change).items() for word in pair]
    status, out, err = run(capsys, *options, *(["--json"] if as_json else []))

    assert status == 2
    assert out == ""
    assert err.count("\n") == 1
    assert err.startswith("relais contribution: ")
    for word in words:
        assert word in err


def test_errors_are_in_the_language_asked(capsys):
    _, _, err = run(capsys, "--year", "2026", "--category", "student", "--income", "9000", "--language", "fr")
    assert "ne peut pas être calculée" in err
    assert "Étudiant-indépendant" in err


def test_missing_options_are_named(capsys):
    status, out, err = run(capsys, "--year", "2025")
    assert (status, out) == (2, "")
    assert "--category" in err
    assert "--income" in err


def test_broken_content_is_one_line_and_status_1(capsys, monkeypatch, tmp_path):
    (tmp_path / "law").mkdir()
    (tmp_path / "law" / "some.yml").write_text("parameters: [\n", encoding="utf-8")
    monkeypatch.setattr("api.commands.contribution.DATA", tmp_path)

    status, out, err = run(capsys, "--year", "2025", "--category", "main", "--income", "1")

    assert (status, out) == (1, "")
    assert err.count("\n") == 1
    assert "some.yml, line" in err
