"""kill -9 in the middle of work: nothing lost, nothing twice."""

import time

import pytest

from tests.system.running import PATIENCE, Chat

pytestmark = pytest.mark.rasa


@pytest.fixture
def system(each_system):
    """Every test of this module runs on both databases."""
    return each_system


LINES = [
    "hoe worden mijn bijdragen berekend?",
    "wanneer moet ik betalen?",
    "wat als ik te laat betaal?",
    "bestaat de bonificatie nog?",
]


def _all_answered_once(member: Chat, sent: list[int]) -> None:
    deadline = time.monotonic() + 2 * PATIENCE
    while time.monotonic() < deadline:
        if not member.state()["busy"]:
            break
        time.sleep(0.1)
    lines = member.messages()
    assert [line["id"] for line in lines if line["from"] == "member"] == sent
    replies = [line["in_reply_to"] for line in lines if line["from"] == "bot"]
    assert len(replies) == len(set(replies)), "a message was answered twice"
    assert replies, "nothing was answered"
    assert replies == sorted(replies), "answered out of order"
    if member.state()["owner"] == "bot":
        assert replies == sent


def _send(system, member: Chat, lines: list[str]) -> list[int]:
    sent = []
    for number, line in enumerate(lines):
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                answer = member.send(line, client_id=f"line-{number}")
                assert answer.status_code == 202
                sent.append(answer.json()["id"])
                break
            except Exception:
                assert time.monotonic() < deadline
                time.sleep(0.2)
    return sent


@pytest.mark.parametrize("victim", ["bot.serve", "api.commands api"])
def test_a_killed_process_loses_and_doubles_nothing(system, chat, victim):
    members = [chat("nl") for _ in range(3)]
    for member in members:
        assert member.send(LINES[0], client_id="line-0").status_code == 202
    system.kill(victim)
    sent = [_send(system, member, LINES) for member in members]
    for member, ids in zip(members, sent, strict=True):
        _all_answered_once(member, ids)
    system.wait_until_healthy()
    fresh = chat("fr")
    fresh.say("bonjour")
    assert fresh.last()["outcome"] == "small_talk"
