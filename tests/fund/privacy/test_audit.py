"""Looks into a member's file: each on record once per turn and question, in order, for as long as the rows stand."""

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from fund.database import Database
from fund.privacy.audit import AuditEntry, list_looks, record_look

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
LOOK = {
    "actor_kind": "member", "actor": "M000101", "member_id": "M000101", "kind": "balance", "conversation_id": "c1",
    "turn_id": 7, "now": NOW,
}  # fmt: skip


@pytest.fixture
def database(tmp_path) -> Database:
    found = Database(f"sqlite:///{tmp_path}/relais.db")
    AuditEntry.__table__.create(found.engine)
    return found


def test_a_look_is_on_record_with_who_when_and_what_for(database):
    with database.write() as session:
        record_look(session, **LOOK)
    with database.read() as session:
        (entry,) = list_looks(session, member_id="M000101")
    assert (entry.actor_kind, entry.actor, entry.kind) == ("member", "M000101", "balance")
    assert (entry.conversation_id, entry.turn_id, entry.at) == ("c1", 7, NOW)


def test_a_turn_that_is_tried_again_is_on_record_once(database):
    for delay in (0, 5):
        with database.write() as session:
            entry = record_look(session, **{**LOOK, "now": NOW + timedelta(seconds=delay)})
            assert entry.at == NOW
    with database.write() as session:
        record_look(session, **{**LOOK, "kind": "due_notice"})
        record_look(session, **{**LOOK, "turn_id": 8})
    with database.read() as session:
        assert [(look.turn_id, look.kind) for look in list_looks(session, member_id="M000101")] == [
            (7, "balance"),
            (7, "due_notice"),
            (8, "balance"),
        ]


def test_an_officer_s_looks_outside_a_turn_are_all_on_record(database):
    look = {"actor_kind": "officer", "actor": "liantis-an", "member_id": "M000101", "kind": "balance", "now": NOW}
    with database.write() as session:
        record_look(session, **look)
        record_look(session, **look)
    with database.read() as session:
        assert len(list_looks(session, member_id="M000101")) == 2


def test_looks_are_listed_for_one_member_in_order_of_time(database):
    with database.write() as session:
        for turn, minutes in ((1, 30), (2, 10), (3, 20)):
            record_look(session, **{**LOOK, "turn_id": turn, "now": NOW + timedelta(minutes=minutes)})
        record_look(session, **{**LOOK, "turn_id": 4, "member_id": "M000102", "actor": "M000102"})
    with database.read() as session:
        assert [look.turn_id for look in list_looks(session, member_id="M000101")] == [2, 3, 1]
        assert list_looks(session, member_id="M000999") == []


@pytest.mark.parametrize("change", [{"member_id": "M000102"}, {"actor": "M000102"}, {"actor_kind": "bot"}])
def test_a_turn_on_record_for_somebody_else_is_refused(database, change):
    with database.write() as session:
        record_look(session, **LOOK)
    with pytest.raises(ValueError, match="somebody else"), database.write() as session:
        record_look(session, **{**LOOK, **change})


def test_an_unknown_kind_of_actor_is_refused_and_the_rest_of_the_transaction_stands(database):
    with database.write() as session:
        record_look(session, **LOOK)
        with pytest.raises(IntegrityError):
            record_look(session, **{**LOOK, "turn_id": 8, "actor_kind": "visitor"})
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(AuditEntry)) == 1


def test_the_same_turn_at_the_same_time_in_several_threads_is_on_record_once(database):
    start, failed = Barrier(6), []

    def look() -> None:
        start.wait()
        try:
            with database.write() as session:
                record_look(session, **LOOK)
        except Exception as error:  # reported below, in the thread of the test
            failed.append(error)

    threads = [Thread(target=look) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    with database.read() as session:
        assert len(list_looks(session, member_id="M000101")) == 1


def test_the_entry_outlives_the_conversation(database):
    assert not AuditEntry.__table__.foreign_keys
    assert set(AuditEntry.__personal__) <= set(AuditEntry.__table__.columns.keys())
