"""The website chat: conversations, messages, events, sign-in (the contract that the widget and others rely on)."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Literal

import anyio.to_thread
from fastapi import APIRouter, Body, Depends, Header, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, field_validator
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sse_starlette import EventSourceResponse, ServerSentEvent

from api.bus import wait_for
from api.errors import MOST_CHARACTERS, ApiError, preferred_language
from api.identity.portal import TokenRefused
from api.runtime import Runtime, runtime_of
from fund.clock import system_clock
from fund.conversations import service
from fund.conversations.models import Conversation, Message, Officer

router = APIRouter(prefix="/api", tags=["website"])

MESSAGES_AT_ONCE = 30
PER = timedelta(seconds=10)
HEARTBEAT = 15.0
MOST_ID = 2**63 - 1

RuntimeHere = Annotated[Runtime, Depends(runtime_of)]


class NewConversation(BaseModel):
    """What a page says when it opens a conversation."""

    model_config = ConfigDict(extra="forbid")

    language: Literal["nl", "fr"] | None = None
    fund: str | None = Field(None, max_length=32)


class NewMessage(BaseModel):
    """One line of the member; `client_id` is the page's own id, by which a repeated delivery is recognised."""

    model_config = ConfigDict(extra="forbid")

    client_id: str = Field(min_length=1, max_length=128)
    text: str = Field(min_length=1, max_length=MOST_CHARACTERS)

    @field_validator("client_id", "text")
    @classmethod
    def _storable(cls, text: str) -> str:
        """A NUL is JSON, but PostgreSQL keeps no text with it."""
        return text.replace("\x00", "")


class SignIn(BaseModel):
    """The portal's token."""

    model_config = ConfigDict(extra="forbid")

    token: str = Field(min_length=1, max_length=8_192)


@dataclass(frozen=True)
class Visitor:
    """Whoever holds the token of this conversation."""

    conversation_id: str
    fund: str
    language: str


async def visitor_of(request: Request, conversation_id: str, runtime: RuntimeHere) -> Visitor:
    """The holder of the conversation's token; 401 without a good token, 404 with that of another conversation."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise ApiError(401, "not_authorised", headers={"WWW-Authenticate": "Bearer"})

    def look() -> Visitor | None:
        with runtime.tools.database.read() as session:
            found = session.scalar(
                select(Conversation).where(Conversation.token_hash == service.fingerprint(token.strip()))
            )
            if found is None or found.token_expires_at <= runtime.tools.clock():
                return None
            return Visitor(found.id, found.fund, found.language)

    visitor = await anyio.to_thread.run_sync(look)
    if visitor is None:
        raise ApiError(401, "not_authorised", headers={"WWW-Authenticate": "Bearer"})
    request.state.language = visitor.language
    if visitor.conversation_id != conversation_id:
        raise ApiError(404, "not_found")
    return visitor


VisitorHere = Annotated[Visitor, Depends(visitor_of)]


@router.post("/conversations", status_code=201)
def start_conversation(
    runtime: RuntimeHere,
    request: Request,
    body: Annotated[NewConversation | None, Body()] = None,
    accept_language: Annotated[str | None, Header()] = None,
) -> dict[str, str]:
    """Open a conversation; its token is shown this once."""
    body = body or NewConversation()
    language = body.language or preferred_language(accept_language)
    fund = body.fund or runtime.settings.fund
    if fund not in runtime.funds:
        raise ApiError(422, "unknown_fund", field="fund", language=language)
    with runtime.tools.database.write() as session:
        conversation, token = service.start_conversation(
            session, fund=fund, channel="website", language=language, page_language=language, now=runtime.tools.clock()
        )
    return {"id": conversation.id, "token": token}


@router.post("/conversations/{conversation_id}/messages", status_code=202)
async def send_message(visitor: VisitorHere, runtime: RuntimeHere, body: NewMessage) -> dict[str, int]:
    """Store a line and have it answered; the same client id again gives the same line."""
    if not body.text.strip():
        raise ApiError(422, "empty", field="text")
    if not body.client_id.strip():
        raise ApiError(422, "invalid", field="client_id")

    def store() -> tuple[int, bool]:
        now = runtime.tools.clock()
        with runtime.tools.database.write() as session:
            message, is_new = service.store_member_message(
                session, conversation_id=visitor.conversation_id, client_id=body.client_id, text=body.text, now=now
            )
            if is_new and _sent_lately(session, visitor.conversation_id, since=now - PER) > MESSAGES_AT_ONCE:
                raise ApiError(429, "too_many", headers={"Retry-After": str(int(PER.total_seconds()))})
            return message.id, is_new

    try:
        message_id, is_new = await anyio.to_thread.run_sync(store)
    except service.ClientIdReused as error:
        raise ApiError(409, "conflict", field="client_id") from error
    if is_new:
        runtime.turns.wake(visitor.conversation_id)
        await runtime.bus.publish(f"conversation:{visitor.conversation_id}")
    return {"id": message_id}


def _sent_lately(session: Session, conversation_id: str, *, since) -> int:
    return session.scalar(
        select(func.count())
        .select_from(Message)
        .where(Message.conversation_id == conversation_id, Message.author == "member", Message.at > since)
    )


@router.get("/conversations/{conversation_id}/messages")
def read_messages(
    visitor: VisitorHere, runtime: RuntimeHere, after: Annotated[int, Query(ge=0, le=MOST_ID)] = 0
) -> list[dict[str, Any]]:
    """The lines after the one named, oldest first."""
    with runtime.tools.database.read() as session:
        return show_messages(session, conversation_id=visitor.conversation_id, after=after)


@router.get("/conversations/{conversation_id}")
def read_conversation(visitor: VisitorHere, runtime: RuntimeHere) -> dict[str, Any]:
    """Who answers now, in which language, and how the last message was taken."""
    with runtime.tools.database.read() as session:
        return show_conversation(session, conversation_id=visitor.conversation_id, runtime=runtime)


@router.get("/conversations/{conversation_id}/events")
async def stream_events(
    request: Request,
    visitor: VisitorHere,
    runtime: RuntimeHere,
    after: Annotated[int, Query(ge=0, le=MOST_ID)] = 0,
    last_event_id: Annotated[str | None, Header()] = None,
) -> EventSourceResponse:
    """The same lines as server-sent events, and the state whenever it changes; resumes after `Last-Event-ID`."""
    if last_event_id is not None and last_event_id.isdigit():
        after = min(int(last_event_id), MOST_ID)
    return EventSourceResponse(
        _events(visitor, runtime, after), ping=int(HEARTBEAT), headers={"Cache-Control": "no-store"}
    )


async def _events(visitor: Visitor, runtime: Runtime, after: int) -> AsyncIterator[ServerSentEvent]:
    def look(after: int) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        with runtime.tools.database.read() as session:
            lines = show_messages(session, conversation_id=visitor.conversation_id, after=after)
            return lines, show_conversation(session, conversation_id=visitor.conversation_id, runtime=runtime)

    shown: dict[str, Any] | None = None
    with runtime.bus.listen(f"conversation:{visitor.conversation_id}") as changed:
        while True:
            lines, state = await anyio.to_thread.run_sync(look, after)
            for line in lines:
                after = line["id"]
                yield ServerSentEvent(event="message", id=str(after), data=json.dumps(line, ensure_ascii=False))
            if state != shown:
                shown = state
                yield ServerSentEvent(event="state", data=json.dumps(state, ensure_ascii=False))
            await wait_for(changed, seconds=HEARTBEAT)


@router.post("/conversations/{conversation_id}/sign-in", status_code=204)
async def sign_in(visitor: VisitorHere, runtime: RuntimeHere, body: SignIn) -> Response:
    """Bind the conversation to the member that the portal names; the question that waited is answered unasked."""
    seen_at = system_clock()  # real time, not the demo's: a token's minutes are not for playing with
    try:
        token = await runtime.portal.verify(body.token, now=seen_at)
    except TokenRefused as error:
        raise ApiError(401, "sign_in_refused", field="token") from error

    def bind() -> None:
        with runtime.tools.database.write() as session:
            service.sign_in(
                session,
                conversation_id=visitor.conversation_id,
                member_id=token.member_id,
                token_id=token.id,
                token_expires_at=token.expires_at,
                token_seen_at=seen_at,
                now=runtime.tools.clock(),
            )

    try:
        await anyio.to_thread.run_sync(bind)
    except service.TokenUsed as error:
        raise ApiError(401, "sign_in_refused", field="token") from error
    except service.OtherMember as error:
        raise ApiError(403, "other_member", field="token") from error
    runtime.turns.wake(visitor.conversation_id)
    await runtime.bus.publish(f"conversation:{visitor.conversation_id}")
    return Response(status_code=204)


@router.delete("/conversations/{conversation_id}/sign-in", status_code=204)
async def sign_out(visitor: VisitorHere, runtime: RuntimeHere) -> Response:
    """Forget the sign-in."""

    def forget() -> None:
        with runtime.tools.database.write() as session:
            service.sign_out(session, conversation_id=visitor.conversation_id, now=runtime.tools.clock())

    await anyio.to_thread.run_sync(forget)
    await runtime.bus.publish(f"conversation:{visitor.conversation_id}")
    return Response(status_code=204)


def show_messages(session: Session, *, conversation_id: str, after: int) -> list[dict[str, Any]]:
    """The lines as the contract shows them; an officer's line names the officer."""
    lines = service.list_messages(session, conversation_id=conversation_id, after=after)
    officers = {line.officer_id for line in lines if line.officer_id}
    names = (
        dict(session.execute(select(Officer.id, Officer.name).where(Officer.id.in_(officers))).all())
        if officers
        else {}
    )
    return [show_message(line, officer=names.get(line.officer_id)) for line in lines]


def show_message(line: Message, *, officer: str | None = None) -> dict[str, Any]:
    """One line as the contract shows it."""
    shown = {
        "id": line.id,
        "in_reply_to": line.in_reply_to,
        "from": line.author,
        "text": line.text,
        "buttons": line.buttons,
        "sources": line.sources,
        "at": line.at.isoformat(timespec="milliseconds"),
    }
    return {**shown, "officer": officer} if officer else shown


def show_conversation(session: Session, *, conversation_id: str, runtime: Runtime) -> dict[str, Any]:
    """Owner, language, sign-in, whether something is still being worked on, and the last decision."""
    conversation = service.get_conversation(session, conversation_id)
    return {
        "owner": conversation.owner,
        "language": conversation.language,
        "signed_in": service.signed_in_member(conversation, now=runtime.tools.clock()) is not None,
        "busy": service.is_busy(session, conversation_id=conversation_id),
        "last": conversation.last,
    }
