"""The officers' desk: who waits, the conversations, their requests. All but its style and scripts needs a sign-in."""

import hashlib
import secrets
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

import anyio.to_thread
from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse
from markupsafe import Markup
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sse_starlette import EventSourceResponse, ServerSentEvent

from api.bus import wait_for
from api.desk.pages import STATIC, PageError, PageRoute, is_part, show_page, show_piece, voice_of
from api.identity.officers import DESK_PATH, Visit, at_the_desk, note_activity
from api.runtime import Runtime, runtime_of
from fund.clock import day_in_belgium
from fund.conversations import service
from fund.conversations.models import Conversation, Event, Message, Officer
from fund.formats import BRUSSELS, format_date, format_time
from fund.phrases import LANGUAGES, Say
from fund.requests.models import Request as MemberRequest
from fund.requests.service import STATES, RequestError, list_of_conversation, list_open, move_request

MOST_CHARACTERS = 10_000
MOST_REQUESTS = 100
HEARTBEAT = 30.0
GATHER = 0.1
"""Seconds in which changes that come in a burst are gathered into one signal."""
URGENT = frozenset({"distress", "judicial"})
TOLD_EVENTS = frozenset(
    {"started", "handed_over", "taken_back", "claimed", "handed_back", "signed_in", "signed_out", "request_moved"}
)
FILES = {file.name: file for file in STATIC.iterdir() if file.suffix in (".css", ".js", ".svg")}

RuntimeHere = Annotated[Runtime, Depends(runtime_of)]
VisitHere = Annotated[Visit, Depends(at_the_desk)]
T = TypeVar("T")

files = APIRouter(prefix="/desk", tags=["desk"])
guarded = APIRouter(prefix="/desk", route_class=PageRoute, dependencies=[Depends(at_the_desk)], tags=["desk"])


@files.get("/static/{name}")
def read_file(name: str) -> Response:
    """Style and scripts; the sign-in pages need them too."""
    file: Path | None = FILES.get(name)
    if file is None:
        return Response(status_code=404)
    return FileResponse(
        file, headers={"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
    )


# --- pages, and the parts that keep them up to date ---


@dataclass(frozen=True)
class Part:
    """A piece of a page that is replaced when its version changes."""

    id: str
    html: Markup
    version: str

    def __html__(self) -> str:
        return f'{self.html}<input type="hidden" class="have" name="{self.id}" value="{self.version}">'

    @property
    def replacement(self) -> Markup:
        """The piece as the page swaps it in by itself."""
        return Markup(f'<div id="{self.id}" hx-swap-oob="innerHTML">{self.__html__()}</div>')


def _part(request: Request, id: str, *, version: str | None = None, **values: Any) -> Part:
    html = show_piece(request, f"part_{id}.html", **values)
    return Part(id, html, version or hashlib.sha256(html.encode()).hexdigest()[:12])


@guarded.get("")
def overview(request: Request, visit: VisitHere, runtime: RuntimeHere) -> Response:
    """Who waits, whom I and my colleagues help, and the open requests."""
    parts = _overview_parts(request, visit, runtime)
    return show_page(request, "overview.html", parts=parts, notice="")


@guarded.get("/parts/overview")
def overview_parts(request: Request, visit: VisitHere, runtime: RuntimeHere) -> Response:
    """What has changed on the overview since the page last asked."""
    return _changed(request, _overview_parts(request, visit, runtime))


@guarded.get("/conversations/{conversation_id}")
def conversation_page(request: Request, visit: VisitHere, runtime: RuntimeHere, conversation_id: str) -> Response:
    """One conversation: everything that was said, why it was handed over, and what can be done."""
    return _show_conversation(request, visit, runtime, conversation_id)


@guarded.get("/parts/conversations/{conversation_id}")
def conversation_parts(
    request: Request,
    visit: VisitHere,
    runtime: RuntimeHere,
    conversation_id: str,
    after: Annotated[int, Query(ge=0, le=2**63 - 1)] = 0,
) -> Response:
    """The lines after the one named, and what else has changed on the page of the conversation."""
    parts, lines = _conversation_parts(request, visit, runtime, conversation_id, after=after, asked_by_page=True)
    more = show_piece(request, "lines.html", lines=lines, fresh=True) if lines else Markup()
    return _changed(request, parts, more=more)


@guarded.get("/parts/events")
async def signals(visit: VisitHere, runtime: RuntimeHere, conversation: str = "") -> EventSourceResponse:
    """A signal whenever the page should ask again; while it is open, the officer counts as present."""
    names = [f"desk:{visit.fund}"]
    if conversation:
        await _look(runtime, lambda session: _conversation_of(session, visit, conversation))
        names.append(f"conversation:{conversation}")
    return EventSourceResponse(_signals(runtime, visit, names), ping=15, headers={"Cache-Control": "no-store"})


async def _signals(runtime: Runtime, visit: Visit, names: list[str]) -> AsyncIterator[ServerSentEvent]:
    with runtime.bus.listen(*names) as changed:
        while await anyio.to_thread.run_sync(lambda: note_activity(runtime, visit.session_id, by_person=False)):
            # The first signal tells of what changed between the page and its stream.
            yield ServerSentEvent(event="changed", data="1")
            while await wait_for(changed, seconds=HEARTBEAT):
                await anyio.sleep(GATHER)
                changed.clear()
                yield ServerSentEvent(event="changed", data="1")
        yield ServerSentEvent(event="ended", data="1")


def _changed(request: Request, parts: Mapping[str, Part], *, more: str = "") -> Response:
    have = request.query_params
    pieces = [part.replacement for part in parts.values() if have.get(part.id) != part.version]
    if not pieces and not more:
        return Response(status_code=204)
    return HTMLResponse(Markup().join([more, *pieces]))


# --- the overview ---


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


def _overview_parts(request: Request, visit: Visit, runtime: Runtime) -> dict[str, Part]:
    now = runtime.tools.clock()
    today = day_in_belgium(now)
    say = voice_of(request)
    with runtime.tools.database.read() as session:
        waiting = service.list_waiting(session, fund=visit.fund)
        held = service.list_held(session, fund=visit.fund)
        requests = list_open(session, fund=visit.fund)
        names = _officer_names(session, held)
        answered = _answered(session, held)

    def row(conversation: Conversation) -> Row:
        return Row(
            id=conversation.id,
            number=conversation.id[:6],
            label=_label(runtime, conversation.topic, visit.language, say),
            why=_why(conversation, say),
            urgent=conversation.reason in URGENT,
            language=say(f"desk.in_{conversation.language}"),
            channel=say(f"desk.via_{conversation.channel}"),
            waited=_waited(conversation, now=now, say=say),
            holder=names.get(conversation.officer_id),
            answered=conversation.id in answered,
        )

    mine = [row(one) for one in held if one.officer_id == visit.officer_id]
    others = [row(one) for one in held if one.officer_id != visit.officer_id]
    shown = [_request_row(runtime, one, visit.language, say, today=today) for one in requests[:MOST_REQUESTS]]
    return {
        "status": _status(request, waiting, say),
        "lists": _part(
            request,
            "lists",
            waiting=[row(one) for one in waiting],
            mine=mine,
            others=others,
            requests=shown,
            total=len(requests),
        ),
    }


def _status(request: Request, waiting: Sequence[Conversation], say: Say) -> Part:
    """How many wait, in words, for the header of every page."""
    count = len(waiting)
    urgent = sum(conversation.reason in URGENT for conversation in waiting)
    key = {0: "status_none", 1: "status_one"}.get(count, "status_many")
    text = say(f"desk.{key}", count=count)
    if urgent:
        key = "status_urgent_one" if urgent == 1 else "status_urgent_many"
        text = say(f"desk.{key}", waiting=text, urgent=urgent)
    return _part(request, "status", text=text, count=count, urgent=urgent)


def _officer_names(session: Session, conversations: Sequence[Conversation]) -> dict[str, str]:
    ids = {conversation.officer_id for conversation in conversations} - {None}
    return dict(session.execute(select(Officer.id, Officer.name).where(Officer.id.in_(ids))).tuples().all())


def _answered(session: Session, conversations: Sequence[Conversation]) -> set[str]:
    """Which of the conversations do not wait for an officer's line: the last one who spoke is not the member."""
    ids = [conversation.id for conversation in conversations]
    last = (
        select(func.max(Message.id))
        .where(Message.conversation_id.in_(ids), Message.author != "system")
        .group_by(Message.conversation_id)
    )
    return set(
        session.scalars(select(Message.conversation_id).where(Message.id.in_(last), Message.author == "officer"))
    )


def _waited(conversation: Conversation, *, now: datetime, say: Say) -> str:
    if conversation.queued_at is None:
        return ""
    minutes = max(0, int((now - conversation.queued_at).total_seconds() // 60))
    hours, days = minutes // 60, minutes // (24 * 60)
    if days:
        return say("desk.waited_day") if days == 1 else say("desk.waited_days", count=days)
    if hours:
        return say("desk.waited_hours", hours=hours, minutes=minutes % 60)
    if minutes:
        return say("desk.waited_minute") if minutes == 1 else say("desk.waited_minutes", count=minutes)
    return say("desk.waited_now")


def _why(conversation: Conversation, say: Say) -> str:
    return say(f"desk.reason_{conversation.reason or 'unknown'}")


def _label(runtime: Runtime, topic: str | None, language: str, say: Say) -> str:
    known = runtime.tools.content.topics.get(topic or "")
    if known is not None:
        return known.labels[language]
    return say(f"desk.topic_{topic}") if topic in ("small_talk", "out_of_scope") else say("desk.no_topic")


# --- one conversation ---


@dataclass(frozen=True)
class Line:
    """A line of a conversation as the officer sees it."""

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
    """A member's request as the officer sees it."""

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
    reason: str | None


def _show_conversation(
    request: Request, visit: Visit, runtime: Runtime, conversation_id: str, *, status: int = 200, notice: str = ""
) -> Response:
    parts, lines = _conversation_parts(request, visit, runtime, conversation_id)
    return show_page(
        request, "conversation.html", status=status, parts=parts, lines=lines, id=conversation_id, notice=notice
    )


def _conversation_parts(
    request: Request,
    visit: Visit,
    runtime: Runtime,
    conversation_id: str,
    *,
    after: int = 0,
    asked_by_page: bool = False,
) -> tuple[dict[str, Part], list[Line]]:
    """The parts of the page of a conversation and its lines after the one named. PageError 404 for another fund's."""
    now = runtime.tools.clock()
    say, language = voice_of(request), visit.language
    with runtime.tools.database.read() as session:
        conversation = _conversation_of(session, visit, conversation_id)
        messages = _all_messages(session, conversation_id, after=after)
        events = [
            one for one in service.list_events(session, conversation_id=conversation_id) if one.kind in TOLD_EVENTS
        ]
        requests = list_of_conversation(session, conversation_id=conversation_id)
        waiting = service.list_waiting(session, fund=visit.fund)
        officers = {one.officer_id for one in messages} | {one.actor for one in events} | {conversation.officer_id}
        names = dict(
            session.execute(select(Officer.id, Officer.name).where(Officer.id.in_(officers - {None}))).tuples().all()
        )

    holder = names.get(conversation.officer_id)
    doing = conversation.owner
    if doing == "officer":
        doing = "mine" if conversation.officer_id == visit.officer_id else "colleague"
    language_name = say(f"desk.in_{conversation.language}")
    today = day_in_belgium(now)
    parts = [
        _status(request, waiting, say),
        _part(
            request,
            "facts",
            why=_why(conversation, say) if doing != "bot" else None,
            urgent=conversation.reason in URGENT,
            topic=_label(runtime, conversation.topic, language, say),
            member_language=language_name,
            channel=say(f"desk.via_{conversation.channel}"),
            member=service.signed_in_member(conversation, now=now),
            started=_moment(conversation.created_at, now=now, language=language, say=say),
            waited=_waited(conversation, now=now, say=say),
            holder=holder,
            events=[_told_event(one, names, now=now, language=language, say=say) for one in events],
        ),
        _part(
            request,
            "act",
            version=f"{doing}:{conversation.officer_id or ''}:{conversation.language}",
            id=conversation.id,
            doing=doing,
            holder=holder,
            member_language=language_name,
            lang=conversation.language,
            client_id=_new_client_id(),
            most=MOST_CHARACTERS,
            focus=asked_by_page,
        ),
        _part(
            request,
            "requests",
            requests=[_request_row(runtime, one, language, say, today=today) for one in requests],
            states=[(state, say(f"desk.state_{state}")) for state in STATES[1:]],
        ),
    ]
    lines = [_line(runtime, one, conversation, visit, names, now=now, say=say) for one in messages]
    return {part.id: part for part in parts}, lines


def _conversation_of(session: Session, visit: Visit, conversation_id: str) -> Conversation:
    """The conversation if it is one of the officer's fund; anything else does not exist for them."""
    conversation = service.get_conversation(session, conversation_id)
    if conversation is None or conversation.fund != visit.fund:
        raise PageError(404, "not_found")
    return conversation


def _all_messages(session: Session, conversation_id: str, *, after: int) -> list[Message]:
    found: list[Message] = []
    while more := service.list_messages(session, conversation_id=conversation_id, after=after):
        found.extend(more)
        after = found[-1].id
    return found


def _line(
    runtime: Runtime,
    message: Message,
    conversation: Conversation,
    visit: Visit,
    names: Mapping[str, str],
    *,
    now: datetime,
    say: Say,
) -> Line:
    if message.author != "officer":
        who = say(f"desk.author_{message.author}")
    elif message.officer_id == visit.officer_id:
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
        language=conversation.language,
        at=message.at.astimezone(BRUSSELS).isoformat(timespec="seconds"),
        moment=_moment(message.at, now=now, language=visit.language, say=say),
        choices=say("desk.offered", choices=choices) if choices else "",
        sources=[_source(source, visit.language, say) for source in message.sources],
        trace=_trace(runtime, message.trace, visit.language, say) if message.author == "bot" else [],
    )


def _source(source: Mapping[str, str], language: str, say: Say) -> dict[str, str]:
    url = source.get("url") or ""
    try:
        day = format_date(datetime.fromisoformat(source["date"]).date(), language)
    except (KeyError, TypeError, ValueError):
        day = ""
    return {
        "title": source.get("title") or url,
        "url": url if url.startswith(("https://", "http://")) else "",
        "checked": say("desk.source_date", date=day) if day else "",
    }


def _trace(runtime: Runtime, trace: Mapping[str, Any] | None, language: str, say: Say) -> list[tuple[str, str]]:
    """What the assistant made of the message, as pairs of a name and a text."""
    trace = trace or {}
    understood = trace.get("understood") or {}
    told: list[tuple[str, str]] = []
    if understood.get("topic"):
        told.append((say("desk.trace_topic"), _label(runtime, understood["topic"], language, say)))
    if understood.get("need") in ("information", "my_file", "request", "advice"):
        told.append((say("desk.trace_need"), say(f"desk.need_{understood['need']}")))
    if isinstance(understood.get("confidence"), int | float):
        percent = say("desk.percent", value=round(understood["confidence"] * 100))
        told.append((say("desk.trace_confidence"), percent))
    if trace.get("answer"):
        label = _label(runtime, trace["answer"], language, say)
        version = trace.get("version")
        text = say("desk.answer_version", topic=label, version=version) if version else label
        told.append((say("desk.trace_answer"), text))
    if trace.get("file"):
        told.append((say("desk.trace_file"), say("desk.trace_file_read")))
    return told


def _told_event(event: Event, names: Mapping[str, str], *, now: datetime, language: str, say: Say) -> dict[str, str]:
    values = {}
    if event.kind == "request_moved":
        values = {"reference": event.detail["reference"], "state": say(f"desk.state_{event.detail['state']}")}
    what = say(f"desk.event_{event.kind}", **values)
    if event.actor in names:
        what = say("desk.by_officer", what=what, name=names[event.actor])
    return {"what": what, "when": _moment(event.at, now=now, language=language, say=say)}


def _request_row(runtime: Runtime, one: MemberRequest, language: str, say: Say, *, today) -> RequestRow:
    is_open = one.state in ("registered", "in_progress")
    date = format_date(one.due_on, language)
    if one.due_on < today:
        due = say("desk.overdue", date=date)
    else:
        due = say("desk.due_today") if one.due_on == today else say("desk.due", date=date)
    registered = format_date(day_in_belgium(one.registered_at), language)
    return RequestRow(
        reference=one.reference,
        conversation_id=one.conversation_id,
        kind=say(f"desk.kind_{one.kind}"),
        topic=_label(runtime, one.topic, language, say),
        text=one.text,
        language=one.language,
        state=one.state,
        state_name=say(f"desk.state_{one.state}"),
        open=is_open,
        due=due if is_open else "",
        overdue=is_open and one.due_on < today,
        registered=say("desk.registered_at", date=registered),
        reason=say("desk.closed_because", reason=one.reason) if one.reason else None,
    )


def _moment(at: datetime, *, now: datetime, language: str, say: Say) -> str:
    local = at.astimezone(BRUSSELS)
    time = format_time(local, language)
    if local.date() == day_in_belgium(now):
        return say("desk.today_at", time=time)
    return say("desk.moment", day=format_date(local.date(), language), time=time)


# --- what an officer does ---


@guarded.post("/conversations/{conversation_id}/claim")
async def claim(request: Request, visit: VisitHere, runtime: RuntimeHere, conversation_id: str) -> Response:
    """Take over a waiting conversation. Of two at once one wins; the other reads who was faster (409)."""

    def take(session: Session) -> None:
        now = runtime.tools.clock()
        seen = _conversation_of(session, visit, conversation_id)
        claimed = service.claim_conversation(
            session, conversation_id=conversation_id, officer_id=visit.officer_id, fund=visit.fund, now=now
        )
        conversation = service.lock_conversation(session, conversation_id)
        if claimed:
            say = runtime.tools.content.voice(fund=seen.fund, language=seen.language)
            fund = runtime.tools.content.profiles[seen.fund].name
            text = say("hand_over.claimed", officer=visit.name, fund=fund)
            service.add_line(session, conversation=conversation, author="system", text=text, now=now)
        elif conversation.owner != "officer":
            raise PageError(409, "not_waiting")
        elif conversation.officer_id != visit.officer_id:
            raise PageError(409, "claimed_by", name=session.get_one(Officer, conversation.officer_id).name)

    await _change(runtime, take)
    return await _done(request, visit, runtime, conversation_id)


@guarded.post("/conversations/{conversation_id}/lines")
async def write(
    request: Request,
    visit: VisitHere,
    runtime: RuntimeHere,
    conversation_id: str,
    text: Annotated[str, Form()] = "",
    client_id: Annotated[str, Form()] = "",
) -> Response:
    """A line to the member; the same client id again is the same line, however often it is sent."""
    text = _clean(text)
    if not text:
        raise PageError(422, "empty_text")
    if len(text) > MOST_CHARACTERS:
        raise PageError(422, "long_text", most=MOST_CHARACTERS)
    client_id = _clean(client_id)[:128] or _new_client_id()

    def add(session: Session) -> str:
        conversation = _conversation_of(session, visit, conversation_id)
        try:
            line = service.write_as_officer(
                session,
                conversation_id=conversation_id,
                officer_id=visit.officer_id,
                client_id=client_id,
                text=text,
                now=runtime.tools.clock(),
            )
        except service.NotYours as error:
            raise PageError(409, "not_yours") from error
        if line.text != text:
            # The first version had arrived although its answer did not: the next attempt is a line of its own.
            fresh = show_piece(request, "client_id.html", client_id=_new_client_id(), replace=True)
            raise PageError(409, "already_sent", extra=fresh)
        return conversation.language

    language = await _change(runtime, add)
    form = show_piece(
        request,
        "write.html",
        id=conversation_id,
        client_id=_new_client_id(),
        most=MOST_CHARACTERS,
        focus=True,
        lang=language,
        member_language=voice_of(request)(f"desk.in_{language}"),
    )
    return await _done(request, visit, runtime, conversation_id, answer=form)


@guarded.post("/conversations/{conversation_id}/hand-back")
async def hand_back(request: Request, visit: VisitHere, runtime: RuntimeHere, conversation_id: str) -> Response:
    """Give the conversation back to the bot; the member reads it in their language and the fund's voice."""

    def give(session: Session) -> None:
        conversation = _conversation_of(session, visit, conversation_id)
        say = runtime.tools.content.voice(fund=conversation.fund, language=conversation.language)
        try:
            service.release_conversation(
                session,
                conversation_id=conversation_id,
                officer_id=visit.officer_id,
                text=say("hand_over.handed_back", officer=visit.name),
                now=runtime.tools.clock(),
            )
        except service.NotYours as error:
            raise PageError(409, "not_yours_to_return") from error

    await _change(runtime, give)
    return await _done(request, visit, runtime, conversation_id)


@guarded.post("/requests/{reference}/move")
async def move(
    request: Request,
    visit: VisitHere,
    runtime: RuntimeHere,
    reference: str,
    state: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Put a member's request into another state; a refusal says why."""

    def put(session: Session) -> str:
        try:
            moved = move_request(session, reference=reference, fund=visit.fund, state=state, reason=_clean(reason))
        except RequestError as error:
            if str(error) == "unknown":
                raise PageError(404, "request_unknown") from error
            key = "request_reason" if str(error) == "reason" else "request_closed"
            raise PageError(422 if key == "request_reason" else 409, key, reference=reference) from error
        service.record_event(
            session,
            conversation_id=moved.conversation_id,
            kind="request_moved",
            actor=visit.officer_id,
            now=runtime.tools.clock(),
            reference=reference,
            state=state,
        )
        return moved.conversation_id

    conversation_id = await _change(runtime, put)
    return await _done(request, visit, runtime, conversation_id)


@guarded.post("/language")
def choose_language(
    visit: VisitHere,
    runtime: RuntimeHere,
    language: Annotated[str, Form()] = "",
    back: Annotated[str, Form()] = "",
) -> Response:
    """The desk in the other language, from now on."""
    if language in LANGUAGES:
        with runtime.tools.database.write() as session:
            session.get_one(Officer, visit.officer_id).desk_language = language
    return RedirectResponse(back if DESK_PATH.fullmatch(back) else "/desk", 303)


async def _done(
    request: Request, visit: Visit, runtime: Runtime, conversation_id: str, *, answer: str = ""
) -> Response:
    """Tell everybody who looks on; the page that asked then asks for what has changed."""
    await runtime.bus.publish(f"conversation:{conversation_id}", f"desk:{visit.fund}")
    if not is_part(request):
        return RedirectResponse(f"/desk/conversations/{conversation_id}", 303)
    cleared = Markup('<div id="notice" hx-swap-oob="innerHTML"></div>') if answer else Markup()
    return HTMLResponse(answer + cleared, headers={"HX-Trigger": "changed"})


async def _change(runtime: Runtime, work: Callable[[Session], T]) -> T:
    def run() -> T:
        with runtime.tools.database.write() as session:
            return work(session)

    return await anyio.to_thread.run_sync(run)


async def _look(runtime: Runtime, work: Callable[[Session], T]) -> T:
    def run() -> T:
        with runtime.tools.database.read() as session:
            return work(session)

    return await anyio.to_thread.run_sync(run)


def _clean(text: str) -> str:
    """What a database keeps: one kind of line end, no NUL."""
    return text.replace("\r\n", "\n").replace("\x00", "").strip()


def _new_client_id() -> str:
    return f"desk-{secrets.token_hex(12)}"


router = APIRouter()
router.include_router(files)
router.include_router(guarded)
