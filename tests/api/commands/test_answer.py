"""`./relais answer`: the answer as a member sees it, with sources and dates; one clear line when there is none."""

import re
import shutil
from pathlib import Path

import pytest

from api.commands import answer as command
from api.commands.answer import main

TOPIC = "contributions.late_payment"


def run(capsys, *words: str) -> tuple[int, str, str]:
    """Status, output and errors of the command, with ordinary spaces."""
    status = main(list(words))
    captured = capsys.readouterr()
    return status, captured.out.replace("\u00a0", " "), captured.err


def test_answer_is_printed_in_the_voice_of_the_fund(capsys):
    status, out, err = run(capsys, TOPIC, "--language", "nl", "--fund", "liantis", "--date", "2025-11-20")

    assert (status, err) == (0, "")
    assert out.startswith("Staat je bijdrage niet op tijd op de rekening van het fonds")
    assert "3 % (2025)" in out
    assert re.search(r"Dit geldt op 20 november 2025\. Gecontroleerd op \d+ [a-z]+ 2026\.", out)
    assert run(capsys, TOPIC, "--language", "nl", "--fund", "securex")[1].startswith("Staat uw bijdrage niet op tijd")


def test_answer_is_printed_in_french(capsys):
    status, out, err = run(capsys, TOPIC, "--language", "fr", "--fund", "partena", "--date", "2026-11-20")

    assert (status, err) == (0, "")
    assert out.startswith("Si votre cotisation n'est pas à temps sur le compte de la caisse")
    assert re.search(r"Vérifié le \d+(er)? \w+ 2026\.", out)


def test_sources_stand_below_with_their_date_and_address(capsys):
    out = run(capsys, TOPIC, "--fund", "liantis", "--date", "2025-11-20")[1]
    below = out.partition("Bronnen:\n")[2].splitlines()

    assert 1 <= len(below) <= 5
    for line in below:
        assert line.startswith("- ")
        assert re.search(r", gecontroleerd op \d+ \w+ 2026: http", line)


def test_facet_and_length_are_chosen(capsys):
    full = run(capsys, TOPIC, "--fund", "liantis", "--date", "2025-11-20", "--length", "full")[1]
    normal = run(capsys, TOPIC, "--fund", "liantis", "--date", "2025-11-20")[1]
    short = run(capsys, TOPIC, "--fund", "liantis", "--date", "2025-11-20", "--length", "short")[1]
    example = run(capsys, TOPIC, "--fund", "liantis", "--date", "2025-11-20", "--facet", "example")[1]

    assert "Voorbeeld:" in full
    assert "Bedrag:" in normal
    assert "Voorbeeld:" not in normal
    assert "Bedrag:" not in short
    assert example.partition("\n")[0] in full
    assert "Voorbeeld:" not in example


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("contributions.nothing",), "“contributions.nothing” is no topic; the topics stand in data/topics.yml"),
        ((TOPIC, "--fund", "acme"), "“acme” is no fund; there are entraide, liantis, partena, securex"),
        ((TOPIC, "--language", "de"), "--language: invalid choice: 'de'"),
        ((TOPIC, "--date", "20/11/2025"), "“20/11/2025” is no date; write it as 2025-11-20"),
        ((TOPIC, "--date", "2025-02-30"), "“2025-02-30” is no date"),
        ((TOPIC, "--facet", "price"), "--facet: invalid choice: 'price'"),
        ((TOPIC, "--length", "long"), "--length: invalid choice: 'long'"),
        ((), "the following arguments are required: topic"),
        ((TOPIC, "--nonsense"), "unrecognized arguments: --nonsense"),
    ],
)
def test_wrong_use_is_one_clear_line_and_status_2(capsys, words, expected):
    status, out, err = run(capsys, *words)

    assert (status, out) == (2, "")
    assert err.startswith("relais answer: ")
    assert expected in err
    assert err.count("\n") == 1


def test_date_before_every_version_is_one_clear_line_and_status_1(capsys):
    status, out, err = run(capsys, TOPIC, "--fund", "liantis", "--date", "2015-01-01")

    assert (status, out) == (1, "")
    assert err == f"relais answer: the answer on {TOPIC} goes back to 2022-01-01, not to 2015-01-01\n"


@pytest.fixture
def own_data(monkeypatch, tmp_path) -> Path:
    """A copy of the content that a test may change."""
    shutil.copytree(command.ROOT / "data", tmp_path / "data", ignore=shutil.ignore_patterns("training"))
    monkeypatch.setattr(command, "ROOT", tmp_path)
    return tmp_path / "data"


def test_topic_without_answer_is_one_clear_line_and_status_1(capsys, own_data):
    topics = own_data / "topics.yml"
    text = topics.read_text("utf-8")
    future = "      service.future: {nl: Later, fr: Plus tard, charter: [A5]}\n      service.contact:"
    topics.write_text(text.replace("      service.contact:", future, 1), "utf-8")

    status, out, err = run(capsys, "service.future", "--fund", "liantis")

    assert (status, out) == (1, "")
    assert "no answer on service.future yet" in err
    assert err.count("\n") == 1


def test_broken_content_is_one_clear_line_and_status_1(capsys, own_data):
    (own_data / "nl" / "answers" / f"{TOPIC}.yml").write_text("topic: x\n", encoding="utf-8")

    status, out, err = run(capsys, TOPIC, "--fund", "liantis", "--date", "2025-11-20")

    assert (status, out) == (1, "")
    assert f"{TOPIC}.yml, line " in err
    assert err.count("\n") == 1
    assert run(capsys, "contributions.tax", "--fund", "liantis")[0] == 0, "the other answers stay"
