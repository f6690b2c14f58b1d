"""One small hand per outcome: each turns a decision of the boundary into one reply and changes nothing."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from actions.calculations import TOPICS as CALCULABLE
from actions.calculations import work_out
from actions.tools import Tools
from fund.answers.content import FACETS, NoAnswerError
from fund.answers.render import Answer, Length, render_answer
from fund.clock import day_in_belgium
from fund.conversations.boundary import SMALL_TALK, SURE, Decision, Situation, Understanding
from fund.conversations.hours import is_open, next_opening
from fund.conversations.reply import Reply
from fund.conversations.service import LeasedTurn, count_present
from fund.file.service import (
    SUPPORTED_KINDS,
    FileBlocked,
    FileDisagrees,
    FileUnavailable,
    MemberUnknown,
    answer_file_question,
)
from fund.formats import format_date, format_time, format_weekday
from fund.phrases import Say
from fund.privacy.audit import record_look
from fund.quarters import first_day, is_quarter, last_day
from fund.requests.service import due_on, kind_of, reference_of
from fund.topics import request_touches_file

MOST_CHOICES = 3
TROUBLE_WITH_PAYING = frozenset({
    "contributions.late_payment", "contributions.payment_plan", "contributions.exemption",
    "contributions.adjust_provisional", "contributions.increase_waiver", "contributions.balance", "recovery.reminder",
    "recovery.judicial",
})  # fmt: skip
"""Topics on which advice is about how to get out of a debt."""
FIRST_YEAR = 2018
"""The first year that the law of `data/law` reaches back to."""
KEEPS_QUESTION = ("small_talk", "asked_back", "asked_sign_in")
"""Outcomes that leave a question waiting for the sign-in where it is; any other takes up something else."""

Button = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """One turn with everything a hand needs: what was asked, what was understood and decided, where we stand."""

    turn: LeasedTurn
    message: Understanding
    decision: Decision
    situation: Situation
    language: str
    tools: Tools
    now: datetime

    @property
    def say(self) -> Say:
        """Phrases in this conversation's voice."""
        return self.tools.content.voice(fund=self.turn.fund, language=self.language)

    @property
    def fund_name(self) -> str:
        """The fund as members know it."""
        return self.tools.content.profiles[self.turn.fund].name

    @property
    def topic(self) -> str:
        """The topic of the message."""
        return self.message.topic

    def label(self, topic: str) -> str:
        """The name of a topic in the conversation's language."""
        return self.tools.content.topics[topic].labels[self.language]

    def choice(self, key: str, **does: Any) -> Button:
        """A button with a text of its own; choosing it does what `does` says (see fund/conversations/choices.py)."""
        title = self.say(key)
        return {"title": title, "value": title, "does": does}


def reply(case: Case, outcome: str, text: str, *, buttons: list[Button] | None = None, **fields: Any) -> Reply:
    """A reply on the case's topic; what its buttons do is kept in the conversation's state."""
    buttons = buttons or []
    state = {**case.turn.state, "offered": buttons}
    state.update(missed=0, asked_sign_in=outcome == "asked_sign_in")
    if outcome not in KEEPS_QUESTION:
        state.pop("pending", None)
    state.update(fields.pop("state", {}))
    fields.setdefault("topic", case.topic)
    fields.setdefault("need", case.message.need)
    return Reply(
        text=text,
        outcome=outcome,
        language=case.language,
        buttons=[{"title": button["title"], "value": button["value"]} for button in buttons],
        state=state,
        **fields,
    )


def answer(case: Case) -> Reply:
    """A sum with the member's own figures, else the general answer on the topic, or on the part that was asked."""
    worked_out = work_out(
        content=case.tools.content,
        profile=case.tools.content.profiles[case.turn.fund],
        language=case.language,
        topic=case.topic,
        entities=case.message.entities,
        on=day_in_belgium(case.now),
    )
    on = day_asked(case)
    found = worked_out or _answer(case, case.topic, facet=case.message.facet, on=on)
    if found is None:
        return _no_answer(case, on=on)
    today = on == day_in_belgium(case.now)
    return reply(
        case,
        "answered",
        found.text,
        sources=list(found.sources),
        buttons=[] if worked_out or today else [_button_today(case)],
        state={"topic": case.topic, "rejected": _rejected_before(case)},
        trace=found.trace,
    )


def day_asked(case: Case) -> date:
    """The day whose law is asked: the last of a past year or quarter that the message names, the first of a coming one.

    A year in which something began ("sinds 2019") is no year asked, nor is one of long ago (a year of birth).
    """
    today = day_in_belgium(case.now)
    for entity in case.message.entities:
        if entity["entity"] not in ("year", "quarter") or entity.get("role") == "since":
            continue
        quarter = _as_quarter(entity["value"], today) if entity["entity"] == "quarter" else None
        year = int((quarter or entity["value"])[:4])
        if FIRST_YEAR <= year < today.year:
            return last_day(quarter) if quarter else date(year, 12, 31)
        if year == today.year + 1:
            return first_day(quarter) if quarter else date(year, 1, 1)
    return today


def _as_quarter(value: str, today: date) -> str:
    """A quarter that was named without a year is one of this year."""
    return value if is_quarter(value) else f"{today.year}{value}"


def _button_today(case: Case) -> Button:
    return case.choice("chat.button_today", topic=case.topic, need="information")


def _rejected_before(case: Case) -> int:
    # A rejection counts against the topic that is being talked about; a new topic starts from nothing.
    return case.situation.rejected if case.topic == case.turn.state.get("topic") or case.message.correction else 0


def _answer(
    case: Case, topic: str, *, facet: str | None = None, length: Length | None = None, on: date | None = None
) -> Answer | None:
    content = case.tools.content
    if facet == "more":
        facet, length = None, "full"
    try:
        return render_answer(
            topic,
            answers=content.answers,
            law=content.law,
            profile=content.profiles[case.turn.fund],
            language=case.language,
            on=on or day_in_belgium(case.now),
            facet=FACET_OF_FOLLOW_UP.get(facet, facet if facet in FACETS else None),
            with_answer=not case.message.follow_up,
            length=length or ("normal" if case.turn.channel == "website" else "short"),
        )
    except NoAnswerError:
        return None


def _no_answer(case: Case, *, on: date) -> Reply:
    """No checked answer on the topic for this day: say so, offer a person, and today's answer where that was not it."""
    today = on == day_in_belgium(case.now)
    values = {"topic": case.label(case.topic)} if today else {"topic": case.label(case.topic), "year": on.year}
    officer = case.choice("chat.button_officer", kind="wants_person")
    return reply(
        case,
        "answered",
        case.say("chat.no_answer_yet" if today else "chat.no_answer_for_year", **values),
        buttons=[officer] if today else [_button_today(case), officer],
        state={"topic": case.topic},
        trace={"answer": None},
    )


def ask_back(case: Case) -> Reply:
    """Up to three topics to choose from, and a person."""
    rejected = case.message.kind == "rejects_answer"
    topics = [name for name in (case.topic, *case.message.alternatives) if "." in name]
    if rejected:
        topics = [name for name in case.turn.state.get("alternatives", []) if name != case.turn.state.get("topic")]
    buttons = [
        {"title": case.label(name), "value": case.label(name), "does": {"topic": name, "need": case.message.need}}
        for name in topics[:MOST_CHOICES]
    ]
    buttons.append(case.choice("chat.button_officer", kind="wants_person"))
    lost = case.decision.reason == "not_understood"
    return reply(
        case,
        "asked_back",
        case.say("chat.rejected" if rejected else "chat.ask_back"),
        buttons=buttons,
        topic=case.turn.state.get("topic", case.topic) if rejected else case.topic,
        state={
            "missed": case.situation.missed + 1 if lost else 0,
            "rejected": case.situation.rejected + 1 if rejected else 0,
        },
    )


def out_of_scope(case: Case) -> Reply:
    """What Relais is for and who is competent for the rest."""
    key = "chat.other_language" if case.message.language == "other" else "chat.out_of_scope"
    return reply(
        case,
        "answered",
        case.say(key),
        topic="out_of_scope",
        need=None,
        buttons=[case.choice("chat.button_officer", kind="wants_person")],
        state={"missed": case.situation.missed + 1},
    )


def small_talk(case: Case) -> Reply:
    """A greeting, thanks, a change of language, the last answer once more."""
    kind = case.message.kind or "greeting"
    if kind == "sign_in":
        return explain_sign_in(case)
    if kind == "affirms" and case.situation.asked_sign_in:
        return explain_sign_in(case)
    if kind == "repeat" and case.turn.state.get("topic"):
        repeated = _repeat(case)
        if repeated is not None:
            return repeated
    if kind in ("switch_to_dutch", "switch_to_french"):
        language = "nl" if kind == "switch_to_dutch" else "fr"
        switched = replace(case, language=language)
        return reply(
            switched, "small_talk", switched.say(f"chat.{kind}"), topic=SMALL_TALK, need=None,
            state={"language_chosen": language},
        )  # fmt: skip
    key = {"repeat": "nothing_to_repeat"}.get(kind, kind)
    return reply(case, "small_talk", case.say(f"chat.{key}", fund=case.fund_name), topic=SMALL_TALK, need=None)


def _repeat(case: Case) -> Reply | None:
    topic = case.turn.state["topic"]
    found = _answer(case, topic)
    if found is None:
        return None
    return reply(
        case, "answered", found.text, topic=topic, need="information", sources=list(found.sources), trace=found.trace
    )


def ask_sign_in(case: Case) -> Reply:
    """Ask who the member is and keep the question."""
    request = case.message.need == "request"
    return reply(
        case,
        "asked_sign_in",
        case.say("chat.ask_sign_in_request" if request else "chat.ask_sign_in"),
        buttons=[
            {"title": case.say("chat.button_sign_in"), "value": "sign_in", "does": {"kind": "sign_in"}},
            case.choice("chat.button_without_sign_in", kind="declines"),
        ],
        state={"topic": case.topic, "pending": _pending(case)},
    )


def _pending(case: Case) -> dict[str, Any]:
    """The question that is taken up again after sign-in."""
    return {
        "message": case.turn.message_id,
        "topic": case.topic,
        "need": case.message.need,
        "facet": case.message.facet,
    }


def explain_sign_in(case: Case) -> Reply:
    """How to sign in, for a member who chose the button where no sign-in window can open."""
    kept = case.turn.state.get("pending")
    return reply(
        case,
        "asked_sign_in",
        case.say("chat.how_to_sign_in", fund=case.fund_name),
        buttons=[
            {"title": case.say("chat.button_sign_in"), "value": "sign_in", "does": {"kind": "sign_in"}},
            case.choice("chat.button_without_sign_in", kind="declines"),
        ],
        topic=kept["topic"] if kept else SMALL_TALK,
        state={"pending": kept} if kept else {},
    )


def decline_sign_in(case: Case) -> Reply:
    """The member prefers not to sign in: the general rule and the other ways, and no more asking on this topic."""
    pending = case.turn.state.get("pending")
    topic = pending["topic"] if pending else case.topic if "." in case.topic else case.turn.state.get("topic")
    found = _answer(case, topic) if topic else None
    text = case.say("chat.declined_sign_in" if found else "chat.declined_sign_in_no_answer", fund=case.fund_name)
    refused = [*case.turn.state.get("refused", []), topic] if topic else []
    return reply(
        case,
        "answered",
        f"{text}\n\n{found.text}" if found else text,
        topic=topic or SMALL_TALK,
        need="information" if topic else None,
        sources=list(found.sources) if found else [],
        buttons=[case.choice("chat.button_officer", kind="wants_person")],
        state={"topic": topic, "refused": sorted(set(refused))},
        trace=found.trace if found else {},
    )


def mandate(case: Case) -> Reply:
    """Nothing on somebody else's file; how a mandate works."""
    return reply(
        case,
        "answered",
        case.say("chat.mandate", fund=case.fund_name),
        buttons=[case.choice("chat.button_officer", kind="wants_person")],
        state={"topic": case.topic},
    )


def register(case: Case) -> Reply:
    """Register what the member wants done, with a reference and the day by which the fund answers."""
    kind = kind_of(case.topic)
    reference = reference_of(case.turn.id, now=case.now)
    due = due_on(case.topic, now=case.now, law=case.tools.content.law)
    key = "chat.registered_complaint" if kind == "complaint" else "chat.registered"
    text = case.say(
        key, reference=reference, topic=case.label(case.topic), fund=case.fund_name,
        due=format_date(due, case.language),
    )  # fmt: skip
    needed = _answer(replace(case, message=replace(case.message, follow_up=True)), case.topic, facet="documents")
    if needed is not None and "documents" in needed.facets:
        text = f"{text}\n\n{case.say('chat.documents_needed')}\n{needed.text}"
    return reply(
        case,
        "request_started",
        text,
        sources=list(needed.sources) if needed is not None and "documents" in needed.facets else [],
        buttons=[case.choice("chat.button_officer", kind="wants_person")],
        state={"topic": case.topic},
        request={"reference": reference, "kind": kind, "topic": case.topic, "due_on": due.isoformat()},
    )


def look_into_file(case: Case) -> Reply:
    """The member's own figures; every look is on record before it is shown."""
    kind = case.tools.content.topics[case.topic].file
    if kind not in SUPPORTED_KINDS:
        return _file_trouble(case, "chat.file_kind_unknown")
    try:
        found = _ask_file(case, kind)
    except FileBlocked:
        return hand_over(case, reason="blocked_file", before=case.say("chat.file_blocked"))
    except FileDisagrees:
        return hand_over(case, reason="file_disagrees", before=case.say("chat.file_disagrees"))
    except MemberUnknown:
        return _file_trouble(case, "chat.member_unknown")
    except FileUnavailable:
        if case.turn.state.get("file_silent"):
            before = case.say("chat.file_unavailable", fund=case.fund_name)
            return hand_over(case, reason="file_unavailable", before=before)
        return _file_trouble(case, "chat.file_unavailable", file_silent=True)
    return reply(
        case,
        "answered",
        found.text,
        sources=[dict(source) for source in found.sources],
        state={"topic": case.topic, "rejected": _rejected_before(case)},
        trace={"file": list(found.queries), "file_as_of": found.as_of.isoformat()},
    )


def _ask_file(case: Case, kind: str):
    with case.tools.database.write() as session:
        record_look(
            session, actor_kind="member", actor=case.turn.member_id, member_id=case.turn.member_id, kind=kind,
            conversation_id=case.turn.conversation_id, turn_id=case.turn.id, now=case.now,
        )  # fmt: skip
    with case.tools.file_database.read() as session:
        return answer_file_question(
            kind,
            session=session,
            member_id=case.turn.member_id,
            say=case.say,
            language=case.language,
            on=day_in_belgium(case.now),
            quarter=_asked_quarter(case),
            law=case.tools.content.law,
            phrases=case.tools.content.phrases,
        )


def _asked_quarter(case: Case) -> str | None:
    """The quarter that the member named; without a year, that of this year."""
    for entity in case.message.entities:
        if entity["entity"] == "quarter":
            return _as_quarter(entity["value"], day_in_belgium(case.now))
    return None


def _file_trouble(case: Case, key: str, *, file_silent: bool = False) -> Reply:
    """The file does not answer: said plainly, the general answer where there is one, and a person offered.

    When the file is silent a second time, the person comes unasked.
    """
    found = _answer(case, case.topic)
    text = case.say(key, fund=case.fund_name)
    return reply(
        case,
        "answered",
        f"{text}\n\n{found.text}" if found else text,
        sources=list(found.sources) if found else [],
        buttons=[case.choice("chat.button_officer", kind="wants_person")],
        state={"topic": case.topic, "file_silent": file_silent},
        trace=found.trace if found else {},
    )


def hand_over(case: Case, *, reason: str | None = None, before: str | None = None) -> Reply:
    """To a person, at any hour: what we can say now, why, and when somebody comes."""
    reason = reason or case.decision.reason
    say = case.say
    parts = [before] if before else []
    parts.append(say(f"hand_over.{reason}", fund=case.fund_name))
    sources = list(case.tools.content.help_lines[case.language]) if reason == "distress" else []
    trace: dict[str, Any] = {}
    # An unsure topic sends the question on, without facts that may be beside it.
    if reason in ("advice", "dispute", "judicial") and case.message.confidence >= SURE:
        ways_out = reason != "dispute" and case.topic in TROUBLE_WITH_PAYING
        facts = _ways_out(case) if ways_out else _answer(case, case.topic, length="short")
        if facts is not None:
            heading = "hand_over.ways_out" if ways_out else "hand_over.general_facts"
            parts = [say(heading), facts.text, *parts]
            sources, trace = list(facts.sources), facts.trace
    parts.append(when_somebody_comes(case))
    on_topic = "." in case.topic
    return reply(
        case,
        "handed_over",
        "\n\n".join(parts),
        owner="queue",
        reason=reason,
        sources=sources,
        buttons=[] if reason == "distress" else [case.choice("chat.button_bot", take_back=True)],
        topic=case.topic if on_topic else case.turn.state.get("topic") or case.topic,
        state={"topic": case.topic if on_topic else case.turn.state.get("topic"), "noted": False},
        trace=trace,
    )


def _ways_out(case: Case) -> Answer | None:
    """What a member who cannot pay may choose from, side by side; the choice itself is made with an officer."""
    content = case.tools.content
    try:
        return render_answer(
            "contributions.late_payment",
            answers=content.answers,
            law=content.law,
            profile=content.profiles[case.turn.fund],
            language=case.language,
            on=day_in_belgium(case.now),
            facet="alternatives",
        )
    except NoAnswerError:
        return None


def when_somebody_comes(case: Case) -> str:
    """Whether somebody is there now, else when the fund opens."""
    profile = case.tools.content.profiles[case.turn.fund]
    if is_open(profile, now=case.now):
        with case.tools.database.read() as session:
            present = count_present(session, fund=case.turn.fund, language=case.language, now=case.now)
        return case.say("hand_over.when_present" if present else "hand_over.when_open")
    opening = next_opening(profile, now=case.now)
    if opening is None:
        return case.say("hand_over.when_closed_unknown")
    moment = case.say(
        "hand_over.opening", day=format_weekday(opening.date(), case.language), time=format_time(opening, case.language)
    )
    return case.say("hand_over.when_closed", opening=moment)


# What follow-up examples call a facet, where the answers' own name differs.
FACET_OF_FOLLOW_UP = {"appeal": "decision_appeal"}

HANDS: dict[str, Callable[[Case], Reply]] = {
    "answer": answer,
    "ask_back": ask_back,
    "ask_sign_in": ask_sign_in,
    "decline_sign_in": decline_sign_in,
    "hand_over": hand_over,
    "look_into_file": look_into_file,
    "mandate": mandate,
    "out_of_scope": out_of_scope,
    "register": register,
    "small_talk": small_talk,
}


def situation_of(turn: LeasedTurn, tools: Tools) -> Situation:
    """Where the conversation stands, from its own state."""
    state = turn.state
    return Situation(
        signed_in=turn.member_id is not None,
        asked_sign_in=state.get("asked_sign_in", False),
        refused_topics=frozenset(state.get("refused", ())),
        missed=state.get("missed", 0),
        rejected=state.get("rejected", 0),
        calculable_topics=CALCULABLE,
        file_topics=frozenset(id for id, topic in tools.content.topics.items() if request_touches_file(topic)),
    )
