"""Quarters, dates, amounts and years, as people write them in both languages."""

import pytest

from bot.nlu.times import find_times_and_amounts


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("bijdrage van Q3 2025", [("quarter", "2025Q3")]),
        ("3e kwartaal 2025", [("quarter", "2025Q3")]),
        ("het derde kwartaal", [("quarter", "Q3")]),
        ("2e trimestre 2024", [("quarter", "2024Q2")]),
        ("le premier trimestre de 2026", [("quarter", "2026Q1")]),
        ("T4 2025", [("quarter", "2025Q4")]),
        ("2025/3", [("quarter", "2025Q3")]),
        ("vóór 31 maart 2026", [("date", "2026-03-31")]),
        ("le 1er avril", [("date", "--04-01")]),
        ("31/12/2025", [("date", "2025-12-31")]),
        ("op 31/02/2025", [("year", "2025")]),
        ("ik verdien 30.000 euro", [("amount", "30000.00")]),
        ("1 234,5 €", [("amount", "1234.50")]),
        ("€ 907,45", [("amount", "907.45")]),
        ("30k euro", [("amount", "30000.00")]),
        ("12.50 euro", [("amount", "12.50")]),
        ("in 2024 of 2025", [("year", "2024"), ("year", "2025")]),
        ("ik ben 67 jaar en heb 2 kinderen", []),
        ("", []),
    ],
)
def test_values_are_found(text, found):
    assert [(one["entity"], one["value"]) for one in find_times_and_amounts(text)] == found


def test_places_are_those_of_the_text():
    text = "wat betaal ik voor Q3 2025 op 30.000 euro"
    assert [text[one["start"] : one["end"]] for one in find_times_and_amounts(text)] == ["Q3 2025", "30.000 euro"]
