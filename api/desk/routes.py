"""The officers' desk: who waits, the conversations, their requests. All but its style and scripts needs a sign-in."""

import asyncio
import hashlib
import secrets
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
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
from api.desk.view import (
    TOLD_EVENTS,
    URGENT,
    Line,
    Reader,
    Row,
    show_event,
    show_line,
    show_moment,
    show_reason,
    show_request,
    show_row,
    show_wait,
    show_waiting,
    topic_label,
)
from api.identity.officers import DESK_PATH, Visit, at_the_desk, note_activity
from api.runtime import Runtime, runtime_of
from fund.conversations import service
from fund.conversations.models import Conversation, Message, Officer
from fund.phrases import LANGUAGES
from fund.requests.service import STATES, RequestError, list_of_conversation, list_open, move_request

MOST_CHARACTERS = 10_000
MOST_REQUESTS = 100
HEARTBEAT = 30.0
GATHER = 0.1
"""Seconds in which changes that come in a burst are gathered into one signal."""
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
    """A piece of a page that is replaced when its version changes; the page says which versions it has."""

    id: str
    html: Markup
    version: str

    def __html__(self) -> str:
        return f'{self.html}<input type="hidden" class="have" name="{self.id}" value="{self.version}">'

    @property
    def replacement(self) -> Markup:
        """The piece as a page swaps it in."""
        return Markup(f'<div id="{self.id}" hx-swap-oob="innerHTML">{self.__html__()}</div>')


def _part(request: Request, id: str, *, version: str | None = None, **values: Any) -> Part:
    html = show_piece(request, f"part_{id}.html", **values)
    return Part(id, html, version or hashlib.sha256(html.encode()).hexdigest()[:12])


def _changed(request: Request, parts: Mapping[str, Part], *, more: str = "") -> Response:
    have = request.query_params
    pieces = [part.replacement for part in parts.values() if have.get(part.id) != part.version]
    if not pieces and not more:
        return Response(status_code=204)
    return HTMLResponse(Markup().join([more, *pieces]))


@guarded.get("")
def overview(request: Request, visit: VisitHere, runtime: RuntimeHere) -> Response:
    """Who waits, whom I and my colleagues help, and the open requests."""
    return show_page(request, "overview.html", parts=_overview_parts(request, visit, runtime))


@guarded.get("/parts/overview")
def overview_parts(request: Request, visit: VisitHere, runtime: RuntimeHere) -> Response:
    """What has changed on the overview since the page last asked."""
    return _changed(request, _overview_parts(request, visit, runtime))


@guarded.get("/conversations/{conversation_id}")
def conversation(request: Request, visit: VisitHere, runtime: RuntimeHere, conversation_id: str) -> Response:
    """One conversation: everything that was said, why it was handed over, and what can be done."""
    parts, lines = _conversation_parts(request, visit, runtime, conversation_id)
    return show_page(request, "conversation.html", parts=parts, lines=lines, conversation_id=conversation_id)


@guarded.get("/parts/conversations/{conversation_id}")
def conversation_parts(
    request: Request,
    visit: VisitHere,
    runtime: RuntimeHere,
    conversation_id: str,
    after: Annotated[int, Query(ge=0, le=2**63 - 1)] = 0,
) -> Response:
    """The lines after the one named, and what else has changed on the page of the conversation."""
    parts, lines = _conversation_parts(request, visit, runtime, conversation_id, after=after)
    return _changed(request, parts, more=show_piece(request, "lines.html", lines=lines, fresh=True) if lines else "")


@guarded.get("/parts/events")
async def signals(visit: VisitHere, runtime: RuntimeHere, conversation: str = "") -> EventSourceResponse:
    """A signal whenever the page should ask again; while it is open, the officer counts as present."""
    names = [f"desk:{visit.fund}"]
    if conversation:
        await _look(runtime, lambda session: _conversation_of(session, visit, conversation))
        names.append(f"conversation:{conversation}")
    return EventSourceResponse(signals_for(runtime, visit, names), ping=15)


async def signals_for(
    runtime: Runtime, visit: Visit, names: Sequence[str], *, heartbeat: float = HEARTBEAT
) -> AsyncIterator[ServerSentEvent]:
    """`changed` at once and whenever one of the names is published; `ended` when the session is over.

    Every `heartbeat` seconds the session is looked at again and the officer's presence noted.
    """
    clock = asyncio.get_running_loop().time
    with runtime.bus.listen(*names) as changed:
        changed.set()  # what happened between the page and its stream
        while await anyio.to_thread.run_sync(lambda: note_activity(runtime, visit.session_id, by_person=False)):
            until = clock() + heartbeat
            while await wait_for(changed, seconds=max(0.0, until - clock())):
                yield ServerSentEvent(event="changed", data="1")
                await anyio.sleep(GATHER)
        yield ServerSentEvent(event="ended", data="1")


def _reader(request: Request, visit: Visit, runtime: Runtime) -> Reader:
    return Reader(
        officer_id=visit.officer_id,
        language=visit.language,
        say=voice_of(request),
        now=runtime.tools.clock(),
        topics=runtime.tools.content.topics,
    )


def _overview_parts(request: Request, visit: Visit, runtime: Runtime) -> dict[str, Part]:
    reader = _reader(request, visit, runtime)
    with runtime.tools.database.read() as session:
        waiting = service.list_waiting(session, fund=visit.fund)
        held = service.list_held(session, fund=visit.fund)
        requests = list_open(session, fund=visit.fund)
        names = _officer_names(session, {one.officer_id for one in held})
        answered = _answered(session, held)

    def rows(conversations: Iterable[Conversation]) -> list[Row]:
        return [
            show_row(one, holder=names.get(one.officer_id), answered=one.id in answered, reader=reader)
            for one in conversations
        ]

    lists = _part(
        request,
        "lists",
        waiting=rows(waiting),
        mine=rows(one for one in held if one.officer_id == visit.officer_id),
        others=rows(one for one in held if one.officer_id != visit.officer_id),
        requests=[show_request(one, reader) for one in requests[:MOST_REQUESTS]],
        total=len(requests),
    )
    return {"status": _status(request, waiting, reader), "lists": lists}


def _status(request: Request, waiting: Sequence[Conversation], reader: Reader) -> Part:
    urgent = sum(conversation.reason in URGENT for conversation in waiting)
    text = show_waiting(len(waiting), urgent=urgent, reader=reader)
    return _part(request, "status", text=text, count=len(waiting), urgent=urgent)


def _officer_names(session: Session, ids: set[str | None]) -> dict[str, str]:
    return dict(session.execute(select(Officer.id, Officer.name).where(Officer.id.in_(ids - {None}))).all())


def _answered(session: Session, conversations: Sequence[Conversation]) -> set[str]:
    """Of which of the conversations an officer wrote the last line, announcements aside."""
    last = (
        select(func.max(Message.id))
        .where(Message.conversation_id.in_([one.id for one in conversations]), Message.author != "system")
        .group_by(Message.conversation_id)
    )
    return set(
        session.scalars(select(Message.conversation_id).where(Message.id.in_(last), Message.author == "officer"))
    )


def _conversation_parts(
    request: Request,
    visit: Visit,
    runtime: Runtime,
    conversation_id: str,
    *,
    after: int = 0,
) -> tuple[dict[str, Part], list[Line]]:
    """The parts of the page of a conversation and its lines after the one named. PageError 404 for another fund's."""
    reader = _reader(request, visit, runtime)
    with runtime.tools.database.read() as session:
        found = _conversation_of(session, visit, conversation_id)
        messages = _all_messages(session, conversation_id, after=after)
        events = service.list_events(session, conversation_id=conversation_id)
        requests = list_of_conversation(session, conversation_id=conversation_id)
        waiting = service.list_waiting(session, fund=visit.fund)
        named = {one.officer_id for one in messages} | {one.actor for one in events} | {found.officer_id}
        names = _officer_names(session, named)
        holding = session.get(Officer, found.officer_id) if found.officer_id else None

    holder = names.get(found.officer_id)
    doing = found.owner
    if holding is not None:
        away = service.is_away(holding, now=runtime.tools.clock())
        doing = "mine" if holding.id == visit.officer_id else "queue" if away else "colleague"
    member_language = reader.say(f"desk.in_{found.language}")
    parts = [
        _status(request, waiting, reader),
        _part(
            request,
            "facts",
            why=show_reason(found, reader) if doing != "bot" else "",
            urgent=found.reason in URGENT,
            topic=topic_label(found.topic or found.state.get("topic"), reader),
            member_language=member_language,
            channel=reader.say(f"desk.via_{found.channel}"),
            member=service.signed_in_member(found, now=reader.now),
            started=show_moment(found.created_at, reader),
            waited=show_wait(found, reader),
            holder=holder,
            events=[show_event(one, names=names, reader=reader) for one in events if one.kind in TOLD_EVENTS],
        ),
        _part(
            request,
            "act",
            # Not of its text: the form holds a new id each time, and what is being written in it must stay.
            version=f"{doing}-{found.officer_id or ''}-{found.language}-{visit.language}",
            conversation_id=conversation_id,
            doing=doing,
            holder=holder,
            lang=found.language,
            member_language=member_language,
            client_id=_new_client_id(),
            most=MOST_CHARACTERS,
        ),
        _part(
            request,
            "requests",
            requests=[show_request(one, reader) for one in requests],
            states=[(state, reader.say(f"desk.state_{state}")) for state in STATES if state != "registered"],
        ),
    ]
    lines = [show_line(one, language=found.language, names=names, reader=reader) for one in messages]
    return {part.id: part for part in parts}, lines


def _conversation_of(session: Session, visit: Visit, conversation_id: str) -> Conversation:
    """The conversation if it is one of the officer's fund; anything else does not exist for them (PageError 404)."""
    found = service.get_conversation(session, conversation_id)
    if found is None or found.fund != visit.fund:
        raise PageError(404, "not_found")
    return found


def _all_messages(session: Session, conversation_id: str, *, after: int) -> list[Message]:
    found: list[Message] = []
    while more := service.list_messages(session, conversation_id=conversation_id, after=after):
        found.extend(more)
        after = found[-1].id
    return found


# --- what an officer does ---


@guarded.post("/conversations/{conversation_id}/claim")
async def claim(request: Request, visit: VisitHere, runtime: RuntimeHere, conversation_id: str) -> Response:
    """Take over a waiting conversation. Of two at once one wins; the other reads who was faster (409)."""

    def take(session: Session) -> None:
        now = runtime.tools.clock()
        found = _conversation_of(session, visit, conversation_id)
        claimed = service.claim_conversation(
            session, conversation_id=conversation_id, officer_id=visit.officer_id, fund=visit.fund, now=now
        )
        held = service.lock_conversation(session, conversation_id)
        if claimed:
            say = runtime.tools.content.voice(fund=found.fund, language=found.language)
            fund = runtime.tools.content.profiles[found.fund].name
            text = say("hand_over.claimed", officer=visit.name, fund=fund)
            service.add_line(session, conversation=held, author="system", text=text, now=now)
        elif held.owner != "officer":
            raise PageError(409, "not_waiting")
        elif held.officer_id != visit.officer_id:
            raise PageError(409, "claimed_by", name=session.get_one(Officer, held.officer_id).name)

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
        found = _conversation_of(session, visit, conversation_id)
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
        return found.language

    language = await _change(runtime, add)
    form = show_piece(
        request,
        "write.html",
        conversation_id=conversation_id,
        client_id=_new_client_id(),
        most=MOST_CHARACTERS,
        lang=language,
        member_language=voice_of(request)(f"desk.in_{language}"),
    )
    return await _done(request, visit, runtime, conversation_id, answer=form)


@guarded.post("/conversations/{conversation_id}/hand-back")
async def hand_back(request: Request, visit: VisitHere, runtime: RuntimeHere, conversation_id: str) -> Response:
    """Give the conversation back to the bot; the member reads it in their language and the fund's voice."""

    def give(session: Session) -> None:
        found = _conversation_of(session, visit, conversation_id)
        say = runtime.tools.content.voice(fund=found.fund, language=found.language)
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
