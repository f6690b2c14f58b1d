"""A desk on a fresh database: officers who are signed in, and conversations that wait for them."""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.app import create_app
from api.bus import Bus
from api.identity.officers import SESSION_COOKIE, open_session
from api.runtime import Runtime
from fund.clock import system_clock
from fund.conversations import service
from fund.conversations.models import Conversation, Message, Turn
from fund.database import Database
from fund.requests.models import Request

PUBLIC = "http://127.0.0.1:8000"


class HeardBus(Bus):
    """A bus that remembers what was published."""

    def __init__(self) -> None:
        super().__init__(None)
        self.heard: list[str] = []

    async def publish(self, *names: str) -> None:
        self.heard.extend(names)
        await super().publish(*names)


@dataclass
class Officer:
    """An officer at the desk, in a browser of their own."""

    id: str
    name: str
    browser: TestClient
    csrf: str

    def get(self, path: str, **options):
        return self.browser.get(path, **options)

    def post(self, path: str, *, by_page: bool = True, **fields: str):
        """Post a form as the page does (HTMX), or as a browser without scripts."""
        headers = {"HX-Request": "true"} if by_page else {}
        return self.browser.post(path, data={"csrf": self.csrf, **fields}, headers=headers)


@dataclass
class World:
    """The app, its clock, and ways to make things happen outside the desk."""

    runtime: Runtime
    app: FastAPI
    bus: HeardBus
    now: datetime = field(default_factory=lambda: system_clock().replace(microsecond=0))

    def pass_time(self, **time: float) -> None:
        self.now += timedelta(**time)

    @property
    def database(self) -> Database:
        return self.runtime.tools.database

    def browser(self) -> TestClient:
        return TestClient(self.app, base_url=PUBLIC, follow_redirects=False)

    def officer(
        self, key: str = "an", *, name: str = "An Peeters", fund: str = "liantis", languages=("nl",), roles=("officer",)
    ):
        """Sign an officer in without the way over the provider."""
        id = f"{fund}-{key}"
        with self.database.write() as session:
            service.save_officer(
                session, officer_id=id, name=name, fund=fund, languages=list(languages), roles=list(roles), now=self.now
            )
            session.flush()
            secret = open_session(session, officer_id=id, now=self.now)
        browser = self.browser()
        browser.cookies.set(SESSION_COOKIE, secret, path="/desk")
        page = browser.get("/desk").text
        csrf = re.search(r'name="csrf" value="([^"]+)"', page)
        return Officer(id, name, browser, csrf.group(1) if csrf else "")

    def conversation(
        self,
        *,
        fund: str = "liantis",
        language: str = "nl",
        reason: str | None = "wants_person",
        topic: str | None = "contributions.payment_plan",
        text: str = "Ik wil iemand spreken",
        waits: timedelta = timedelta(minutes=4),
    ) -> str:
        """A conversation with a member's line; handed over, unless `reason` is None."""
        then = self.now - waits
        with self.database.write() as session:
            made, _ = service.start_conversation(
                session, fund=fund, channel="website", language=language, page_language=language, now=then
            )
            message, _ = service.store_member_message(
                session, conversation_id=made.id, client_id="1", text=text, now=then
            )
            turn = session.query(Turn).filter_by(message_id=message.id).one()
            turn.done_at = then
            if reason is not None:
                service.hand_over(session, conversation=made, reason=reason, topic=topic, now=then)
            return made.id

    def say(self, conversation: str, text: str, *, author: str = "member", **columns) -> int:
        """Another line in a conversation, not from the desk."""
        with self.database.write() as session:
            locked = service.lock_conversation(session, conversation)
            return service.add_line(session, conversation=locked, author=author, text=text, now=self.now, **columns).id

    def hand_over(self, conversation: str, *, reason: str = "wants_person") -> None:
        with self.database.write() as session:
            locked = service.lock_conversation(session, conversation)
            service.hand_over(session, conversation=locked, reason=reason, topic=None, now=self.now)

    def claim(self, conversation: str, officer: Officer) -> None:
        """An officer takes over in another process, of which this one has not heard yet."""
        with self.database.write() as session:
            assert service.claim_conversation(
                session, conversation_id=conversation, officer_id=officer.id, fund="liantis", now=self.now
            )

    def request(self, conversation: str, *, reference: str = "R26-0000001-44", due_in: int = 20, **columns) -> str:
        """A registered request in a conversation."""
        with self.database.write() as session:
            found = session.get_one(Conversation, conversation)
            turn = session.query(Turn).filter_by(conversation_id=conversation).first()
            request = Request(
                reference=reference,
                fund=found.fund,
                conversation_id=conversation,
                turn_id=turn.id,
                kind="application",
                topic="contributions.exemption",
                text="Ik vraag vrijstelling.",
                language=found.language,
                registered_at=self.now,
                due_on=(self.now + timedelta(days=due_in)).date(),
            )
            for name, value in columns.items():
                setattr(request, name, value)
            session.add(request)
        return reference

    def read(self, conversation: str) -> tuple[Conversation, list[Message]]:
        """The conversation and its lines as they lie in the database."""
        with self.database.read() as session:
            found = session.get_one(Conversation, conversation)
            return found, list(service.list_messages(session, conversation_id=conversation))


def world_on(database: Database, built: Runtime) -> World:
    """The app on this database."""
    bus = HeardBus()
    runtime = replace(built, tools=replace(built.tools, database=database, clock=lambda: world.now), bus=bus)
    world = World(runtime, create_app(runtime), bus)
    return world
