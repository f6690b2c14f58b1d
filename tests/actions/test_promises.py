"""Promises of the service charters that are kept by an answer, a request or a hand-over, in both languages."""

from datetime import UTC, datetime

import pytest

from fund.answers.content import marks
from fund.conversations.boundary import decide
from tests.actions.turns import LANGUAGES, act, case, keeps, plain

FAMILY = ("maternity_leave", "maternity_help", "birth_leave", "adoption_leave", "foster_leave", "informal_care")
HEALTH = ("healthcare", "incapacity", "invalidity", "assimilation")
BRIDGING = ("overview", "bankruptcy", "forced_interruption", "economic_difficulties", "amount", "application")
DUTCH, FRENCH = LANGUAGES


def decided(tools, *, signed_in=False, **understood):
    """The reply that the boundary chooses, for a member or for somebody unknown."""
    one = case(tools, **understood)
    situation = one.situation
    if signed_in:
        situation = type(situation)(**{**vars(situation), "signed_in": True})
    decision = decide(one.message, situation)
    return act(case(tools, hand=decision.hand, reason=decision.reason, **understood))


def answers(tools, topics, language, *, needs=()):
    """Every topic has an answer with sources, and these parts."""
    for topic in topics:
        version = tools.content.answers.version_on(topic, language=language, on=case(tools).now.date())
        assert set(needs) <= set(version.facets), topic
        reply = act(case(tools, topic=topic, language=language))
        assert (reply.outcome, reply.trace["answer"]) == ("answered", topic)
        assert reply.sources


def requests(tools, topics, language):
    """A signed-in member's request on every topic is registered, with its reference and the day of the answer."""
    for topic in topics:
        reply = decided(tools, signed_in=True, topic=topic, need="request", language=language)
        assert reply.outcome == "request_started", topic
        assert reply.request["reference"] in reply.text
        assert reply.request["due_on"]


def goes_to_an_officer(tools, topics, language):
    """A wish for advice is handed over, after the general facts."""
    for topic in topics:
        reply = decided(tools, topic=topic, need="advice", language=language)
        assert (reply.outcome, reply.owner) == ("handed_over", "queue"), topic
        assert reply.reason in ("advice", "dispute", "judicial")


@keeps("A1", "explains how and when to affiliate")
def test_affiliation_is_explained_with_its_terms(tools, language):
    answers(tools, ["start.affiliation"], language, needs=("how_to_apply", "deadline", "competent_body"))
    text = plain(act(case(tools, topic="start.affiliation", language=language)).text)
    assert {DUTCH: "6 maanden", FRENCH: "6 mois"}[language] in text


@keeps("A1", "starts an affiliation request")
def test_an_affiliation_is_started(tools, language):
    requests(tools, ["start.affiliation"], language)


@keeps("A2", "the competent institution where it does not")
def test_every_topic_of_another_institution_names_it_with_its_contact(tools, language):
    others = [topic.id for topic in tools.content.topics.values() if topic.body]
    assert len(others) > 6
    for topic in others:
        version = tools.content.answers.version_on(topic, language=language, on=case(tools).now.date())
        assert any(mark.startswith("contact.") for mark in marks(version.facets["competent_body"])), topic


@keeps("A5", "answers at once at any hour")
def test_an_answer_comes_at_night_and_on_a_holiday_too(tools, language):
    for now in (datetime(2026, 12, 25, 2, 30, tzinfo=UTC), datetime(2026, 11, 22, 23, 59, tzinfo=UTC)):
        reply = act(case(tools, topic="contributions.due_dates", language=language, now=now))
        assert (reply.outcome, reply.owner) == ("answered", "bot")


@keeps("A5", "appointment")
def test_an_appointment_is_asked_for_without_a_sign_in(tools, language):
    reply = decided(tools, topic="service.appointment", need="request", language=language)
    assert (reply.outcome, reply.request["kind"]) == ("request_started", "appointment")
    assert reply.request["reference"] in reply.text


@keeps("A4", "answers on supplementary pensions")
def test_supplementary_pensions_are_answered(tools, language):
    answers(tools, [f"supplementary.{one}" for one in ("vapz", "vapz_social", "other_pension")], language)


@keeps("A4", "hospitalisation")
def test_hospitalisation_is_answered(tools, language):
    answers(tools, ["supplementary.hospitalisation"], language)


@keeps("A4", "guaranteed income; a choice is personal advice and goes to an officer")
def test_guaranteed_income_is_answered_and_a_choice_goes_to_an_officer(tools, language):
    answers(tools, ["supplementary.guaranteed_income"], language)
    goes_to_an_officer(tools, ["supplementary.guaranteed_income", "supplementary.hospitalisation"], language)


@keeps("B7", "choices go to an officer")
def test_the_choice_of_a_supplementary_pension_goes_to_an_officer(tools, language):
    goes_to_an_officer(tools, [f"supplementary.{one}" for one in ("vapz", "vapz_social", "other_pension")], language)


@keeps("B1", "guidance for a starter")
def test_a_starter_is_guided_topic_by_topic(tools, language):
    start = [topic.id for topic in tools.content.topics.values() if topic.group == "start"]
    answers(
        tools, [*start, "contributions.starter", "contributions.early_payment_bonus"], language, needs=("how_to_apply",)
    )


@keeps("B2", "answers")
def test_every_family_matter_is_answered(tools, language):
    answers(
        tools, [one for one in tools.content.topics if one.startswith("family.")], language, needs=("how_to_apply",)
    )


@keeps("B2", "requests")
def test_a_family_right_can_be_requested(tools, language):
    requests(tools, [f"family.{one}" for one in FAMILY], language)


@keeps("B3", "answers")
def test_health_is_answered(tools, language):
    answers(tools, [f"health.{one}" for one in HEALTH], language, needs=("how_to_apply", "competent_body"))


@keeps("B4", "lays the possible ways out side by side with their conditions and consequences")
@pytest.mark.parametrize("topic", ["contributions.payment_plan", "contributions.late_payment", "recovery.judicial"])
def test_the_ways_out_of_a_debt_stand_side_by_side_before_the_officer(tools, language, topic):
    reply = decided(tools, topic=topic, need="advice", language=language)
    lines = [line for line in plain(reply.text).splitlines() if line.startswith("- ")]
    condition, consequence = {DUTCH: ("Voorwaarde:", "Gevolg:"), FRENCH: ("Condition :", "Conséquence :")}[language]
    assert len(lines) == 5
    assert all(condition in line and consequence in line for line in lines)
    assert reply.owner == "queue"
    assert reply.sources


@keeps("B4", "takes the request")
def test_relief_from_payment_can_be_requested(tools, language):
    ways = ("payment_plan", "exemption", "increase_waiver", "adjust_provisional")
    requests(tools, [f"contributions.{way}" for way in ways], language)


@keeps("B5", "answers")
def test_the_bridging_right_is_answered_under_its_old_name_too(tools, language):
    answers(tools, [f"bridging_right.{one}" for one in BRIDGING], language)
    whole = act(case(tools, topic="bridging_right.overview", language=language, facet="more", follow_up=True))
    text = whole.text.lower()
    assert {DUTCH: "faillissementsverzekering", FRENCH: "assurance faillite"}[language] in text


@keeps("B5", "a request with its documents")
def test_a_request_for_the_bridging_right_says_which_documents_it_needs(tools, language):
    reply = decided(tools, signed_in=True, topic="bridging_right.application", need="request", language=language)
    version = tools.content.answers.version_on(
        "bridging_right.application", language=language, on=case(tools).now.date()
    )
    assert reply.outcome == "request_started"
    assert version.facets["documents"].splitlines()[0][:30] in plain(reply.text)
    assert reply.sources


@keeps("B6", "help with the application form")
def test_the_pension_application_is_explained_and_taken(tools, language):
    answers(tools, ["pension.application"], language, needs=("how_to_apply", "documents", "competent_body"))
    requests(tools, ["pension.application"], language)


@keeps("B7", "answers")
def test_the_whole_of_a_supplementary_contract_is_answered(tools, language):
    topics = ("supplementary.vapz", "supplementary.vapz_social")
    answers(tools, topics, language, needs=("conditions", "amount", "how_to_apply", "effect_on_pension"))


@keeps("B8", "answers")
def test_stopping_is_answered(tools, language):
    stopping = [one for one in tools.content.topics if one.startswith("stopping.")]
    answers(tools, [*stopping, "health.assimilation"], language, needs=("how_to_apply", "effect_on_pension"))


@keeps("B8", "request to stop")
def test_a_request_to_stop_is_taken(tools, language):
    requests(tools, ["stopping.procedure"], language)


@keeps("C3", "says which are automatic")
def test_what_is_granted_by_itself_is_said(tools, language):
    answers(tools, ["benefits.automatic"], language, needs=("by_itself",))


@keeps("C4", "its term and where to appeal; judging it goes to an officer")
def test_the_appeal_is_told_with_its_term_and_judging_goes_to_an_officer(tools, language):
    answers(tools, ["benefits.decision_appeal"], language, needs=("deadline", "decision_appeal"))
    text = plain(act(case(tools, topic="benefits.decision_appeal", language=language, facet="deadline")).text)
    assert {DUTCH: "3 maanden", FRENCH: "3 mois"}[language] in text
    goes_to_an_officer(tools, ["benefits.decision_appeal"], language)


@keeps("C5", "orients to the competent institution")
def test_the_competent_institution_is_named_matter_by_matter(tools, language):
    text = act(case(tools, topic="service.orientation", language=language, facet="more", follow_up=True)).text
    for body in {
        DUTCH: ("ziekenfonds", "kinderbijslagfonds", "Federale Pensioendienst", "RSVZ", "OCMW", "FOD"),
        FRENCH: ("mutualité", "allocations familiales", "Service fédéral des Pensions", "INASTI", "CPAS", "SPF"),
    }[language]:
        assert body in text
