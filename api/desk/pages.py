"""How Relais makes its own pages: templates, security headers, and errors as pages in the reader's language."""

import hashlib
from collections.abc import Callable, Coroutine
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from api.errors import preferred_language
from api.headers import SECURITY_HEADERS
from api.runtime import runtime_of
from fund.phrases import Say

HERE = Path(__file__).parent
STATIC = HERE / "static"

_templates = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


class PageError(Exception):
    """What a page says when something cannot be done: a status and a phrase of `desk.yml` with its values."""

    def __init__(self, status: int, key: str, *, extra: str = "", **values: Any) -> None:
        super().__init__(key)
        self.status, self.key, self.values = status, key, values
        self.extra = extra
        """Further pieces of the page to replace, for a page that asked by itself."""


class SignInNeeded(Exception):
    """Nobody is signed in at the desk, or no longer."""


class PageRoute(APIRoute):
    """A route that answers with a page: its errors are pages too, and every answer carries the security headers."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's handler between its errors and its headers."""
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                response = await handle(request)
            except SignInNeeded:
                response = _ask_to_sign_in(request)
            except PageError as error:
                response = _show_error(request, error)
            for name, value in SECURITY_HEADERS.items():
                response.headers.setdefault(name, value)
            return response

        return answer


def is_part(request: Request) -> bool:
    """Whether the page asks for a piece of itself, rather than a person for a page."""
    return request.headers.get("HX-Request") == "true" or request.url.path.startswith("/desk/parts/")


def language_of(request: Request) -> str:
    """The officer's desk language; before the sign-in, the browser's."""
    visit = getattr(request.state, "visit", None)
    return visit.language if visit else preferred_language(request.headers.get("accept-language"))


def voice_of(request: Request) -> Say:
    """What the desk says, in the reader's language."""
    phrases = runtime_of(request).tools.content.phrases
    return phrases.in_voice(language=language_of(request), address="je")


def show_page(request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """A page from a template."""
    return HTMLResponse(show_piece(request, template, **values), status_code=status)


def show_piece(request: Request, template: str, **values: Any) -> Markup:
    """A piece of a page from a template; every value in it is escaped."""
    runtime = runtime_of(request)
    visit = getattr(request.state, "visit", None)
    fund = runtime.tools.content.profiles[visit.fund if visit else runtime.settings.fund]
    scene = {
        "say": voice_of(request),
        "language": language_of(request),
        "visit": visit,
        "fund_name": fund.name,
        "asset": asset,
        "path": request.url.path,
    }
    return Markup(_templates.get_template(template).render({**scene, **values}))


@cache
def asset(name: str) -> str:
    """The address of a file of the desk; it changes with the file, so that browsers may keep it."""
    return f"/desk/static/{name}?v={hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]}"


def sign_in_address(request: Request, *, back: str) -> str:
    """Where to sign in, at the address that the sign-in provider sends people back to."""
    return f"{runtime_of(request).settings.address}/desk/sign-in?back={quote(back)}"


def _ask_to_sign_in(request: Request) -> Response:
    if is_part(request):
        link = sign_in_address(request, back=urlsplit(request.headers.get("HX-Current-URL", "")).path or "/desk")
        return _notice(request, 401, show_piece(request, "session_ended.html", link=link))
    return RedirectResponse(
        sign_in_address(request, back=request.url.path if request.method == "GET" else "/desk"), 303
    )


def _show_error(request: Request, error: PageError) -> Response:
    text = voice_of(request)(f"desk.{error.key}", **error.values)
    if is_part(request):
        return _notice(request, error.status, show_piece(request, "notice.html", text=text) + error.extra)
    return show_page(request, "error.html", status=error.status, text=text)


def _notice(request: Request, status: int, html: Markup) -> HTMLResponse:
    headers = {"HX-Retarget": "#notice", "HX-Reswap": "innerHTML"}
    if request.method != "GET":
        headers["HX-Trigger"] = "changed"  # whatever went wrong, the page now shows how things stand
    return HTMLResponse(html, status_code=status, headers=headers)
