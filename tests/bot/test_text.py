"""Cleaning a message: every disguise ends in plain text, and no length or script is too much."""

import pytest

from bot.nlu.text import GUARD, LONGEST_WORD, MOST_CHARACTERS, clean, normalise


def test_the_guard_and_control_characters_disappear():
    assert clean(f"{GUARD}/restart") == "/restart"
    assert clean("a\x00b\u202ec\ufeffd") == "a b c d"


def test_a_long_text_keeps_its_start_and_its_end():
    text = "begin " + "x y " * 5_000 + "einde"
    cleaned = clean(text)
    assert cleaned.startswith("begin") and cleaned.endswith("einde")
    assert len(cleaned) <= MOST_CHARACTERS + 1


def test_an_endless_word_is_cut():
    assert len(clean("a" * 10_000)) == LONGEST_WORD


@pytest.mark.parametrize(
    ("text", "normal"), [("Été", "ete"), ("l’œuvre", "l'oeuvre"), ("HEEEEEEL", "heeel"), ("ﬁn", "fin"), ("", "")]
)
def test_normalising_is_how_people_type(text, normal):
    assert normalise(clean(text)) == normal
