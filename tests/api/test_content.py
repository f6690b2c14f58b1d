"""Content that changes while Relais runs: live at once when it is whole, refused with file and line when it is not."""

import asyncio
import contextlib
import logging
import os
import shutil
from pathlib import Path

import pytest

from actions.tools import Tools, load_content
from api import content as live
from fund.clock import system_clock
from fund.database import Database
from fund.law.parameters import LawError

DATA = Path(__file__).resolve().parents[2] / "data"
ANSWER = "nl/answers/contributions.tax.yml"


@pytest.fixture
def data(tmp_path) -> Path:
    """A copy of the content, without what the model is trained from."""
    return shutil.copytree(DATA, tmp_path / "data", ignore=shutil.ignore_patterns("training"))


@pytest.fixture
def tools(data) -> Tools:
    return Tools(
        content=load_content(data), database=Database("sqlite://"), file_database=Database("sqlite://"),
        clock=system_clock,
    )  # fmt: skip


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def first_line(tools: Tools) -> str:
    return tools.content.answers.by_language["nl"]["contributions.tax"][-1].facets["answer"].splitlines()[0]


def test_a_changed_text_is_live_without_a_new_start(tools, data, monkeypatch):
    monkeypatch.setattr(live, "EVERY_SECONDS", 0.05)
    answer = data / ANSWER

    async def edit() -> None:
        following = asyncio.create_task(live.follow_content(tools, data))
        await asyncio.sleep(0.3)
        change(answer, "  answer: |\n", "  answer: |\n    Nieuw: vraag het aan het fonds.\n\n")
        for _ in range(200):
            await asyncio.sleep(0.05)
            if first_line(tools) == "Nieuw: vraag het aan het fonds.":
                break
        following.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await following

    asyncio.run(edit())

    assert first_line(tools) == "Nieuw: vraag het aan het fonds."


def test_a_broken_answer_is_left_out_alone_with_file_line_and_remedy(tools, data, caplog):
    whole = set(tools.content.answers.by_language["nl"])
    change(data / ANSWER, "  answer: |\n", "  answer: |\n    U betaalt 99 euro.\n")

    with caplog.at_level(logging.WARNING):
        live.renew(tools, data)

    assert set(tools.content.answers.by_language["nl"]) == whole - {"contributions.tax"}
    assert not tools.content.answers.has_answer("contributions.tax")
    assert f"{ANSWER}, line " in caplog.text
    assert "the figure “99” is typed in" in caplog.text
    assert "Use the mark of its parameter" in caplog.text


def test_a_date_that_does_not_exist_is_named_with_its_line(tools, data, caplog):
    change(data / ANSWER, "checked_on: 2026-11-", "checked_on: 2026-13-")

    live.renew(tools, data)

    assert not tools.content.answers.has_answer("contributions.tax")
    assert f"{ANSWER}, line 4: no date" in caplog.text or f"{ANSWER}, line 3: no date" in caplog.text


def test_a_mark_without_a_parameter_leaves_its_answer_out(tools, data, caplog):
    for language in ("nl", "fr"):
        change(
            data / language / "answers/contributions.tax.yml", "  answer: |\n", "  answer: |\n    {no_such_figure}.\n\n"
        )

    live.renew(tools, data)

    assert not tools.content.answers.has_answer("contributions.tax")
    assert "no law file holds the parameter “no_such_figure”" in caplog.text


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("law/contributions.yml", "value: 20.5", "value: twenty", "does not fit the unit percent"),
        ("nl/phrases/chat.yml", "button_today:", "button_now:", "button_now"),
        ("funds/liantis.yml", "name: Liantis", "nam: Liantis", "liantis.yml"),
        ("bodies.yml", "rsvz:\n", "rsvz:\n  phone: '1'\n", "bodies.yml"),
        ("topics.yml", "groups:", "grups:", "the file has no groups"),
        ("topics.yml", "nl: Stopzetten", "ln: Stopzetten", "“stopping” lacks a name"),
        ("emergency.yml", "nl:", "nl: [", "cannot be read"),
    ],
)
def test_broken_law_phrases_and_profiles_change_nothing(tools, data, caplog, file, old, new, said):
    before = tools.content
    change(data / file, old, new)

    live.renew(tools, data)

    assert tools.content is before
    assert "the old one stays" in caplog.text
    assert said in caplog.text


def test_a_broken_law_stops_the_start(data):
    change(data / "law/contributions.yml", "value: 20.5", "value: twenty")

    with pytest.raises(LawError, match=r"contributions\.yml, line \d+: .*write it like"):
        load_content(data)


def test_a_mended_answer_comes_back(tools, data):
    text = (data / ANSWER).read_text("utf-8")
    (data / ANSWER).write_text("topic: [", "utf-8")
    live.renew(tools, data)
    assert not tools.content.answers.has_answer("contributions.tax")

    (data / ANSWER).write_text(text, "utf-8")
    live.renew(tools, data)
    assert tools.content.answers.has_answer("contributions.tax")


def test_what_the_model_learnt_from_is_no_content(data):
    before = live.stamp_of(data)
    (data / "nl" / "training").mkdir(exist_ok=True)
    (data / "nl" / "training" / "new.yml").write_text("x", "utf-8")
    assert live.stamp_of(data) == before

    os.utime(data / ANSWER, ns=(1, 1))
    assert live.stamp_of(data) != before
