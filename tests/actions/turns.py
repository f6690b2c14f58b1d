"""A turn as an action takes it, with real content: what the tests of the hands and of the promises share."""

from datetime import UTC, datetime

import pytest

from actions.hands import HANDS, Case, situation_of
from fund.conversations.boundary import Decision, Understanding
from fund.conversations.service import LeasedTurn

OPEN = datetime(2026, 11, 20, 13, 0, tzinfo=UTC)  # a Friday, 14 h in Belgium
LANGUAGES = ("nl", "fr")


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


def plain(text):
    return text.replace("\u00a0", " ").replace("\u202f", " ")
