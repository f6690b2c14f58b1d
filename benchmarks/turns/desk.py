"""How soon an officer sees who asks for a person: an officer of the demo with the desk open, as the page does it."""

import asyncio

import httpx

from api.settings import Settings
from benchmarks.turns.load import Seen
from benchmarks.turns.people import PATIENCE, Members

OFFICER = f"{Settings.model_fields['fund'].default}-karim"
WISH = {"nl": "ik wil met een medewerker praten", "fr": "je veux parler à un conseiller"}


async def measure_hand_over(url: str, members: Members) -> Seen:
    """Every member of `members` asks for a person; from the message sent until the officer's page names them."""
    seen = Seen()
    loop = asyncio.get_running_loop()
    timeout = httpx.Timeout(PATIENCE, read=None)
    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=timeout, follow_redirects=True) as officer:
        await _sign_in(officer)
        changed = asyncio.Event()
        stream = asyncio.create_task(_listen(officer, changed))
        try:
            for number, chat in enumerate(members.chats):
                sent = loop.time()
                await members.send(chat, WISH["nl" if number % 2 else "fr"])
                seen.add(since=sent, answered=await _appears(officer, chat.id, changed, until=sent + PATIENCE))
        finally:
            stream.cancel()
            await asyncio.gather(stream, return_exceptions=True)
    return seen


async def _sign_in(officer: httpx.AsyncClient) -> None:
    page = await officer.get("/desk/sign-in")
    form = {**page.url.params, "officer": OFFICER}
    (await officer.post(page.url.copy_with(query=None), data=form)).raise_for_status()


async def _listen(officer: httpx.AsyncClient, changed: asyncio.Event) -> None:
    async with officer.stream("GET", "/desk/parts/events") as stream:
        async for line in stream.aiter_lines():
            if line.startswith("data"):
                changed.set()


async def _appears(officer: httpx.AsyncClient, conversation: str, changed: asyncio.Event, *, until: float):
    """The moment at which the overview names the conversation, asked for at every signal; None when it never does."""
    loop = asyncio.get_running_loop()
    while loop.time() < until:
        try:
            await asyncio.wait_for(changed.wait(), until - loop.time())
        except TimeoutError:
            break
        changed.clear()
        page = await officer.get("/desk/parts/overview")
        if conversation in page.text:
            return loop.time()
    return None
