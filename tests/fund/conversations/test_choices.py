"""Buttons: chosen by value, title or number, and by nothing that only looks like them."""

import pytest

from fund.conversations.choices import find_choice

OFFERED = [
    {"title": "Aflossingsplan", "value": "plan", "does": {"topic": "contributions.payment_plan"}},
    {"title": "Plan d'apurement", "value": "Plan d'apurement", "does": {"topic": "contributions.balance"}},
    {"title": "Parler à\u00a0un conseiller\u202f?", "value": "officer", "does": {"kind": "wants_person"}},
]
FIRST, SECOND, THIRD = (button["does"] for button in OFFERED)


@pytest.mark.parametrize(
    ("text", "does"),
    [
        ("plan", FIRST),
        ("PLAN", FIRST),
        ("  plan\n", FIRST),
        ("Aflossingsplan", FIRST),
        ("aflossingsplan", FIRST),
        ("1", FIRST),
        ("1.", FIRST),
        ("1)", FIRST),
        (" 1 ", FIRST),
        ("2", SECOND),
        ("Plan d'apurement", SECOND),
        ("plan d’apurement", SECOND),
        ("Plan  d'apurement", SECOND),
        ("3)", THIRD),
        ("officer", THIRD),
        ("Parler à\u00a0un conseiller\u202f?", THIRD),
        ("parler à un conseiller ?", THIRD),
    ],
)
def test_a_button_is_chosen_by_value_title_or_number(text, does):
    assert find_choice(text, OFFERED) == does


@pytest.mark.parametrize(
    "text", ["", " ", "0", "4", "-1", "1 2", "11", "1.0", "een", "plan graag", "Aflossing", "(1)", "²", "None"]
)
def test_anything_else_is_a_message_of_its_own(text):
    assert find_choice(text, OFFERED) is None


def test_nothing_was_offered():
    assert find_choice("1", []) is None


def test_of_two_buttons_of_one_name_the_first_is_chosen_and_each_has_its_number():
    twice = [{"title": "Ja", "value": "ja", "does": {"n": 1}}, {"title": "Ja", "value": "ja", "does": {"n": 2}}]
    assert find_choice("ja", twice) == {"n": 1}
    assert find_choice("2", twice) == {"n": 2}
