"""The table of the boundary: both sides of every line, the thresholds to the last digit, and which line wins."""

import itertools
import math

import pytest

from fund.conversations.boundary import ADVICE, SURE, UNSURE, Decision, Situation, Understanding, decide

PLAN = "contributions.payment_plan"


def below(value: float) -> float:
    """The greatest number under `value`."""
    return math.nextafter(value, 0.0)


def understood(**changes) -> Understanding:
    """A question for information that is well understood, and what is different about it."""
    plain = {"language": "nl", "topic": PLAN, "need": "information", "confidence": 0.9, "need_confidence": 0.9}
    return Understanding(**(plain | changes))


def small_talk(kind: str, **changes) -> Understanding:
    return understood(**({"topic": "small_talk", "need": None, "kind": kind} | changes))


def hand_over(reason: str) -> Decision:
    return Decision("hand_over", reason)


ANSWER, ASK_BACK, TALK = Decision("answer"), Decision("ask_back"), Decision("small_talk")
NOT_UNDERSTOOD = Decision("ask_back", "not_understood")
OUT, MANDATE, SIGN_IN = Decision("out_of_scope"), Decision("mandate"), Decision("ask_sign_in")
DECLINED, FILE, REGISTER = Decision("decline_sign_in"), Decision("look_into_file"), Decision("register")

NOBODY = Situation()
MEMBER = Situation(signed_in=True)
FILE_TOPIC = Situation(file_topics=frozenset({PLAN}))
FILE_MEMBER = Situation(file_topics=frozenset({PLAN}), signed_in=True)

TYPED = ({"entity": "amount", "value": "30000.00", "role": "income"},)
SUMS = Situation(calculable_topics=frozenset({PLAN}), file_topics=frozenset({PLAN}))
SUMS_MEMBER = Situation(calculable_topics=frozenset({PLAN}), file_topics=frozenset({PLAN}), signed_in=True)

LINES = {
    # a sum with the member's own figures
    "what would I pay on 30,000": (understood(need="my_file", entities=TYPED), SUMS, ANSWER),
    "the same, signed in": (understood(need="my_file", entities=TYPED), SUMS_MEMBER, ANSWER),
    "an amount that is no income": (
        understood(need="my_file", entities=({"entity": "amount", "value": "9.00"},)), SUMS, SIGN_IN,
    ),
    "an income on a topic without sums": (understood(need="my_file", entities=TYPED), FILE_TOPIC, SIGN_IN),
    "a sum that sounds a little like advice": (
        understood(need="advice", need_confidence=below(ADVICE), entities=TYPED), SUMS, ANSWER,
    ),
    "advice with an income in it": (
        understood(need="advice", need_confidence=ADVICE, entities=TYPED), SUMS, hand_over("advice"),
    ),
    "nothing special": (understood(), NOBODY, ANSWER),
    # danger or despair
    "a phrase of danger": (understood(danger=True), NOBODY, hand_over("distress")),
    "despair, as the classifier hears it": (small_talk("distress"), NOBODY, hand_over("distress")),
    "despair heard faintly": (small_talk("distress", confidence=UNSURE), NOBODY, hand_over("distress")),
    "despair too faint to be heard": (small_talk("distress", confidence=below(UNSURE)), NOBODY, NOT_UNDERSTOOD),
    "danger in a language that is not ours": (understood(danger=True, language="other"), NOBODY, hand_over("distress")),
    "danger in words that mean nothing else": (
        understood(danger=True, confidence=0.0, topic="out_of_scope", need=None), NOBODY, hand_over("distress"),
    ),
    "danger in a question about the file": (understood(danger=True, need="my_file"), NOBODY, hand_over("distress")),
    "strong words without danger": (small_talk("insult"), NOBODY, TALK),
    # a person
    "a wish for a person": (small_talk("wants_person"), NOBODY, hand_over("wants_person")),
    "a wish for a person, hardly understood": (
        small_talk("wants_person", confidence=0.01), NOBODY, hand_over("wants_person"),
    ),
    "a wish for a person in another language": (
        small_talk("wants_person", language="other"), NOBODY, hand_over("wants_person"),
    ),
    "a wish for a person from the button under an answer": (
        small_talk("wants_person", confidence=1.0), FILE_MEMBER, hand_over("wants_person"),
    ),
    "asking whether this is a person": (small_talk("are_you_a_robot"), NOBODY, TALK),
    # advice, a choice, a dispute
    "a judgement of one's own case": (understood(need="advice"), NOBODY, hand_over("advice")),
    "a dispute on the merits": (understood(need="advice", dispute=True), NOBODY, hand_over("dispute")),
    "advice on a writ": (understood(need="advice", topic="recovery.judicial"), NOBODY, hand_over("judicial")),
    "a dispute about a writ": (
        understood(need="advice", dispute=True, topic="recovery.judicial"), NOBODY, hand_over("judicial"),
    ),
    "information on a writ": (understood(topic="recovery.judicial"), NOBODY, ANSWER),
    "advice on a topic that is only just guessed": (
        understood(need="advice", confidence=UNSURE), NOBODY, hand_over("advice"),
    ),
    "advice on a topic that is not": (understood(need="advice", confidence=below(UNSURE)), NOBODY, NOT_UNDERSTOOD),
    "advice, only just": (understood(need="advice", need_confidence=SURE), NOBODY, hand_over("advice")),
    "hardly advice: the rule answers": (understood(need="advice", need_confidence=below(SURE)), NOBODY, ANSWER),
    "advice when signed in": (understood(need="advice"), FILE_MEMBER, hand_over("advice")),
    "“I” alone makes no advice": (understood(need="information"), MEMBER, ANSWER),
    # somebody else's file
    "somebody else's file": (understood(need="my_file", other_file=True), NOBODY, MANDATE),
    "somebody else's file, signed in oneself": (understood(need="my_file", other_file=True), FILE_MEMBER, MANDATE),
    "somebody else's file, the topic half understood": (
        understood(need="my_file", other_file=True, confidence=UNSURE), FILE_MEMBER, MANDATE,
    ),
    "somebody else's file, the topic not understood": (
        understood(need="my_file", other_file=True, confidence=below(UNSURE)), FILE_MEMBER, NOT_UNDERSTOOD,
    ),
    "one's own file": (understood(need="my_file"), FILE_MEMBER, FILE),
    # twice in a row
    "not understood": (understood(confidence=below(UNSURE)), NOBODY, NOT_UNDERSTOOD),
    "not understood, after another": (
        understood(confidence=below(UNSURE)), Situation(missed=1), hand_over("not_understood_twice"),
    ),
    "not understood, after two others": (
        understood(confidence=0.0), Situation(missed=2), hand_over("not_understood_twice"),
    ),
    "half understood, after one that was not": (understood(confidence=UNSURE), Situation(missed=1), ASK_BACK),
    "understood, after one that was not": (understood(), Situation(missed=1), ANSWER),
    "out of scope": (understood(topic="out_of_scope", need=None, kind="employees"), NOBODY, OUT),
    "out of scope, after another": (
        understood(topic="out_of_scope", need=None), Situation(missed=1), hand_over("out_of_scope_twice"),
    ),
    "out of scope, not sure at all": (understood(topic="out_of_scope", need=None, confidence=0.01), NOBODY, OUT),
    "another language": (understood(language="other"), NOBODY, OUT),
    "another language, after one that was not understood": (
        understood(language="other"), Situation(missed=1), hand_over("out_of_scope_twice"),
    ),
    "small talk that is not understood": (small_talk("thanks", confidence=below(UNSURE)), NOBODY, NOT_UNDERSTOOD),
    # rejected
    "an answer rejected": (small_talk("rejects_answer"), NOBODY, ASK_BACK),
    "an answer rejected again": (small_talk("rejects_answer"), Situation(rejected=1), hand_over("rejected_answer")),
    "a question after a rejected answer": (understood(), Situation(rejected=1), ANSWER),
    # sign-in
    "my file, not signed in": (understood(need="my_file"), FILE_TOPIC, SIGN_IN),
    "my file on a topic without one, not signed in": (understood(need="my_file"), NOBODY, SIGN_IN),
    "my file, signed in": (understood(need="my_file"), FILE_MEMBER, FILE),
    "a request that touches the file, not signed in": (understood(need="request"), FILE_TOPIC, SIGN_IN),
    "a request that touches the file, signed in": (understood(need="request"), FILE_MEMBER, REGISTER),
    "a request that touches no file": (understood(need="request"), NOBODY, REGISTER),
    "information that the file knows, not signed in": (understood(), FILE_TOPIC, ANSWER),
    "the question again after sign-in was refused": (
        understood(need="my_file"), Situation(refused_topics=frozenset({PLAN})), DECLINED,
    ),
    "a request after sign-in was refused": (
        understood(need="request"),
        Situation(refused_topics=frozenset({PLAN}), file_topics=frozenset({PLAN})),
        DECLINED,
    ),
    "another topic after sign-in was refused": (
        understood(need="my_file"), Situation(refused_topics=frozenset({"pension.career"})), SIGN_IN,
    ),
    "refused once, signed in since": (
        understood(need="my_file"), Situation(signed_in=True, refused_topics=frozenset({PLAN})), FILE,
    ),
    "no to signing in": (small_talk("declines"), Situation(asked_sign_in=True), DECLINED),
    "no to anything else": (small_talk("declines"), NOBODY, TALK),
    "a question instead of signing in": (understood(), Situation(asked_sign_in=True), ANSWER),
    # requests
    "a complaint": (understood(topic="service.complaint", need="request"), FILE_TOPIC, REGISTER),
    "a complaint, signed in": (understood(topic="service.complaint", need="request"), FILE_MEMBER, REGISTER),
    "how to complain": (understood(topic="service.complaint"), NOBODY, ANSWER),
    # confidence
    "sure": (understood(confidence=SURE), NOBODY, ANSWER),
    "nearly sure": (understood(confidence=below(SURE)), NOBODY, ASK_BACK),
    "unsure": (understood(confidence=UNSURE), NOBODY, ASK_BACK),
    "certain": (understood(confidence=1.0), NOBODY, ANSWER),
    "an unsure topic is asked back before the file": (
        understood(need="my_file", confidence=below(SURE)), FILE_MEMBER, ASK_BACK,
    ),
    "an unsure topic is asked back before sign-in": (
        understood(need="my_file", confidence=below(SURE)), NOBODY, ASK_BACK,
    ),
    "an unsure topic is asked back before anything is registered": (
        understood(need="request", confidence=below(SURE)), NOBODY, ASK_BACK,
    ),
    "small talk, nearly sure": (small_talk("greeting", confidence=below(SURE)), NOBODY, ASK_BACK),
    "small talk, sure": (small_talk("greeting", confidence=SURE), NOBODY, TALK),
    "no to signing in, however unsure": (
        small_talk("declines", confidence=UNSURE), Situation(asked_sign_in=True), DECLINED,
    ),
    "a topic without a need is answered": (understood(need=None), NOBODY, ANSWER),
}  # fmt: skip


@pytest.mark.parametrize("language", ["nl", "fr"])
@pytest.mark.parametrize(("message", "situation", "decision"), LINES.values(), ids=LINES)
def test_line(message, situation, decision, language):
    if message.language != "other":
        message = Understanding(**(vars(message) | {"language": language}))
    assert decide(message, situation) == decision


# What makes a message fit a line, in the order of the table; the last line of each pair of lines loses.
FITS = {
    "distress": ({"danger": True}, {}, hand_over("distress")),
    "person": ({"kind": "wants_person"}, {}, hand_over("wants_person")),
    "advice": ({"need": "advice", "need_confidence": 1.0}, {}, hand_over("advice")),
    "other file": ({"other_file": True}, {}, MANDATE),
    "other language twice": ({"language": "other"}, {"missed": 1}, hand_over("out_of_scope_twice")),
    "rejected twice": ({"kind": "rejects_answer"}, {"rejected": 1}, hand_over("rejected_answer")),
    "medium": ({"confidence": (SURE + UNSURE) / 2}, {}, ASK_BACK),
    "sign-in": ({"need": "my_file"}, {"signed_in": False}, SIGN_IN),
    "file": ({"need": "my_file"}, {"signed_in": True}, FILE),
    "request": ({"need": "request"}, {}, REGISTER),
}


@pytest.mark.parametrize(("earlier", "later"), list(itertools.combinations(FITS, 2)))
def test_the_earlier_line_wins(earlier, later):
    said, stands, decision = FITS[earlier]
    said_later, stands_later, decision_later = FITS[later]
    assert decide(understood(**said), Situation(**stands)) == decision
    assert decide(understood(**said_later), Situation(**stands_later)) == decision_later
    # What both say differently (a need cannot be two things) the earlier one keeps.
    assert decide(understood(**(said_later | said)), Situation(**(stands_later | stands))) == decision


def test_every_hand_over_says_why_and_nothing_else_does_but_asking_back():
    for message, situation, _ in LINES.values():
        found = decide(message, situation)
        assert (found.hand == "hand_over") == (found.reason not in (None, "not_understood"))


def test_out_of_scope_stays_out_of_scope_whatever_the_need_seems_to_be():
    for confidence in (0.0, UNSURE, SURE, 1.0):
        for need in ("information", "my_file", "request", "advice", None):
            found = decide(understood(topic="out_of_scope", need=need, confidence=confidence), NOBODY)
            assert found == OUT


def test_an_understanding_is_read_from_the_top_of_the_parse():
    parse = {
        "language": "fr", "topic": PLAN, "need": "advice", "confidence": 0.75, "need_confidence": 0.5,
        "alternatives": ["contributions.balance"], "kind": None, "facet": "amount", "follow_up": True,
        "correction": True, "danger": False, "dispute": True, "other_file": False,
        "entities": [{"entity": "quarter", "value": "2025Q3"}], "parts": [{"topic": PLAN}],
        "intent": {"name": "question"}, "text": "never looked at",
    }  # fmt: skip
    assert Understanding.from_parse(parse) == Understanding(
        language="fr", topic=PLAN, need="advice", confidence=0.75, need_confidence=0.5,
        alternatives=("contributions.balance",), kind=None, facet="amount", follow_up=True, correction=True,
        danger=False, dispute=True, other_file=False,
        entities=({"entity": "quarter", "value": "2025Q3"},), parts=({"topic": PLAN},),
    )  # fmt: skip


def test_an_empty_parse_is_nothing_understood():
    assert decide(Understanding.from_parse({}), NOBODY) == OUT
    empty = Understanding.from_parse({"topic": PLAN, "confidence": None, "language": "nl"})
    assert decide(empty, NOBODY) == NOT_UNDERSTOOD
