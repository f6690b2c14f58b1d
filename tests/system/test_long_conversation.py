"""A conversation may be as long as it likes: Rasa's sessions stay short, and nothing is counted twice."""

from datetime import timedelta

import pytest

from api.turns import TURNS_PER_SENDER, finish_turn, renew_sender
from fund.clock import system_clock
from fund.conversations import service
from fund.conversations.models import Conversation, Message
from fund.conversations.reply import Reply
from fund.database import Database

pytestmark = pytest.mark.rasa

LEASE = timedelta(seconds=15)


def test_rasa_gets_a_fresh_session_every_dozen_turns_and_the_thread_is_kept(system, chat):
    member = chat("nl")
    database = Database(system.environment["DATABASE_URL"])
    senders = []
    member.say("hoe worden mijn sociale bijdragen berekend?")
    for _ in range(TURNS_PER_SENDER + 2):
        with database.read() as session:
            senders.append(session.get_one(Conversation, member.id).rasa_sender)
        member.say("en tegen wanneer moet dat?")
        assert member.last()["topic"] == "contributions.calculation"
    database.engine.dispose()
    assert len(set(senders)) == 2


def _turn(database: Database, text: str = "hallo"):
    now = system_clock()
    with database.write() as session:
        conversation, _ = service.start_conversation(
            session, fund="liantis", channel="website", language="nl", page_language="nl", now=now
        )
        service.store_member_message(session, conversation_id=conversation.id, client_id="1", text=text, now=now)
    with database.write() as session:
        return service.claim_turn(session, now=now, lease=LEASE, conversation_id=conversation.id)


def _reply(**fields) -> Reply:
    return Reply(
        **{"text": "dag", "topic": "small_talk", "need": None, "outcome": "small_talk", "language": "nl", **fields}
    )


def test_a_turn_that_is_tried_again_goes_to_a_fresh_session_and_is_stored_once(each_database):
    turn = _turn(each_database)
    with each_database.write() as session:
        again = renew_sender(session, turn=turn)
    assert again.rasa_sender != turn.rasa_sender
    for _ in range(2):
        with each_database.write() as session:
            finish_turn(session, turn=again, reply=_reply(), now=system_clock())
    with each_database.read() as session:
        lines = service.list_messages(session, conversation_id=turn.conversation_id)
        assert [line.author for line in lines] == ["member", "bot"]
        assert session.get_one(Conversation, turn.conversation_id).rasa_turns == 1


def test_whoever_lost_the_lease_writes_nothing(each_database):
    late = _turn(each_database)
    with each_database.write() as session:
        after = system_clock() + LEASE
        second = service.claim_turn(session, now=after, lease=LEASE, conversation_id=late.conversation_id)
    assert second is not None
    with each_database.write() as session:
        assert finish_turn(session, turn=late, reply=_reply(text="te laat"), now=after) is False
    with each_database.write() as session:
        assert finish_turn(session, turn=second, reply=_reply(text="op tijd"), now=after) is True
    with each_database.read() as session:
        texts = [line.text for line in session.query(Message).filter_by(author="bot")]
    assert texts == ["op tijd"]


def test_a_sign_in_while_the_question_was_being_worked_on_is_not_missed(each_database):
    turn = _turn(each_database)
    now = system_clock()
    with each_database.write() as session:
        service.sign_in(
            session, conversation_id=turn.conversation_id, member_id="M1", token_id="t", token_seen_at=now,
            token_expires_at=now + LEASE, now=now,
        )  # fmt: skip
    asked = _reply(
        outcome="asked_sign_in", topic="contributions.balance", need="my_file",
        state={"pending": {"message": turn.message_id, "topic": "contributions.balance", "need": "my_file"}},
    )  # fmt: skip
    with each_database.write() as session:
        assert finish_turn(session, turn=turn, reply=asked, now=system_clock())
    with each_database.write() as session:
        taken_up = service.claim_turn(session, now=system_clock(), lease=LEASE, conversation_id=turn.conversation_id)
    assert (taken_up.kind, taken_up.message_id, taken_up.member_id) == ("signed_in", turn.message_id, "M1")


def test_reply_state_owner_and_request_are_stored_together_or_not_at_all(each_database):
    turn = _turn(each_database, "ik wil een klacht indienen")
    request = {
        "reference": "R26-0000001-00",
        "kind": "no such kind",
        "topic": "service.complaint",
        "due_on": "2027-01-04",
    }
    reply = _reply(outcome="request_started", topic="service.complaint", need="request", request=request)
    with pytest.raises(Exception, match="kind"), each_database.write() as session:
        finish_turn(session, turn=turn, reply=reply, now=system_clock())
    with each_database.read() as session:
        assert [line.author for line in service.list_messages(session, conversation_id=turn.conversation_id)] == [
            "member"
        ]
        assert service.is_busy(session, conversation_id=turn.conversation_id)
        assert session.get_one(Conversation, turn.conversation_id).last is None
