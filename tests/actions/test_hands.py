"""The hands, one by one, with real content and a real database: what a member reads, in both languages."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from actions.hands import HANDS, Case, situation_of
from actions.tools import Tools, load_content
from fund.conversations import service
from fund.conversations.boundary import Decision, Understanding
from fund.conversations.service import LeasedTurn
from fund.database import Database

DATA = Path(__file__).resolve().parents[2] / "data"
OPEN = datetime(2026, 11, 20, 13, 0, tzinfo=UTC)  # a Friday, 14 h in Belgium
LANGUAGES = ("nl", "fr")
KINDS = (
    "greeting", "thanks", "goodbye", "are_you_a_robot", "capabilities", "how_are_you", "insult", "affirms", "declines",
    "repeat", "sign_in", "switch_to_dutch", "switch_to_french",
)  # fmt: skip


@pytest.fixture(scope="session")
def content():
    return load_content(DATA)


@pytest.fixture
def tools(content, database):
    return Tools(content=content, database=database, file_database=Database("sqlite://"), clock=lambda: OPEN)


def case(
    tools, *, hand="answer", reason=None, language="nl", fund="liantis", now=OPEN, state=None, **understood
) -> Case:
    """A case as `take_turn` makes it."""
    turn = LeasedTurn(
        id=12, key="k", kind="message", attempts=1, message_id=34, text="…", masked=(), conversation_id="c", fund=fund,
        channel="website", language=language, page_language=language, owner="bot", member_id=None, state=state or {},
        rasa_sender="s", rasa_turns=0,
    )  # fmt: skip
    message = Understanding(
        **{
            "language": language,
            "topic": "contributions.calculation",
            "need": "information",
            "confidence": 0.9,
            **understood,
        }
    )
    return Case(
        turn=turn, message=message, decision=Decision(hand, reason), situation=situation_of(turn, tools),
        language=language, tools=tools, now=now,
    )  # fmt: skip


def act(one: Case):
    return HANDS[one.decision.hand](one)


def keeps(promise: str, line: str):
    """Both languages, each marked as showing a line of the service charters."""
    return pytest.mark.parametrize(
        "language", [pytest.param(one, marks=pytest.mark.charter(promise, line, one)) for one in LANGUAGES]
    )


@keeps("A2", "a general answer for each matter")
def test_every_topic_has_an_answer_with_its_trace(tools, language):
    for topic in tools.content.topics:
        reply = act(case(tools, topic=topic, language=language))
        assert (reply.outcome, reply.topic, reply.trace["answer"]) == ("answered", topic, topic)
        assert reply.sources


@pytest.mark.parametrize(("language", "words"), [("nl", "31 december 2026"), ("fr", "31 décembre 2026")])
def test_a_facet_gives_that_part_alone(tools, language, words):
    whole = act(case(tools, language=language)).text
    part = act(case(tools, language=language, facet="deadline")).text
    assert words in part
    assert len(part) < len(whole) / 2


@pytest.mark.parametrize(
    ("now", "nl", "fr"),
    [
        (OPEN, "niemand vrij", "Personne n'est libre"),
        (datetime(2026, 11, 20, 20, 0, tzinfo=UTC), "maandag 23 november om 9", "lundi 23 novembre à 9"),
        (datetime(2026, 11, 11, 10, 0, tzinfo=UTC), "donderdag 12 november om 9", "jeudi 12 novembre à 9"),
        (datetime(2026, 12, 24, 17, 0, tzinfo=UTC), "maandag 28 december om 9", "lundi 28 décembre à 9"),
        (datetime(2026, 11, 20, 11, 30, tzinfo=UTC), "vrijdag 20 november om 13", "vendredi 20 novembre à 13"),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_member_is_told_when_somebody_comes(tools, now, nl, fr, language):
    reply = act(case(tools, hand="hand_over", reason="wants_person", language=language, now=now))
    assert (nl if language == "nl" else fr) in reply.text.replace("\u00a0", " ")
    assert reply.owner == "queue"


@pytest.mark.parametrize(
    ("languages", "present"), [(["nl", "fr"], True), (["fr"], False)], ids=["speaks it", "does not speak it"]
)
def test_an_officer_who_is_there_is_announced_only_in_their_languages(tools, languages, present):
    with tools.database.write() as session:
        service.save_officer(
            session, officer_id="o", name="An", fund="liantis", languages=languages, roles=["officer"], now=OPEN
        )
    text = act(case(tools, hand="hand_over", reason="wants_person")).text
    assert ("Er is nu iemand aanwezig" in text) == present


@pytest.mark.parametrize("language", LANGUAGES)
def test_advice_gets_the_general_facts_first_and_distress_gets_help_lines_only(tools, language):
    advice = act(case(tools, hand="hand_over", reason="advice", topic="contributions.payment_plan", language=language))
    assert advice.text.index("12") < advice.text.index("Liantis")
    assert advice.sources
    assert advice.trace["answer"] == "contributions.payment_plan"
    distress = act(
        case(
            tools,
            hand="hand_over",
            reason="distress",
            topic="small_talk",
            need=None,
            kind="distress",
            language=language,
        )
    )
    assert ("1813" if language == "nl" else "0800 32 123") in distress.text
    assert distress.buttons == []
    assert len(distress.sources) == 2


@keeps("A5", "registers every request and complaint with a reference and a due date")
@pytest.mark.parametrize(
    ("topic", "kind", "due"),
    [("service.complaint", "complaint", "2027-01-04"), ("contributions.exemption", "application", "2027-03-20")],
)
def test_a_request_gets_a_reference_and_the_day_by_law(tools, language, topic, kind, due):
    reply = act(case(tools, hand="register", topic=topic, need="request", language=language))
    assert reply.request == {"reference": reply.request["reference"], "kind": kind, "topic": topic, "due_on": due}
    assert reply.request["reference"] in reply.text
    assert reply.outcome == "request_started"


def test_asking_to_sign_in_keeps_the_question_and_declining_remembers_the_topic(tools):
    asked = act(case(tools, hand="ask_sign_in", topic="contributions.balance", need="my_file"))
    assert asked.state["pending"] == {"message": 34, "topic": "contributions.balance", "need": "my_file", "facet": None}
    assert asked.buttons[0]["value"] == "sign_in"
    declined = act(
        case(tools, hand="decline_sign_in", topic="small_talk", need=None, kind="declines", state=asked.state)
    )
    assert declined.state["refused"] == ["contributions.balance"]
    assert "pending" not in declined.state
    assert declined.topic == "contributions.balance"


def test_asking_back_offers_three_topics_and_a_person(tools):
    alternatives = ("contributions.exemption", "contributions.payment_plan", "recovery.reminder", "contributions.tax")
    reply = act(case(tools, hand="ask_back", alternatives=alternatives, confidence=0.2))
    assert [button["title"] for button in reply.buttons] == [
        "Berekening van de bijdragen", "Vrijstelling van bijdragen", "Aflossingsplan", "Een medewerker spreken",
    ]  # fmt: skip
    assert reply.state["offered"][1]["does"] == {"topic": "contributions.exemption", "need": "information"}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fund", ["liantis", "partena", "securex", "entraide"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_small_talk_of_every_kind_in_every_voice(tools, kind, fund, language):
    reply = act(case(tools, hand="small_talk", topic="small_talk", need=None, kind=kind, fund=fund, language=language))
    assert reply.text
    assert "[" not in reply.text
    assert "{" not in reply.text
    if kind.startswith("switch"):
        assert reply.language == ("nl" if kind == "switch_to_dutch" else "fr")
        assert reply.state["language_chosen"] == reply.language


def test_repeating_gives_the_last_answer_again(tools):
    first = act(case(tools))
    again = act(case(tools, hand="small_talk", topic="small_talk", need=None, kind="repeat", state=first.state))
    assert again.text == first.text


def test_what_an_action_gives_back_survives_the_seam(tools):
    one = act(case(tools, hand="hand_over", reason="advice"))
    assert replace(type(one).from_json(one.to_json())) == one
