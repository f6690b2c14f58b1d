"""What the desk's pages show of conversations and requests: every value as a text in the officer's language."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from fund.clock import day_in_belgium
from fund.conversations.models import Conversation, Event, Message
from fund.formats import BRUSSELS, format_date, format_time
from fund.phrases import Say
from fund.requests.models import Request
from fund.topics import Topic

URGENT = frozenset({"distress", "judicial"})
"""Reasons that come before all others, and are marked so in words."""
TOLD_EVENTS = frozenset(
    {"started", "handed_over", "taken_back", "claimed", "handed_back", "signed_in", "signed_out", "request_moved"}
)
"""What the course of a conversation tells; the rest of its history can be read in its lines."""
NEEDS = ("information", "my_file", "request", "advice")


@dataclass(frozen=True)
class Reader:
    """Who reads, when, and in which words."""

    officer_id: str
    language: str
    say: Say
    now: datetime
    topics: Mapping[str, Topic]

    @property
    def today(self) -> date:
        """The calendar day in Belgium."""
        return day_in_belgium(self.now)


@dataclass(frozen=True)
class Row:
    """A conversation in a list."""

    id: str
    number: str
    label: str
    why: str
    urgent: bool
    language: str
    channel: str
    waited: str
    holder: str | None
    answered: bool


@dataclass(frozen=True)
class Line:
    """A line of a conversation."""

    id: int
    author: str
    who: str
    text: str
    language: str
    at: str
    moment: str
    choices: str
    sources: list[dict[str, str]]
    trace: list[tuple[str, str]]


@dataclass(frozen=True)
class RequestRow:
    """A member's request."""

    reference: str
    conversation_id: str
    kind: str
    topic: str
    text: str
    language: str
    state: str
    state_name: str
    open: bool
    due: str
    overdue: bool
    registered: str
    reason: str


def show_row(conversation: Conversation, *, holder: str | None, answered: bool, reader: Reader) -> Row:
    """A conversation as a row; `answered`: the officer wrote the last line."""
    say = reader.say
    return Row(
        id=conversation.id,
        number=conversation.id[:6],
        label=topic_label(conversation.topic, reader),
        why=show_reason(conversation, reader),
        urgent=conversation.reason in URGENT,
        language=say(f"desk.in_{conversation.language}"),
        channel=say(f"desk.via_{conversation.channel}"),
        waited=show_wait(conversation, reader),
        holder=holder,
        answered=answered,
    )


def show_line(message: Message, *, language: str, names: Mapping[str, str], reader: Reader) -> Line:
    """A line; `language` is the member's, `names` the officers' by id."""
    say = reader.say
    if message.author != "officer":
        who = say(f"desk.author_{message.author}")
    elif message.officer_id == reader.officer_id:
        who = say("desk.author_you")
    elif message.officer_id in names:
        who = say("desk.author_officer", name=names[message.officer_id])
    else:
        who = say("desk.author_officer_unknown")
    choices = ", ".join(button["title"] for button in message.buttons)
    return Line(
        id=message.id,
        author=message.author,
        who=who,
        text=message.text,
        language=language,
        at=message.at.astimezone(BRUSSELS).isoformat(timespec="seconds"),
        moment=show_moment(message.at, reader),
        choices=say("desk.offered", choices=choices) if choices else "",
        sources=[_show_source(source, reader) for source in message.sources],
        trace=_show_trace(message.trace or {}, reader) if message.author == "bot" else [],
    )


def _show_source(source: Mapping[str, str], reader: Reader) -> dict[str, str]:
    url = source.get("url") or ""
    try:
        checked = format_date(datetime.fromisoformat(source["date"]).date(), reader.language)
    except (KeyError, TypeError, ValueError):
        checked = ""
    return {
        "title": source.get("title") or url,
        "url": url if url.startswith(("https://", "http://")) else "",
        "checked": reader.say("desk.source_date", date=checked) if checked else "",
    }


def _show_trace(trace: Mapping[str, Any], reader: Reader) -> list[tuple[str, str]]:
    """What the assistant made of the message and what it used, as pairs of a name and a text."""
    say = reader.say
    understood = trace.get("understood") or {}
    told: list[tuple[str, str]] = []
    if understood.get("topic"):
        told.append((say("desk.trace_topic"), topic_label(understood["topic"], reader)))
    if understood.get("need") in NEEDS:
        told.append((say("desk.trace_need"), say(f"desk.need_{understood['need']}")))
    if isinstance(understood.get("confidence"), int | float):
        percent = round(understood["confidence"] * 100)
        told.append((say("desk.trace_confidence"), say("desk.percent", value=percent)))
    if trace.get("answer"):
        topic, version = topic_label(trace["answer"], reader), trace.get("version")
        text = say("desk.answer_version", topic=topic, version=version) if version else topic
        told.append((say("desk.trace_answer"), text))
    if trace.get("file"):
        told.append((say("desk.trace_file"), say("desk.trace_file_read")))
    return told


def show_event(event: Event, *, names: Mapping[str, str], reader: Reader) -> dict[str, str]:
    """One step in the course of a conversation."""
    say, values = reader.say, {}
    if event.kind == "request_moved":
        values = {"reference": event.detail["reference"], "state": say(f"desk.state_{event.detail['state']}")}
    what = say(f"desk.event_{event.kind}", **values)
    if event.actor in names:
        what = say("desk.by_officer", what=what, name=names[event.actor])
    return {"what": what, "when": show_moment(event.at, reader)}


def show_request(request: Request, reader: Reader) -> RequestRow:
    """A member's request, with the day by which it must be answered while it is open."""
    say = reader.say
    is_open = request.state in ("registered", "in_progress")
    overdue = is_open and request.due_on < reader.today
    due = ""
    if is_open and request.due_on == reader.today:
        due = say("desk.due_today")
    elif is_open:
        due = say("desk.overdue" if overdue else "desk.due", date=format_date(request.due_on, reader.language))
    registered = format_date(day_in_belgium(request.registered_at), reader.language)
    return RequestRow(
        reference=request.reference,
        conversation_id=request.conversation_id,
        kind=say(f"desk.kind_{request.kind}"),
        topic=topic_label(request.topic, reader),
        text=request.text,
        language=request.language,
        state=request.state,
        state_name=say(f"desk.state_{request.state}"),
        open=is_open,
        due=due,
        overdue=overdue,
        registered=say("desk.registered_at", date=registered),
        reason=say("desk.closed_because", reason=request.reason) if request.reason else "",
    )


def show_waiting(count: int, *, urgent: int, reader: Reader) -> str:
    """How many conversations wait, and how many of them are urgent."""
    say = reader.say
    text = say("desk." + {0: "status_none", 1: "status_one"}.get(count, "status_many"), count=count)
    if not urgent:
        return text
    return say("desk.status_urgent_one" if urgent == 1 else "desk.status_urgent_many", waiting=text, urgent=urgent)


def show_reason(conversation: Conversation, reader: Reader) -> str:
    """Why the conversation was handed over."""
    return reader.say(f"desk.reason_{conversation.reason or 'unknown'}")


def show_wait(conversation: Conversation, reader: Reader) -> str:
    """How long the conversation has been waiting; empty when it does not."""
    if conversation.queued_at is None:
        return ""
    say = reader.say
    minutes = max(0, int((reader.now - conversation.queued_at).total_seconds() // 60))
    hours, days = minutes // 60, minutes // (24 * 60)
    if days:
        return say("desk.waited_day") if days == 1 else say("desk.waited_days", count=days)
    if hours:
        return say("desk.waited_hours", hours=hours, minutes=minutes % 60)
    if minutes:
        return say("desk.waited_minute") if minutes == 1 else say("desk.waited_minutes", count=minutes)
    return say("desk.waited_now")


def show_moment(at: datetime, reader: Reader) -> str:
    """ "vandaag om 9.30 uur", or the day and the time."""
    local = at.astimezone(BRUSSELS)
    time = format_time(local, reader.language)
    if local.date() == reader.today:
        return reader.say("desk.today_at", time=time)
    return reader.say("desk.moment", day=format_date(local.date(), reader.language), time=time)


def topic_label(topic: str | None, reader: Reader) -> str:
    """The topic's name; small talk and what is outside the field have one too."""
    if topic in reader.topics:
        return reader.topics[topic].labels[reader.language]
    return reader.say(f"desk.topic_{topic}" if topic in ("small_talk", "out_of_scope") else "desk.no_topic")
