"""Conversations in the database, on SQLite and on PostgreSQL: nothing lost, nothing doubled, one owner, one member."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from fund.conversations import service
from fund.conversations.models import Conversation, Event, Message, Turn, UsedToken
from fund.conversations.service import (
    AWAY_AFTER,
    PRESENT_FOR,
    SIGNED_IN_AT_MOST,
    SIGNED_IN_IDLE,
    ClientIdReused,
    NotYours,
    OtherMember,
    TokenUsed,
)
from fund.database import Database

NOW = datetime(2025, 11, 20, 10, 0, tzinfo=UTC)
LEASE = timedelta(seconds=15)
SECOND = timedelta(seconds=1)
TICK = timedelta(microseconds=1)


class Desk:
    """A conversation or many in one database, with the moves that the doors make, each in its own transaction."""

    def __init__(self, database: Database):
        self.database = database
        self.id = self.start()

    def start(self, *, fund: str = "liantis", now: datetime = NOW) -> str:
        with self.database.write() as session:
            conversation, self.token = service.start_conversation(
                session, fund=fund, channel="website", language="nl", page_language="nl", now=now
            )
        return conversation.id

    def store(self, client_id: str, text: str = "hallo", *, id: str | None = None, now: datetime = NOW):
        """(the line's id, whether it is new)"""
        with self.database.write() as session:
            message, is_new = service.store_member_message(
                session, conversation_id=id or self.id, client_id=client_id, text=text, now=now
            )
            return message.id, is_new

    def claim(self, *, id: str | None = None, now: datetime = NOW) -> service.LeasedTurn | None:
        with self.database.write() as session:
            return service.claim_turn(session, now=now, lease=LEASE, conversation_id=id)

    def end(self, turn: service.LeasedTurn, *, now: datetime = NOW) -> bool:
        """Finish a turn with a line, as the runner does; whether the lease still held."""
        with self.database.write() as session:
            conversation = service.end_turn(session, turn=turn, now=now)
            if conversation is None:
                return False
            service.add_line(
                session, conversation=conversation, author="bot", text=f"re: {turn.text}", now=now,
                in_reply_to=turn.message_id, turn_id=turn.id,
            )  # fmt: skip
            return True

    def find(self, key: str, *, now: datetime = NOW) -> service.LeasedTurn | None:
        with self.database.read() as session:
            return service.find_leased_turn(session, key=key, now=now)

    def change(self, id: str | None = None, **columns) -> None:
        with self.database.write() as session:
            conversation = service.lock_conversation(session, id or self.id)
            for name, value in columns.items():
                setattr(conversation, name, value)

    def look(self, id: str | None = None) -> Conversation:
        with self.database.read() as session:
            return service.get_conversation(session, id or self.id)

    def texts(self) -> list[str]:
        with self.database.read() as session:
            return [line.text for line in service.list_messages(session, conversation_id=self.id)]

    def count(self, table) -> int:
        with self.database.read() as session:
            return session.scalar(select(func.count()).select_from(table))

    def events(self, id: str | None = None) -> list[str]:
        with self.database.read() as session:
            return [event.kind for event in service.list_events(session, conversation_id=id or self.id)]

    def sign_in(self, member: str = "m-1", token: str = "t-1", *, id: str | None = None, now: datetime = NOW) -> None:
        with self.database.write() as session:
            service.sign_in(
                session, conversation_id=id or self.id, member_id=member, token_id=token,
                token_expires_at=now + timedelta(minutes=5), token_seen_at=now, now=now,
            )  # fmt: skip

    def sign_out(self, *, now: datetime = NOW) -> None:
        with self.database.write() as session:
            service.sign_out(session, conversation_id=self.id, now=now)

    def member(self, *, now: datetime = NOW) -> str | None:
        return service.signed_in_member(self.look(), now=now)

    def hand_over(self, *, id: str | None = None, reason: str = "wants_person", now: datetime = NOW) -> None:
        with self.database.write() as session:
            conversation = service.lock_conversation(session, id or self.id)
            service.hand_over(session, conversation=conversation, reason=reason, topic="contributions.balance", now=now)

    def officer(self, id: str, *, now: datetime = NOW, **said) -> None:
        plain = {"name": id.title(), "fund": "liantis", "languages": ["nl"], "roles": ["officer"]}
        with self.database.write() as session:
            service.save_officer(session, officer_id=id, now=now, **(plain | said))

    def take(self, officer: str, *, id: str | None = None, fund: str = "liantis", now: datetime = NOW) -> bool:
        with self.database.write() as session:
            return service.claim_conversation(
                session, conversation_id=id or self.id, officer_id=officer, fund=fund, now=now
            )

    def write(self, officer: str, client_id: str, text: str = "dag", *, now: datetime = NOW) -> int:
        with self.database.write() as session:
            return service.write_as_officer(
                session, conversation_id=self.id, officer_id=officer, client_id=client_id, text=text, now=now
            ).id

    def release(self, officer: str, *, now: datetime = NOW) -> None:
        with self.database.write() as session:
            service.release_conversation(
                session, conversation_id=self.id, officer_id=officer, text="tot ziens", now=now
            )


@pytest.fixture
def desk(each_database) -> Desk:
    return Desk(each_database)


def at_once(count: int, work: Callable[[int], object]) -> list[object]:
    """What `count` threads get (or the error that stops them) when they all start together."""
    results: list[object] = [None] * count
    gate = threading.Barrier(count)

    def run(number: int) -> None:
        gate.wait()
        try:
            results[number] = work(number)
        except Exception as error:
            results[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


class TestStart:
    def test_the_token_is_kept_only_as_a_hash(self, desk):
        conversation = desk.look()
        assert conversation.token_hash == service.fingerprint(desk.token)
        assert desk.token not in str(vars(conversation))
        assert len(desk.token) >= 40

    def test_a_new_conversation_is_the_bots_and_nobodys(self, desk):
        conversation = desk.look()
        assert (conversation.owner, conversation.member_id, conversation.state) == ("bot", None, {})
        assert desk.events() == ["started"]
        assert desk.member() is None

    def test_no_two_are_alike(self, desk):
        ids = {desk.start() for _ in range(20)}
        assert len(ids) == 20
        assert len({desk.look(id).rasa_sender for id in ids}) == 20

    def test_an_unknown_one_is_none(self, desk):
        assert desk.look("nobody") is None


class TestStore:
    def test_the_same_client_id_again_is_the_same_line_and_one_turn(self, desk):
        first = desk.store("a")
        assert first[1] is True
        for _ in range(3):
            assert desk.store("a", now=NOW + SECOND) == (first[0], False)
        assert desk.texts() == ["hallo"]
        assert desk.count(Turn) == 1

    def test_the_same_client_id_with_another_text_is_refused_and_changes_nothing(self, desk):
        desk.store("a")
        with pytest.raises(ClientIdReused):
            desk.store("a", "iets anders")
        with pytest.raises(ClientIdReused):
            desk.store("a", "hallo ")
        assert desk.texts() == ["hallo"]
        assert desk.count(Turn) == 1

    def test_a_client_id_is_one_conversations_own(self, desk):
        other = desk.start()
        assert desk.store("a")[1]
        assert desk.store("a", "iets anders", id=other)[1]

    def test_numbers_are_masked_before_they_are_stored_and_leave_no_trace(self, desk):
        text = "mijn nummer is 85.07.30-033.28"
        first = desk.store("a", text)
        assert desk.store("a", text) == (first[0], False)
        with desk.database.read() as session:
            line = session.get_one(Message, first[0])
        assert line.text == "mijn nummer is •••••••••••••28"
        assert line.trace == {"masked": ["national_number"]}
        # Fewer than a hundred million numbers exist: from a hash of one, anybody finds it.
        assert line.fingerprint != service.fingerprint(text)
        assert desk.claim().masked == ("national_number",)

    def test_a_line_without_numbers_says_nothing_of_masking(self, desk):
        desk.store("a")
        assert desk.claim().masked == ()

    def test_lines_have_rising_ids_and_are_listed_from_any_of_them(self, desk):
        ids = [desk.store(str(number), f"regel {number}")[0] for number in range(5)]
        assert ids == sorted(ids)
        with desk.database.read() as session:
            after = service.list_messages(session, conversation_id=desk.id, after=ids[1])
            limited = service.list_messages(session, conversation_id=desk.id, after=ids[1], limit=2)
        assert [line.id for line in after] == ids[2:]
        assert [line.id for line in limited] == ids[2:4]

    def test_twenty_deliveries_of_one_message_are_one_line(self, desk):
        results = at_once(20, lambda _: desk.store("a"))
        assert [is_new for _, is_new in results].count(True) == 1
        assert len({id for id, _ in results}) == 1
        assert desk.count(Turn) == 1

    def test_twenty_messages_at_once_are_twenty_lines_in_one_order(self, desk):
        results = at_once(20, lambda number: desk.store(str(number), f"regel {number}"))
        assert all(is_new for _, is_new in results)
        with desk.database.read() as session:
            turns = session.execute(select(Turn.id, Turn.message_id).order_by(Turn.id)).all()
        assert [message for _, message in turns] == sorted(id for id, _ in results)

    def test_busy_until_every_line_is_answered(self, desk):
        def busy() -> bool:
            with desk.database.read() as session:
                return service.is_busy(session, conversation_id=desk.id)

        assert not busy()
        desk.store("a")
        desk.store("b")
        assert busy()
        desk.end(desk.claim())
        assert busy()
        desk.end(desk.claim())
        assert not busy()

    def test_text_of_every_kind_comes_back_as_it_went(self, desk):
        text = "é ’ “” 🙂 \u202f ٣ {amount} %s \\ '; drop table message; --\n\n- x"
        desk.store("a", text)
        assert desk.texts() == [text]


class TestLease:
    def test_one_turn_at_a_time_in_order(self, desk):
        for number in range(3):
            desk.store(str(number), f"regel {number}")
        for number in range(3):
            turn = desk.claim()
            assert (turn.text, turn.attempts, turn.kind) == (f"regel {number}", 1, "message")
            assert desk.claim() is None
            assert desk.claim(id=desk.id) is None
            assert desk.end(turn)
        assert desk.claim() is None
        assert desk.texts() == ["regel 0", "regel 1", "regel 2", "re: regel 0", "re: regel 1", "re: regel 2"]

    def test_a_turn_of_another_conversation_waits_for_nobody(self, desk):
        other = desk.start()
        desk.store("a", "eerst")
        desk.store("b", "daarna")
        desk.store("a", "elders", id=other)
        assert [desk.claim().text, desk.claim().text, desk.claim()] == ["eerst", "elders", None]

    def test_a_named_conversation_gives_its_own_turn_or_none(self, desk):
        other = desk.start()
        desk.store("a")
        assert desk.claim(id=other) is None
        assert desk.look(other).lease_key is None
        assert desk.claim(id="nobody") is None
        assert desk.claim(id=desk.id).conversation_id == desk.id

    def test_a_lease_ends_by_itself_at_its_moment_and_not_before(self, desk):
        desk.store("a")
        first = desk.claim()
        assert desk.claim(now=NOW + LEASE - TICK) is None
        second = desk.claim(now=NOW + LEASE)
        assert (second.id, second.attempts) == (first.id, 2)
        assert second.key != first.key

    def test_who_lost_the_lease_writes_nothing(self, desk):
        desk.store("a")
        first = desk.claim()
        second = desk.claim(now=NOW + LEASE)
        assert not desk.end(first, now=NOW + LEASE)
        assert desk.end(second, now=NOW + LEASE)
        assert not desk.end(first, now=NOW + LEASE)
        assert not desk.end(second, now=NOW + LEASE)
        assert desk.texts() == ["hallo", "re: hallo"]

    def test_who_is_late_but_was_not_replaced_still_finishes(self, desk):
        desk.store("a")
        turn = desk.claim()
        assert desk.end(turn, now=NOW + 2 * LEASE)
        assert desk.claim(now=NOW + 3 * LEASE) is None

    def test_losing_the_lease_leaves_the_new_one_alone(self, desk):
        desk.store("a")
        first = desk.claim()
        second = desk.claim(now=NOW + LEASE)
        desk.end(first, now=NOW + LEASE)
        assert desk.find(second.key, now=NOW + LEASE).id == second.id

    def test_a_key_opens_its_own_turn_while_the_lease_lasts(self, desk):
        other = desk.start()
        desk.store("a", "eerst")
        desk.store("a", "elders", id=other)
        first, second = desk.claim(), desk.claim()
        assert desk.find(first.key) == first
        assert desk.find(second.key).conversation_id == other
        assert desk.find(first.key, now=NOW + LEASE - TICK) == first
        assert desk.find(first.key, now=NOW + LEASE) is None
        assert desk.find("guessed") is None
        assert desk.find("") is None
        desk.end(first)
        assert desk.find(first.key) is None
        assert desk.find(second.key) == second

    def test_a_finished_key_never_opens_the_next_turn(self, desk):
        desk.store("a", "eerst")
        desk.store("b", "daarna")
        first = desk.claim()
        desk.end(first)
        second = desk.claim()
        assert desk.find(first.key) is None
        assert desk.find(second.key).text == "daarna"

    def test_a_crash_in_the_middle_takes_the_turn_up_again(self, desk):
        desk.store("a")
        desk.claim()

        def crash() -> None:
            with desk.database.write() as session:
                service.claim_turn(session, now=NOW + LEASE, lease=LEASE)
                raise RuntimeError

        with pytest.raises(RuntimeError):
            crash()
        assert desk.claim(now=NOW + LEASE).attempts == 2

    def test_of_twenty_who_want_the_only_turn_one_gets_it(self, desk):
        desk.store("a")
        won = [turn for turn in at_once(20, lambda _: desk.claim()) if turn is not None]
        assert len(won) == 1
        assert desk.find(won[0].key) == won[0]

    def test_twenty_who_look_for_any_turn_never_hold_the_same_one(self, desk):
        ids = [desk.id, *(desk.start() for _ in range(9))]
        for id in ids:
            desk.store("a", id=id)
            desk.store("b", id=id)
        taken = [turn for turn in at_once(20, lambda _: desk.claim()) if turn is not None]
        assert len({turn.id for turn in taken}) == len(taken)
        assert {turn.conversation_id for turn in taken} == set(ids)

    def test_of_twenty_who_finish_one_turn_one_is_heard(self, desk):
        desk.store("a")
        turn = desk.claim()
        assert at_once(20, lambda _: desk.end(turn)).count(True) == 1
        assert desk.texts() == ["hallo", "re: hallo"]

    def test_a_turn_says_how_the_conversation_stood_when_it_was_taken(self, desk):
        desk.change(state={"topic": "contributions.balance"}, language="fr", rasa_turns=3)
        desk.sign_in()
        desk.store("a")
        turn = desk.claim()
        assert (turn.state, turn.language, turn.rasa_turns) == ({"topic": "contributions.balance"}, "fr", 3)
        assert (turn.member_id, turn.owner, turn.fund, turn.channel) == ("m-1", "bot", "liantis", "website")
        assert len(turn.key) >= 40


class TestSignIn:
    def test_a_member_is_signed_in_until_the_end_of_the_day_at_most(self, desk):
        desk.sign_in()
        assert desk.member() == "m-1"
        assert desk.events() == ["started", "signed_in"]
        for number in range(1, 40):  # never idle
            desk.store(str(number), now=NOW + number * timedelta(minutes=20))
            if number * timedelta(minutes=20) < SIGNED_IN_AT_MOST:
                assert desk.member(now=NOW + number * timedelta(minutes=20)) == "m-1"
        assert desk.member(now=NOW + SIGNED_IN_AT_MOST) is None

    def test_idle_time_ends_it_at_its_moment_and_not_before(self, desk):
        desk.sign_in()
        assert desk.member(now=NOW + SIGNED_IN_IDLE - TICK) == "m-1"
        assert desk.member(now=NOW + SIGNED_IN_IDLE) is None

    def test_writing_keeps_it_but_does_not_revive_it(self, desk):
        desk.sign_in()
        desk.store("a", now=NOW + SIGNED_IN_IDLE - TICK)
        later = NOW + SIGNED_IN_IDLE + timedelta(minutes=20)
        assert desk.member(now=later) == "m-1"
        desk.store("b", now=later + SIGNED_IN_IDLE)
        assert desk.member(now=later + SIGNED_IN_IDLE) is None
        assert desk.claim(now=later + SIGNED_IN_IDLE).member_id is None

    def test_the_same_delivery_again_keeps_nobody_signed_in(self, desk):
        desk.store("a")
        desk.sign_in()
        desk.store("a", now=NOW + SIGNED_IN_IDLE - TICK)
        assert desk.member(now=NOW + SIGNED_IN_IDLE) is None

    def test_another_member_is_refused_for_good(self, desk):
        desk.sign_in("m-1", "t-1")
        for sign_out in (False, True):
            if sign_out:
                desk.sign_out()
            with pytest.raises(OtherMember):
                desk.sign_in("m-2", f"t-{sign_out}")
        with pytest.raises(OtherMember):
            desk.sign_in("m-2", "t-9", now=NOW + timedelta(days=3))
        desk.sign_in("m-1", "t-10")
        assert desk.member() == "m-1"

    def test_a_refused_member_does_not_use_up_the_token(self, desk):
        desk.sign_in("m-1", "t-1")
        with pytest.raises(OtherMember):
            desk.sign_in("m-2", "t-2")
        desk.sign_in("m-2", "t-2", id=desk.start())

    def test_a_token_is_good_once_wherever_it_is_presented(self, desk):
        desk.sign_in(token="t-1")
        with pytest.raises(TokenUsed):
            desk.sign_in(token="t-1")
        other = desk.start()
        with pytest.raises(TokenUsed):
            desk.sign_in(token="t-1", id=other)
        assert desk.look(other).member_id is None

    def test_a_token_presented_in_twenty_conversations_at_once_opens_one(self, desk):
        ids = [desk.start() for _ in range(20)]
        results = at_once(20, lambda number: desk.sign_in(token="t-1", id=ids[number]))
        assert results.count(None) == 1
        assert all(isinstance(result, TokenUsed) for result in results if result is not None)
        assert sum(desk.look(id).member_id == "m-1" for id in ids) == 1

    def test_used_tokens_are_forgotten_once_they_have_expired_anyway(self, desk):
        desk.sign_in(token="t-1")
        desk.sign_in(token="t-2", now=NOW + timedelta(minutes=5))
        assert desk.count(UsedToken) == 2
        desk.sign_in(token="t-3", now=NOW + timedelta(minutes=5) + TICK)
        assert desk.count(UsedToken) == 2

    def test_signing_out_forgets_the_member_and_the_waiting_question(self, desk):
        desk.sign_in()
        desk.change(state={"pending": {"message": 1}, "topic": "contributions.balance"})
        desk.sign_out()
        assert desk.member() is None
        assert desk.look().state == {"topic": "contributions.balance"}
        assert desk.events() == ["started", "signed_in", "signed_out"]
        desk.store("a")
        assert desk.claim().member_id is None


class TestPendingQuestion:
    def ask(self, desk: Desk) -> int:
        """A question that waits for sign-in; the id of its line."""
        line, _ = desk.store("a", "wat moet ik nog betalen?")
        desk.end(desk.claim())
        desk.change(state={"pending": {"message": line, "topic": "contributions.balance", "need": "my_file"}})
        return line

    def test_it_is_taken_up_as_a_new_turn(self, desk):
        line = self.ask(desk)
        desk.sign_in()
        turn = desk.claim()
        assert (turn.kind, turn.message_id, turn.text) == ("signed_in", line, "wat moet ik nog betalen?")
        assert turn.member_id == "m-1"
        assert turn.state["pending"]["topic"] == "contributions.balance"

    def test_it_is_taken_up_once_though_the_member_signs_in_twice(self, desk):
        self.ask(desk)
        desk.sign_in(token="t-1")
        desk.sign_in(token="t-2")
        desk.end(desk.claim())
        assert desk.claim() is None

    def test_it_is_taken_up_again_when_it_is_asked_again(self, desk):
        self.ask(desk)
        desk.sign_in(token="t-1")
        desk.end(desk.claim())
        desk.sign_in(token="t-2")
        assert desk.claim().kind == "signed_in"

    def test_without_a_question_sign_in_makes_no_turn(self, desk):
        desk.sign_in()
        assert desk.claim() is None

    @pytest.mark.parametrize("owner", ["queue", "officer"])
    def test_a_person_answers_instead_where_one_has_the_conversation(self, desk, owner):
        self.ask(desk)
        desk.officer("ann")
        desk.hand_over()
        if owner == "officer":
            desk.take("ann")
        desk.sign_in()
        assert desk.member() == "m-1"
        assert desk.claim() is None

    def test_what_was_written_first_is_answered_first(self, desk):
        self.ask(desk)
        desk.store("b", "nog iets")
        desk.sign_in()
        assert desk.claim().text == "nog iets"


class TestOwners:
    def test_handed_over_it_waits_with_its_reason(self, desk):
        desk.hand_over(reason="dispute")
        conversation = desk.look()
        assert (conversation.owner, conversation.reason, conversation.queued_at) == ("queue", "dispute", NOW)
        assert conversation.topic == "contributions.balance"
        assert desk.events() == ["started", "handed_over"]

    def test_the_most_urgent_first_then_who_waits_longest(self, desk):
        reasons = ["wants_person", "judicial", "distress", "advice", "distress", "judicial"]
        ids = [desk.start() for _ in reasons]
        for number, (id, reason) in enumerate(zip(ids, reasons, strict=True)):
            desk.hand_over(id=id, reason=reason, now=NOW + number * SECOND)
        elsewhere = desk.start(fund="securex")
        desk.hand_over(id=elsewhere, reason="distress")
        with desk.database.read() as session:
            waiting = [one.id for one in service.list_waiting(session, fund="liantis")]
            assert service.count_waiting(session, fund="liantis") == 6
            assert [one.id for one in service.list_waiting(session, fund="securex")] == [elsewhere]
        assert waiting == [ids[2], ids[4], ids[1], ids[5], ids[0], ids[3]]

    def test_the_member_may_go_on_with_the_bot(self, desk):
        desk.change(
            state={"topic": "pension.career", "language_chosen": "fr", "pending": {}, "offered": [], "missed": 1}
        )
        desk.hand_over()
        with desk.database.write() as session:
            service.take_back(session, conversation=service.lock_conversation(session, desk.id), now=NOW)
        conversation = desk.look()
        assert (conversation.owner, conversation.queued_at) == ("bot", None)
        assert conversation.state == {"topic": "pension.career", "language_chosen": "fr"}
        desk.officer("ann")
        assert not desk.take("ann")

    def test_of_twenty_officers_one_gets_the_conversation(self, desk):
        for number in range(20):
            desk.officer(f"officer{number}")
        desk.hand_over()
        results = at_once(20, lambda number: desk.take(f"officer{number}"))
        assert results.count(True) == 1
        assert results.count(False) == 19
        assert desk.look().officer_id == f"officer{results.index(True)}"
        assert desk.events().count("claimed") == 1

    def test_the_member_and_an_officer_at_once_never_both_get_it(self, desk):
        desk.officer("ann")
        for _ in range(5):
            desk.hand_over()

            def move(number: int) -> bool:
                if number == 0:
                    return desk.take("ann")
                with desk.database.write() as session:
                    conversation = service.lock_conversation(session, desk.id)
                    if conversation.owner != "queue":
                        return False
                    service.take_back(session, conversation=conversation, now=NOW)
                    return True

            assert at_once(2, move).count(True) == 1
            if desk.look().owner == "officer":
                desk.release("ann")

    def test_only_a_waiting_conversation_of_ones_own_fund_can_be_claimed(self, desk):
        desk.officer("ann")
        assert not desk.take("ann")
        desk.hand_over()
        assert not desk.take("ann", fund="securex")
        assert not desk.take("ann", id="nobody")
        assert desk.take("ann")
        assert not desk.take("ann")
        assert (desk.look().queued_at, desk.look().owner) == (None, "officer")

    def test_a_colleague_takes_over_only_from_an_officer_who_is_away(self, desk):
        desk.officer("ann")
        desk.officer("bob")
        desk.hand_over()
        assert desk.take("ann")
        assert not desk.take("bob", now=NOW + AWAY_AFTER)
        assert desk.take("bob", now=NOW + AWAY_AFTER + SECOND)
        assert desk.look().officer_id == "bob"

    def test_what_an_officer_holds_waits_again_when_they_sign_out(self, desk):
        desk.officer("ann")
        desk.hand_over()
        desk.take("ann")
        with desk.database.write() as session:
            assert service.requeue_held(session, officer_id="ann", now=NOW + SECOND) == [desk.id]
        assert (desk.look().owner, desk.look().officer_id, desk.look().queued_at) == ("queue", None, NOW + SECOND)
        with pytest.raises(NotYours):
            desk.write("ann", "1")

    def test_nobody_claims_without_being_known(self, desk):
        desk.hand_over()
        with pytest.raises(IntegrityError):
            desk.take("somebody")
        assert desk.look().owner == "queue"

    def test_only_who_holds_it_writes_and_gives_back(self, desk):
        desk.officer("ann")
        desk.officer("bob")
        for move in (lambda: desk.write("ann", "1"), lambda: desk.release("ann")):
            with pytest.raises(NotYours):
                move()
        desk.hand_over()
        with pytest.raises(NotYours):
            desk.write("ann", "1")
        desk.take("ann")
        for move in (lambda: desk.write("bob", "1"), lambda: desk.release("bob")):
            with pytest.raises(NotYours):
                move()
        desk.release("ann")
        with pytest.raises(NotYours):
            desk.write("ann", "1")
        assert desk.texts() == ["tot ziens"]

    def test_a_conversation_that_does_not_exist_is_nobodys(self, desk):
        with desk.database.read() as session, pytest.raises(NotYours):
            service.hold_conversation(session, conversation_id="nobody", officer_id="ann")

    def test_an_officers_line_sent_again_is_the_same_line(self, desk):
        desk.officer("ann")
        desk.hand_over()
        desk.take("ann")
        first = desk.write("ann", "1")
        assert desk.write("ann", "1") == first
        assert len(set(at_once(5, lambda _: desk.write("ann", "2", "nog iets")))) == 1
        assert desk.texts() == ["dag", "nog iets"]
        assert desk.events().count("officer_wrote") == 2

    def test_handed_over_and_back_ten_times(self, desk):
        desk.officer("ann")
        desk.officer("bob")
        for number in range(10):
            name = ("ann", "bob")[number % 2]
            now = NOW + number * SECOND
            desk.hand_over(reason="advice", now=now)
            assert desk.take(name, now=now)
            desk.write(name, f"o{number}", f"beurt {number}", now=now)
            desk.change(state={**desk.look().state, "missed": 1, "topic": "pension.career"})
            desk.release(name, now=now)
            conversation = desk.look()
            assert (conversation.owner, conversation.officer_id, conversation.queued_at) == ("bot", None, None)
            assert conversation.state == {"topic": "pension.career"}
            desk.store(f"m{number}", f"vraag {number}", now=now)
            assert desk.end(desk.claim(now=now), now=now)
        assert len(desk.texts()) == 40
        assert desk.events() == ["started", *["handed_over", "claimed", "officer_wrote", "handed_back"] * 10]

    def test_what_officers_hold_newest_change_first(self, desk):
        desk.officer("ann")
        desk.officer("bob")
        ids = [desk.start() for _ in range(3)]
        for number, (id, name) in enumerate(zip(ids, ("ann", "bob", "ann"), strict=True)):
            desk.hand_over(id=id)
            desk.take(name, id=id, now=NOW + number * SECOND)
        with desk.database.read() as session:
            assert [one.id for one in service.list_held(session, fund="liantis")] == ids[::-1]
            assert [one.id for one in service.list_held(session, fund="liantis", officer_id="ann")] == [ids[2], ids[0]]
            assert service.list_held(session, fund="securex") == []

    def test_an_owner_without_an_officer_cannot_be_stored(self, desk):
        for columns in ({"owner": "officer"}, {"owner": "nobody"}, {"language": "de"}):
            with pytest.raises(IntegrityError):
                desk.change(**columns)


class TestPresence:
    def count(self, desk: Desk, *, now: datetime, language: str = "nl", fund: str = "liantis") -> int:
        with desk.database.read() as session:
            return service.count_present(session, fund=fund, language=language, now=now)

    def test_who_has_the_desk_open_and_speaks_the_language_counts(self, desk):
        desk.officer("ann", languages=["nl"])
        desk.officer("bob", languages=["nl", "fr"])
        desk.officer("eve", fund="securex", languages=["nl", "fr"])
        assert self.count(desk, now=NOW) == 2
        assert self.count(desk, now=NOW, language="fr") == 1
        assert self.count(desk, now=NOW, fund="securex") == 1

    def test_presence_ends_by_itself_is_renewed_and_given_up(self, desk):
        desk.officer("ann")
        assert self.count(desk, now=NOW + PRESENT_FOR - TICK) == 1
        assert self.count(desk, now=NOW + PRESENT_FOR) == 0
        with desk.database.write() as session:
            service.note_presence(session, officer_id="ann", now=NOW + PRESENT_FOR)
        assert self.count(desk, now=NOW + PRESENT_FOR) == 1
        with desk.database.write() as session:
            service.note_absence(session, officer_id="ann")
        assert self.count(desk, now=NOW + PRESENT_FOR) == 0

    def test_the_provider_changes_what_is_known_of_an_officer_not_the_language_of_the_desk(self, desk):
        desk.officer("ann", languages=["fr", "nl"])
        desk.officer("ann", name="Ann Peeters", languages=["nl"], roles=["supervisor"])
        with desk.database.write() as session:
            officer = service.save_officer(
                session, officer_id="ann", name="Ann Peeters", fund="liantis", languages=["nl"], roles=["officer"],
                now=NOW,
            )  # fmt: skip
        assert (officer.name, officer.languages, officer.roles) == ("Ann Peeters", ["nl"], ["officer"])
        assert officer.desk_language == "fr"


def test_the_history_only_grows(desk):
    desk.hand_over()
    desk.officer("ann")
    desk.take("ann")
    desk.release("ann")
    with desk.database.read() as session:
        events = service.list_events(session, conversation_id=desk.id)
        assert [event.actor for event in events] == ["member", "bot", "ann", "ann"]
        assert events[1].detail == {"reason": "wants_person", "topic": "contributions.balance"}
        assert session.scalar(select(func.count()).select_from(Event)) == 4
