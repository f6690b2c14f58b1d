"""All answers on one page, as members get them: to read, to search and to print."""

import unicodedata
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import anyio.to_thread
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from actions.tools import Content
from api.errors import ApiError, preferred_language
from api.headers import SECURITY_HEADERS
from api.runtime import Runtime, runtime_of
from fund.answers.content import NoAnswerError
from fund.answers.render import Answer, render_answer
from fund.clock import day_in_belgium
from fund.formats import format_date
from fund.profiles import Profile

HERE = Path(__file__).parent
FIRST_DAY = date(2018, 1, 1)
MOST_KEPT = 8
"""Pages that are kept made up: a page of every answer takes a third of a second."""

router = APIRouter(tags=["answers"])
RuntimeHere = Annotated[Runtime, Depends(runtime_of)]
Language = Literal["nl", "fr"]

_templates = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True)
class Entry:
    """One topic on the page; `answer` None when the day has none. `words`: what a search looks through."""

    topic: str
    label: str
    answer: Answer | None
    words: str


_Made = tuple[Content, dict[str, list[Entry]]]
_kept: dict[tuple[str, str, date], _Made] = {}
"""The entries by fund, language and day, with the content that they were made from."""


@router.get("/answers")
def answers_start(request: Request) -> RedirectResponse:
    """The page in the browser's language."""
    return RedirectResponse(f"/answers/{preferred_language(request.headers.get('accept-language'))}", 303)


@router.get("/answers/static/{name}")
def answers_file(name: Literal["answers.css", "answers.js"]) -> FileResponse:
    """Style and script of the page."""
    return FileResponse(HERE / "static" / name)


@router.get("/answers/{language}")
async def answers_page(
    request: Request,
    runtime: RuntimeHere,
    language: Language,
    q: Annotated[str, Query(max_length=200)] = "",
    on: str = "",
    fund: str = "",
) -> HTMLResponse:
    """Every answer of a fund in full, on a day (today, or `on` in ISO), those alone in which all words of `q` stand."""
    profile = runtime.funds.get(fund or runtime.settings.fund)
    if profile is None:
        raise ApiError(422, "unknown_fund", field="fund", language=language)
    today = day_in_belgium(runtime.tools.clock())
    day = _day(on, today=today, language=language)
    content = runtime.tools.content
    groups = await anyio.to_thread.run_sync(_entries, content, profile, language, day)
    wanted = _plain(q).split()
    found = {
        group: [entry for entry in entries if all(word in entry.words for word in wanted)]
        for group, entries in groups.items()
    }
    say = content.voice(fund=profile.id, language=language)
    page = _templates.get_template("answers.html").render(
        language=language,
        say=say,
        fund=profile,
        funds=[one for one in runtime.funds.values() if len(runtime.funds) > 1],
        groups=[(id, content.groups[id][language], entries) for id, entries in found.items() if entries],
        count=sum(map(len, found.values())),
        q=q,
        day=day,
        today=today,
        day_in_words=lambda text: format_date(date.fromisoformat(text), language),
    )
    return HTMLResponse(page, headers={**SECURITY_HEADERS, "Cache-Control": "public, max-age=60"})


def _day(text: str, *, today: date, language: str) -> date:
    """The day asked; ApiError unless it is an ISO date from FIRST_DAY up to the end of next year."""
    if not text:
        return today
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or not FIRST_DAY <= day <= date(today.year + 1, 12, 31):
        raise ApiError(422, "wrong_day", field="on", language=language)
    return day


def _entries(content: Content, profile: Profile, language: str, on: date) -> dict[str, list[Entry]]:
    """All topics by group, made up once and kept as long as the content is the same."""
    key = (profile.id, language, on)
    kept = _kept.get(key)
    if kept is not None and kept[0] is content:
        return kept[1]
    groups: dict[str, list[Entry]] = {group: [] for group in content.groups}
    for topic in content.topics.values():
        try:
            answer = render_answer(
                topic.id, answers=content.answers, law=content.law, profile=profile, language=language, on=on,
                length="full",
            )  # fmt: skip
        except NoAnswerError:
            answer = None
        words = " ".join([*topic.labels.values(), *topic.also, *([answer.title, answer.text] if answer else [])])
        groups[topic.group].append(Entry(topic.id, topic.labels[language], answer, _plain(words)))
    while len(_kept) >= MOST_KEPT:
        _kept.pop(next(iter(_kept)), None)
    _kept[key] = (content, groups)
    return groups


def _plain(text: str) -> str:
    """Lower case, no accents: how people type what they look for."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
