"""Broken answers are refused with the file, the line, what is wrong and what to do about it."""

import shutil
from pathlib import Path

import pytest

from fund.answers.content import AnswerError, load_answers

BROKEN = Path(__file__).parent / "broken"


@pytest.mark.parametrize("case", sorted(path.name for path in BROKEN.iterdir()))
def test_broken_answer_is_refused_in_words(case, own_data):
    """Each directory of `broken/` holds nl.yml, fr.yml or both; the wrong one says first what to expect."""
    for language in ("nl", "fr"):
        file = BROKEN / case / f"{language}.yml"
        if file.exists():
            shutil.copy(file, own_data / language / "answers" / "contributions.tax.yml")
    expected = [
        line.removeprefix("# expect: ").split("; ")
        for file in sorted((BROKEN / case).iterdir())
        for line in file.read_text(encoding="utf-8").splitlines()[:1]
        if line.startswith("# expect: ")
    ]

    with pytest.raises(AnswerError) as refused:
        load_answers(own_data)

    assert len(expected) == 1
    message = str(refused.value)
    for words in (*expected[0], "contributions.tax.yml"):
        assert words in message
    assert message.rstrip().endswith((".", "…")), "the remedy is a sentence"


def test_file_that_is_no_text_is_refused(own_data):
    file = own_data / "nl" / "answers" / "contributions.tax.yml"
    file.write_bytes("topic: café".encode("latin-1"))

    with pytest.raises(AnswerError, match=r"contributions\.tax\.yml, line 1: .*UTF-8"):
        load_answers(own_data)


def test_lines_of_a_file_are_joined_and_lists_kept(own_answer):
    answers = own_answer(
        "Een zin die\n    doorloopt:\n    - één\n      punt\n    - twee\n\n    Slot.", "A :\n    - b\n\n    C."
    )

    facets = answers.by_language["nl"]["contributions.tax"][0].facets

    assert facets["answer"] == "Een zin die doorloopt:\n- één punt\n- twee\n\nSlot."


def test_fingerprint_changes_with_the_text_alone(own_answer):
    first = own_answer("Eén.", "Un.").by_language
    second = own_answer("Eén.", "Deux.").by_language

    assert first["nl"]["contributions.tax"][0].name == second["nl"]["contributions.tax"][0].name
    assert first["fr"]["contributions.tax"][0].name != second["fr"]["contributions.tax"][0].name
    assert first["fr"]["contributions.tax"][0].name.startswith("2026-11-20/")
