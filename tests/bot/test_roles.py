"""What amounts and years are about, and the category that a message names, in both languages."""

import pytest

from bot.nlu.roles import find_roles
from bot.nlu.times import find_times_and_amounts


def roles(text):
    return [
        tuple(one[key] for key in ("entity", "value", "role", "per") if key in one)
        for one in find_roles(text, find_times_and_amounts(text))
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("wat betaal ik op een inkomen van 30.000 euro", [("amount", "30000.00", "income")]),
        ("hoeveel bijdragen op een inkomen van 30000", [("amount", "30000.00", "income")]),
        ("ik verdien 30k", [("amount", "30000.00", "income")]),
        ("ik verdien 2500 euro per maand", [("amount", "2500.00", "income", "month")]),
        ("30 000 euro winst", [("amount", "30000.00", "income")]),
        ("je gagne 25000 par an, je paie combien", [("amount", "25000.00", "income")]),
        ("un revenu net de 25 000 €", [("amount", "25000.00", "income")]),
        ("combien de cotisations pour un bénéfice de 1 800 € par mois", [("amount", "1800.00", "income", "month")]),
        ("ik betaalde 907,45 euro", [("amount", "907.45")]),
        ("balanstotaal van 900.000 euro", [("amount", "900000.00", "balance")]),
        ("un total du bilan de 900000", [("amount", "900000.00", "balance")]),
        ("mijn inkomen van 2023", [("year", "2023")]),
        ("ik ben zelfstandig sinds 2019", [("year", "2019", "since")]),
        ("je suis né en 1962", [("year", "1962", "since")]),
        ("depuis 2020, et pour 2025 ?", [("year", "2020", "since"), ("year", "2025")]),
        ("wat was de drempel in 2024", [("year", "2024")]),
        ("dossier 123456 graag", []),
        ("bijdragen in bijberoep", [("category", "secondary")]),
        ("à titre complémentaire avec 9000 € de revenus", [("category", "secondary"), ("amount", "9000.00", "income")]),
        ("student met een inkomen van 12000", [("category", "student"), ("amount", "12000.00", "income")]),
        ("van bijberoep naar hoofdberoep", []),  # which of the two is not clear
        ("conjoint aidant, maxi-statut", [("category", "spouse_maxi")]),
        ("", []),
    ],
)
def test_roles_are_found(text, found):
    assert roles(text) == found


def test_places_are_those_of_the_text():
    text = "Étudiante, un revenu de 12000 €… ou 9k de bénéfice"
    found = find_roles(text, find_times_and_amounts(text))
    assert [text[one["start"] : one["end"]] for one in found] == ["Étudiante", "12000 €", "9k"]
