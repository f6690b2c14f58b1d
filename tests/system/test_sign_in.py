"""Signing in and out: only the right member sees a file, and only while signed in."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from fund.conversations.models import Conversation
from fund.database import Database
from fund.file.seed import STORIES, get_story
from fund.privacy.audit import AuditEntry
from tests.system.running import ROOT

pytestmark = pytest.mark.rasa

QUESTION = {"nl": "hoeveel moet ik nog betalen?", "fr": "combien dois-je encore payer ?"}


@pytest.fixture
def system(each_system):
    """Every test of this module runs on both databases."""
    return each_system


def _looks(system, member: str) -> list[AuditEntry]:
    database = Database(system.environment["DATABASE_URL"])
    with database.read() as session:
        found = session.scalars(select(AuditEntry).where(AuditEntry.member_id == member)).all()
    database.engine.dispose()
    return list(found)


@pytest.mark.parametrize(
    "language",
    [
        pytest.param(
            one,
            marks=[
                pytest.mark.charter("A6", "no file data before the member is authenticated", one),
                pytest.mark.charter("A6", "every look into a file is logged", one),
            ],
        )
        for one in ("nl", "fr")
    ],
)
def test_the_pending_question_is_answered_after_sign_in_and_each_look_is_on_record(system, chat, language):
    member = chat(language)
    member.say("goeiedag" if language == "nl" else "bonjour")
    asked = member.say(QUESTION[language])
    question = member.last()["message"]
    before = len(_looks(system, STORIES[0].id))
    assert member.sign_in(system.demo_token()).status_code == 204
    answer = member.reply_to(question, after=asked["id"])
    assert "euro" in answer["text"]
    assert member.wait_idle()["last"]["message"] == question
    looks = _looks(system, STORIES[0].id)
    assert len(looks) == before + 1
    assert (looks[-1].actor, looks[-1].kind, looks[-1].conversation_id) == (STORIES[0].id, "balance", member.id)


def test_after_sign_out_nothing_of_the_file_is_shown(system, chat):
    member = chat("nl")
    assert member.sign_in(system.demo_token()).status_code == 204
    assert "euro" in member.say(QUESTION["nl"])["text"]
    assert member.client.delete(f"{member.path}/sign-in").status_code == 204
    assert member.state()["signed_in"] is False
    member.say(QUESTION["nl"])
    assert member.last()["outcome"] == "asked_sign_in"


def test_a_token_works_once_and_a_second_member_is_refused(system, chat):
    member, other = chat("nl"), chat("nl")
    token = system.demo_token()
    assert member.sign_in(token).status_code == 204
    replayed = other.sign_in(token)
    assert (replayed.status_code, replayed.json()["error"]["code"]) == (401, "sign_in_refused")
    second = member.sign_in(system.demo_token(STORIES[1].id))
    assert (second.status_code, second.json()["error"]["code"]) == (403, "other_member")
    member.client.delete(f"{member.path}/sign-in")
    assert member.sign_in(system.demo_token(STORIES[1].id)).status_code == 403


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJNMSJ9.", "x" * 9_000])
def test_a_token_that_is_none_is_refused_and_nothing_changes(chat, token):
    member = chat("fr")
    assert member.sign_in(token).status_code in (401, 422)
    assert member.state()["signed_in"] is False


@pytest.mark.parametrize(
    ("language", "question", "kind"),
    [
        ("nl", "wat staat er op mijn laatste vervaldagbericht?", "+++"),
        ("fr", "que contient mon dernier avis d'échéance ?", "+++"),
        ("nl", "wie is mijn dossierbeheerder?", "contactpersoon"),
        ("fr", "qui est mon gestionnaire de dossier ?", "contact"),
    ],
)
def test_the_file_answers_in_both_languages(system, chat, language, question, kind):
    member = chat(language)
    assert member.sign_in(system.demo_token()).status_code == 204
    reply = member.say(question)
    assert (member.last()["need"], member.last()["outcome"]) == ("my_file", "answered")
    assert kind in reply["text"]


@pytest.mark.parametrize(
    ("story", "reason"),
    [("blocked", "blocked_file"), ("deceased", "blocked_file"), ("disagrees", "file_disagrees")],
)
def test_a_file_that_may_not_be_shown_goes_to_a_person(system, chat, story, reason):
    member = chat("nl")
    assert member.sign_in(system.demo_token(get_story(story).id)).status_code == 204
    reply = member.say(QUESTION["nl"])
    assert (member.last()["outcome"], member.last()["reason"]) == ("handed_over", reason)
    assert "euro" not in reply["text"]


def test_an_idle_member_is_signed_out(system, chat):
    member = chat("nl")
    assert member.sign_in(system.demo_token()).status_code == 204
    member.say("dank u")
    database = Database(system.environment["DATABASE_URL"])
    with database.write() as session:
        conversation = session.get_one(Conversation, member.id)
        conversation.seen_at -= timedelta(minutes=31)
    database.engine.dispose()
    assert member.state()["signed_in"] is False
    member.say(QUESTION["nl"])
    assert member.last()["outcome"] == "asked_sign_in"


@pytest.mark.parametrize(
    ("language", "between"), [("nl", ["dank u", "En français s'il vous plaît"]), ("fr", ["merci", "Nederlands graag"])]
)
def test_the_question_is_kept_through_small_talk_and_a_change_of_language(system, chat, language, between):
    member = chat(language)
    member.say(QUESTION[language])
    question = member.last()["message"]
    for line in between:
        last = member.say(line)
    assert member.sign_in(system.demo_token()).status_code == 204
    assert "euro" in member.reply_to(question, after=last["id"])["text"]


@pytest.mark.parametrize(
    ("language", "word", "told"),
    [
        pytest.param(
            language, word, told, marks=pytest.mark.charter("A6", "logs hold no personal data", language),
        )
        for language, word, told in (
            ("nl", "zwartbrugplein", "ik woon op het {} en vraag mij af hoeveel ik nog moet betalen"),
            ("fr", "ruedupontnoir", "j'habite {} et je me demande combien je dois encore payer"),
        )
    ],
)  # fmt: skip
def test_no_word_of_a_member_stands_in_a_log(system, chat, language, word, told):
    member = chat(language)
    member.say(told.format(word))
    member.client.post(f"{member.path}/messages", content=b'{"client_id": "x", "text": "' + word.encode())
    member.sign_in(f"{word}.{word}.{word}")
    logs = [path.read_text(errors="replace") for path in (ROOT / "var" / "log").glob("*.log")]
    assert logs
    assert not [text for text in logs if word in text or member.token in text]
