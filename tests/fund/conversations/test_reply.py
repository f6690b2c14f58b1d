"""A reply crosses the seam as JSON and comes back the same; anything that is none is refused there."""

import json

import pytest

from fund.conversations.reply import OUTCOMES, Reply

ANSWERED = Reply(
    text="Goed.",
    topic="contributions.balance",
    need="information",
    outcome="answered",
    language="nl",
    buttons=[{"title": "Ja", "value": "ja"}],
    sources=[{"title": "Wet", "url": "https://example.be", "date": "2025-01-01"}],
    state={"topic": "contributions.balance", "offered": [{"title": "Ja", "does": {"kind": "affirms"}}]},
    trace={"answer": "contributions.balance"},
)
HANDED_OVER = {**ANSWERED.to_json(), "outcome": "handed_over", "owner": "queue", "reason": "advice"}


def test_a_reply_comes_back_the_same_through_json():
    assert Reply.from_json(json.loads(json.dumps(ANSWERED.to_json()))) == ANSWERED
    assert Reply.from_json(HANDED_OVER).reason == "advice"


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_only_a_hand_over_goes_to_the_queue(outcome):
    to_queue = {**HANDED_OVER, "outcome": outcome}
    to_bot = {**ANSWERED.to_json(), "outcome": outcome}
    good, bad = (to_queue, to_bot) if outcome == "handed_over" else (to_bot, to_queue)
    assert Reply.from_json(good).outcome == outcome
    with pytest.raises(ValueError, match="queue"):
        Reply.from_json(bad)


@pytest.mark.parametrize(
    "change",
    [
        {"text": ""},
        {"text": None},
        {"text": ["Goed."]},
        {"outcome": "done"},
        {"outcome": None},
        {"owner": "officer"},
        {"language": "other"},
        {"language": "de"},
        {"reason": "advice"},
        {"sender": "somebody"},
        {"outcome": "handed_over", "owner": "queue", "reason": None},
    ],
)
def test_what_is_no_reply_is_refused(change):
    with pytest.raises((ValueError, TypeError)):
        Reply.from_json({**ANSWERED.to_json(), **change})


@pytest.mark.parametrize("data", [None, [], "Goed.", 1, {}, {"text": "Goed."}])
def test_what_has_no_shape_of_a_reply_is_refused(data):
    with pytest.raises((ValueError, TypeError)):
        Reply.from_json(data)
