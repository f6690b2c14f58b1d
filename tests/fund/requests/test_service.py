"""Requests: a reference that notices a typing error, the day of the law, and only the moves that make sense."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from fund.conversations import service as conversations
from fund.conversations.models import Turn
from fund.law.parameters import load_law
from fund.privacy.masking import mask
from fund.requests.models import Request
from fund.requests.service import (
    KINDS,
    STATES,
    RequestError,
    due_on,
    kind_of,
    list_of_conversation,
    list_open,
    move_request,
    reference_of,
)
from fund.topics import load_topics

DATA = Path(__file__).resolve().parents[3] / "data"
LAW = load_law(DATA / "law")
TOPICS = load_topics(DATA)
NOW = datetime(2025, 11, 20, 10, 0, tzinfo=UTC)


def belgian_noon(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T11:00:00+00:00")


class TestReference:
    def test_it_has_year_number_and_check_digits(self):
        assert reference_of(1, now=NOW) == "R25-00000001-11"
        assert reference_of(1234567, now=NOW) == "R25-01234567-61"

    def test_the_year_is_that_of_the_belgian_day(self):
        eve = datetime(2025, 12, 31, 23, 30, tzinfo=UTC)  # half past midnight in Belgium
        assert reference_of(7, now=eve).startswith("R26-00000007-")
        assert reference_of(7, now=eve - timedelta(hours=1)).startswith("R25-00000007-")

    @given(st.integers(1, 999_999_999))
    def test_it_is_the_same_every_time_and_fits_its_column(self, turn_id):
        reference = reference_of(turn_id, now=NOW)
        assert reference == reference_of(turn_id, now=NOW + timedelta(minutes=5))
        assert len(reference) <= Request.__table__.c.reference.type.length
        year, number, check = reference.removeprefix("R").split("-")
        assert (year, int(number)) == ("25", turn_id)
        assert int(check) == 97 - int(year + number) % 97

    @given(st.integers(1, 99_999_999), st.integers(0, 9), st.integers(1, 9))
    def test_one_wrong_digit_is_noticed(self, turn_id, place, shift):
        year, number, check = reference_of(turn_id, now=NOW).removeprefix("R").split("-")
        digits = list(year + number)
        digits[place] = str((int(digits[place]) + shift) % 10)
        assert 97 - int("".join(digits)) % 97 != int(check)

    @given(st.integers(1, 99_999_999), st.integers(0, 8))
    def test_two_digits_swapped_are_noticed(self, turn_id, place):
        year, number, check = reference_of(turn_id, now=NOW).removeprefix("R").split("-")
        digits = list(year + number)
        digits[place], digits[place + 1] = digits[place + 1], digits[place]
        swapped = "".join(digits)
        assert swapped == year + number or 97 - int(swapped) % 97 != int(check)

    @given(st.integers(1, 99_999_999), st.sampled_from(["{}", "mijn aanvraag {} graag", "R {}", "{} 2 keer"]))
    def test_it_is_not_taken_for_a_national_number_when_a_member_names_it(self, turn_id, around):
        reference = reference_of(turn_id, now=NOW)
        for written in (reference, reference[1:], reference.replace("-", " ")):
            assert mask(around.format(written)).kinds == frozenset()

    @given(st.sets(st.integers(1, 999_999_999), min_size=2, max_size=20))
    def test_two_turns_never_share_one(self, turn_ids):
        assert len({reference_of(turn_id, now=NOW) for turn_id in turn_ids}) == len(turn_ids)


class TestDueDay:
    @pytest.mark.parametrize(
        ("asked", "due"),
        [
            ("2025-01-15", "2025-05-15"),
            ("2025-09-15", "2026-01-15"),
            ("2025-12-31", "2026-04-30"),
            ("2025-10-31", "2026-02-28"),
            ("2025-10-30", "2026-02-28"),
            ("2025-10-29", "2026-02-28"),
            ("2025-10-28", "2026-02-28"),
            ("2023-10-31", "2024-02-29"),
            ("2023-10-29", "2024-02-29"),
            ("2024-02-29", "2024-06-29"),
            ("2025-05-31", "2025-09-30"),
            ("2025-07-31", "2025-11-30"),
            ("2025-03-31", "2025-07-31"),
            ("2025-08-01", "2025-12-01"),
            ("2025-12-01", "2026-04-01"),
        ],
    )
    def test_a_decision_takes_four_months_to_the_last_day_of_a_short_one(self, asked, due):
        assert due_on("contributions.exemption", now=belgian_noon(asked), law=LAW) == date.fromisoformat(due)

    @pytest.mark.parametrize(
        ("asked", "due"),
        [("2025-01-01", "2025-02-15"), ("2025-11-20", "2026-01-04"), ("2024-01-31", "2024-03-16")],
    )
    @pytest.mark.parametrize(
        "topic", ["service.complaint", "service.personal_details", "service.appointment", "service.forms"]
    )
    def test_anything_else_takes_forty_five_days(self, topic, asked, due):
        assert due_on(topic, now=belgian_noon(asked), law=LAW) == date.fromisoformat(due)

    def test_it_counts_from_the_belgian_day(self):
        late = datetime(2025, 1, 31, 23, 30, tzinfo=UTC)  # 1 February in Belgium
        assert due_on("contributions.exemption", now=late, law=LAW) == date(2025, 6, 1)
        assert due_on("contributions.exemption", now=late - timedelta(hours=1), law=LAW) == date(2025, 5, 31)

    @given(st.dates(date(1997, 1, 2), date(2090, 1, 1)))
    def test_a_decision_is_never_due_later_than_the_same_day_four_months_on(self, day):
        due = due_on("contributions.exemption", now=belgian_noon(day.isoformat()), law=LAW)
        assert (due.year * 12 + due.month) - (day.year * 12 + day.month) == 4
        assert due.day == day.day or (due.day < day.day and (due + timedelta(days=1)).day == 1)

    def test_a_question_about_ones_own_data_takes_a_month(self):
        assert due_on("service.privacy", now=belgian_noon("2026-01-31"), law=LAW) == date(2026, 2, 28)
        assert due_on("service.privacy", now=belgian_noon("2018-05-24"), law=LAW) is None

    @pytest.mark.parametrize("topic", ["contributions.exemption", "service.complaint"])
    def test_a_term_that_is_not_known_is_not_invented(self, topic):
        assert due_on(topic, now=belgian_noon("1996-12-31"), law=LAW) is None
        assert due_on(topic, now=belgian_noon("1997-01-01"), law=LAW) is not None


class TestKind:
    def test_a_request_is_an_application_unless_it_is_smaller(self):
        assert kind_of("contributions.exemption") == "application"
        assert kind_of("service.complaint") == "complaint"
        assert kind_of("service.appointment") == "appointment"
        assert kind_of("service.personal_details") == "change"
        assert kind_of("contributions.tax") == "document"

    def test_every_smaller_kind_belongs_to_a_topic_and_can_be_stored(self):
        assert KINDS.keys() <= TOPICS.keys()
        [check] = [c for c in Request.__table__.constraints if c.name == "ck_request_kind"]
        for kind in {*KINDS.values(), "application"}:
            assert f"'{kind}'" in str(check.sqltext)
        [check] = [c for c in Request.__table__.constraints if c.name == "ck_request_state"]
        for state in STATES:
            assert f"'{state}'" in str(check.sqltext)


@pytest.fixture
def register(each_database):
    """Registers a request of a new turn: register(due_on=…) → its reference."""

    def make(*, fund: str = "liantis", days: int = 0, **columns) -> str:
        with each_database.write() as session:
            conversation, _ = conversations.start_conversation(
                session, fund=fund, channel="website", language="nl", page_language="nl", now=NOW
            )
            message, _ = conversations.store_member_message(
                session, conversation_id=conversation.id, client_id="a", text="graag vrijstelling", now=NOW
            )
            session.flush()
            turn_id = session.query(Turn.id).filter(Turn.message_id == message.id).scalar()
            plain = {
                "reference": reference_of(turn_id, now=NOW), "fund": fund, "conversation_id": conversation.id,
                "turn_id": turn_id, "kind": "application", "topic": "contributions.exemption", "language": "nl",
                "text": "graag vrijstelling", "registered_at": NOW, "due_on": NOW.date() + timedelta(days=days),
            }  # fmt: skip
            request = Request(**(plain | columns))
            session.add(request)
        return request.reference

    make.database = each_database
    return make


class TestStored:
    def move(self, register, reference: str, state: str, reason: str = "", *, fund: str = "liantis") -> Request:
        with register.database.write() as session:
            return move_request(session, reference=reference, fund=fund, state=state, reason=reason)

    def test_a_turn_registers_one_request(self, register):
        first = register()
        with register.database.read() as session:
            request = session.get_one(Request, first)
        with pytest.raises(IntegrityError):
            register(turn_id=request.turn_id, reference="R25-99999999-01")

    def test_it_starts_as_registered(self, register):
        reference = register()
        with register.database.read() as session:
            assert session.get_one(Request, reference).state == "registered"

    @pytest.mark.parametrize("reason", ["", "  ", "\n"])
    def test_a_refusal_needs_its_reason(self, register, reason):
        reference = register()
        with pytest.raises(RequestError, match="reason"):
            self.move(register, reference, "refused", reason)
        with register.database.read() as session:
            assert session.get_one(Request, reference).state == "registered"
        refused = self.move(register, reference, "refused", " Geen behoeftigheid aangetoond. ")
        assert (refused.state, refused.reason) == ("refused", "Geen behoeftigheid aangetoond.")

    def test_it_may_be_worked_on_and_done_without_words(self, register):
        reference = register()
        assert self.move(register, reference, "in_progress").state == "in_progress"
        assert self.move(register, reference, "registered").state == "registered"
        done = self.move(register, reference, "done")
        assert (done.state, done.reason) == ("done", None)

    @pytest.mark.parametrize("end", ["done", "refused"])
    @pytest.mark.parametrize("state", STATES)
    def test_what_is_finished_stays_finished(self, register, end, state):
        reference = register()
        self.move(register, reference, end, "klaar")
        with pytest.raises(RequestError, match="state"):
            self.move(register, reference, state, "toch niet")

    def test_a_state_that_does_not_exist_is_refused(self, register):
        reference = register()
        for state in ("", "lost", "DONE"):
            with pytest.raises(RequestError, match="state"):
                self.move(register, reference, state, "x")

    def test_another_funds_request_does_not_exist(self, register):
        reference = register(fund="securex")
        for unknown in (reference, "R25-00000000-97", ""):
            with pytest.raises(RequestError, match="unknown"):
                self.move(register, unknown, "done")
        assert self.move(register, reference, "done", fund="securex").state == "done"

    def test_an_officer_decides_on_what_is_there_now_not_on_what_was_read_before(self, register):
        reference = register()
        with register.database.read() as stale:
            assert stale.get_one(Request, reference).state == "registered"
            stale.commit()  # the officer thinks, the page stays open
            self.move(register, reference, "refused", "te laat")
            with pytest.raises(RequestError, match="state"):
                move_request(stale, reference=reference, fund="liantis", state="done", reason="")

    def test_open_ones_are_listed_by_the_day_they_are_due(self, register):
        late, soon, working, done = (register(days=days) for days in (30, 1, 10, 0))
        register(fund="securex")
        self.move(register, working, "in_progress")
        self.move(register, done, "done")
        with register.database.read() as session:
            assert [one.reference for one in list_open(session, fund="liantis")] == [soon, working, late]

    def test_a_conversation_knows_its_own(self, register):
        mine = register()
        register()
        with register.database.read() as session:
            conversation_id = session.get_one(Request, mine).conversation_id
            assert [one.reference for one in list_of_conversation(session, conversation_id=conversation_id)] == [mine]
            assert list_of_conversation(session, conversation_id="nobody") == []
