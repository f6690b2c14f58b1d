"""Despair is heard also where the brain does not listen; strong words about a form are not despair."""

from pathlib import Path

import pytest
import yaml

from fund.conversations.danger import load_danger_phrases, means_danger

DATA = Path(__file__).resolve().parents[3] / "data"
PHRASES = load_danger_phrases(DATA)


@pytest.mark.parametrize(
    "text",
    [
        "Ik wil er een EINDE aan maken!",
        "ik denk aan zelfmoord",
        "J’ai envie d'en finir avec la vie.",
        "je veux me suicider",
    ],
)
def test_danger_is_heard_whatever_accents_and_capitals(text):
    assert means_danger(text, PHRASES)


@pytest.mark.parametrize(
    "text",
    ["", "ik word gek van dit formulier", "c'est la mort ces papiers", "wanneer stopt mijn bijdrage", "einde kwartaal"],
)
def test_strong_words_are_no_danger(text):
    assert not means_danger(text, PHRASES)


def test_every_phrase_of_both_lists_is_found_in_a_sentence():
    for language in ("nl", "fr"):
        listed = yaml.safe_load((DATA / language / "distress_phrases.yml").read_text(encoding="utf-8"))["phrases"]
        assert [one for one in listed if not means_danger(f"xx, {one.upper()}. yy", PHRASES)] == []
