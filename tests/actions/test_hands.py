"""The hands, one by one, with real content and a real database: what a member reads, in both languages."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from fund.conversations import service
from tests.actions.turns import LANGUAGES, OPEN, act, case, keeps, plain

KINDS = (
    "greeting", "thanks", "goodbye", "are_you_a_robot", "capabilities", "how_are_you", "insult", "affirms", "declines",
    "repeat", "sign_in", "switch_to_dutch", "switch_to_french",
)  # fmt: skip


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
    advice = act(case(tools, hand="hand_over", reason="advice", topic="stopping.procedure", language=language))
    short = act(case(tools, topic="stopping.procedure", language=language)).text.partition("\n")[0]
    assert advice.text.index(short) < advice.text.index("Liantis")
    assert advice.sources
    assert advice.trace["answer"] == "stopping.procedure"
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


def entity(kind, value, **more):
    return {"entity": kind, "value": value, "start": 0, "end": 1, **more}


@pytest.mark.parametrize(
    ("language", "said", "unknown"),
    [("nl", "Dit geldt op 31 december 2024", "nagekeken"), ("fr", "Valable au 31 décembre 2024", "vérifiée")],
)
def test_a_question_about_last_year_is_answered_with_that_years_law(tools, language, said, unknown):
    topic = "contributions.calculation"
    then = act(case(tools, topic=topic, language=language, entities=(entity("year", "2024"),)))
    assert said in plain(then.text)
    assert {"864,15", "2024"} <= set(re.findall(r"[\d,]+", plain(then.text)))
    assert [button["does"] for button in then.state["offered"]] == [{"topic": topic, "need": "information"}]
    before = act(case(tools, topic="contributions.tax", language=language, entities=(entity("year", "2019"),)))
    assert unknown in before.text
    assert "2019" in before.text
    assert before.trace["answer"] is None


@pytest.mark.parametrize(
    "entities",
    [
        (),
        (entity("year", "2019", role="since"),),  # "zelfstandig sinds 2019"
        (entity("year", "1962"),),
        (entity("year", "2026"),),
        (entity("quarter", "Q3"),),
    ],
)
def test_other_years_in_a_message_leave_the_answer_at_today(tools, entities):
    reply = act(case(tools, topic="contributions.calculation", entities=entities))
    assert "20 november 2026" in plain(reply.text)
    assert not reply.buttons


def test_next_years_figures_are_said_to_be_unknown(tools):
    reply = act(case(tools, topic="contributions.calculation", entities=(entity("year", "2027"),)))
    assert "Dit geldt op 1 januari 2027" in plain(reply.text)
    assert "voor 2027 nog niet bevestigd" in plain(reply.text)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        pytest.param(
            language, words,
            marks=pytest.mark.charter(
                "A3", "calculates a contribution step by step with the rates and thresholds of the year asked", language
            ),
        )
        for language, words in (
            ("nl", ("1.537,50 euro per kwartaal", "zonder beheerskosten", "20,5 %", "beheerskosten van het fonds")),
            ("fr", ("1 537,50 euros par trimestre", "sans frais de gestion", "20,5 %", "gestion de la caisse")),
        )
    ],
)  # fmt: skip
def test_a_typed_income_is_worked_out_step_by_step(tools, language, words):
    typed = (entity("amount", "30000.00", role="income"), entity("year", "2025"))
    reply = act(case(tools, topic="contributions.calculation", language=language, entities=typed))
    text = plain(reply.text)
    assert all(word in text for word in words), text
    assert text.count("\n- ") >= 4
    assert "2025" in text
    assert reply.sources and all(source["date"] for source in reply.sources)
    assert reply.trace == {"calculation": "contribution", "year": 2025}


def test_a_sum_names_the_fee_where_it_is_known_and_brings_a_month_to_a_year(tools):
    typed = (entity("amount", "2500.00", role="income", per="month"), entity("year", "2025"))
    text = plain(act(case(tools, fund="securex", entities=typed)).text)
    assert "2.500 euro per maand om naar een jaar: 30.000 euro" in text
    assert "1.600,54 euro per kwartaal, met de beheerskosten van Securex Integrity" in text
    assert "u noemt" in text


def test_a_year_whose_figures_are_not_known_is_said_and_the_year_before_worked_out(tools):
    typed = (entity("amount", "9000.00", role="income"),)
    reply = act(case(tools, topic="start.secondary_occupation", entities=typed))
    text = plain(reply.text)
    assert "kan niet berekend worden" in text
    assert "Met de cijfers van 2025" in text
    assert "461,25 euro per kwartaal" in text
    assert reply.trace["year"] == 2025


def test_the_category_that_is_named_decides(tools):
    typed = (entity("amount", "9000.00", role="income"), entity("category", "secondary"), entity("year", "2025"))
    assert "(bijberoep)" in act(case(tools, entities=typed)).text


def test_late_payment_and_a_companys_contribution_are_worked_out(tools):
    late = act(
        case(
            tools,
            topic="contributions.late_payment",
            entities=(entity("amount", "1000.00"), entity("quarter", "2025Q1")),
        )
    )
    # Seven ends of quarters (the last one 30 September 2026) and once 7 %.
    assert "nu samen 280 euro" in plain(late.text)
    company = act(
        case(
            tools,
            topic="companies.annual_contribution",
            language="fr",
            entities=(entity("amount", "900000.00", role="balance"), entity("year", "2025")),
        )
    )
    assert "998,47 euros" in plain(company.text)
    assert "31 décembre" in plain(company.text) or "avant-dernier exercice" in company.text


def test_a_part_that_is_asked_at_once_comes_after_the_answer_and_alone_in_a_follow_up(tools):
    whole = act(case(tools, topic="contributions.exemption")).text
    first = act(case(tools, topic="contributions.exemption", facet="deadline")).text
    follow_up = act(case(tools, topic="contributions.exemption", facet="deadline", follow_up=True)).text
    assert first.partition("\n")[0] == whole.partition("\n")[0]
    assert "Termijn:" in first and "Wat je nu doet:" not in first
    assert "Termijn:" not in follow_up and follow_up.partition("\n")[0] in first


def test_more_gives_the_full_page_and_a_messaging_channel_the_short_answer(tools):
    normal = act(case(tools, topic="contributions.exemption")).text
    more = act(case(tools, topic="contributions.exemption", facet="more", follow_up=True)).text
    one = case(tools, topic="contributions.exemption")
    short = act(replace(one, turn=replace(one.turn, channel="whatsapp"))).text
    assert len(short) < len(normal) < len(more)
    assert short.partition("\n")[0] == normal.partition("\n")[0]
