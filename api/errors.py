"""One shape for every error: `{error: {code, message, field?}}`, the message in the reader's language."""

import logging
from typing import Any

import anyio.to_thread
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.log import where
from fund.conversations import service
from fund.conversations.models import Conversation
from fund.phrases import LANGUAGES

log = logging.getLogger("relais.doors")

MOST_BYTES = 64 * 1024
MOST_CHARACTERS = 10_000

_CODE_OF_STATUS = {
    400: "malformed",
    401: "not_authorised",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
}


class ApiError(Exception):
    """An error with a code that is also the key of its text in `data/<language>/phrases/errors.yml`."""

    def __init__(
        self,
        status: int,
        code: str,
        *,
        field: str | None = None,
        language: str | None = None,
        headers: dict[str, str] | None = None,
        **values: Any,
    ) -> None:
        super().__init__(code)
        self.status, self.code, self.field = status, code, field
        self.language, self.headers, self.values = language, headers, values


def preferred_language(header: str | None) -> str:
    """The first of our languages in an Accept-Language header by weight; Dutch when it names none."""
    best, weight_of_best = "nl", 0.0
    for part in (header or "").split(",")[:20]:
        tag, _, parameters = part.strip().partition(";")
        language = tag.strip().lower().split("-")[0]
        try:
            weight = float(parameters.strip().removeprefix("q=")) if parameters.strip() else 1.0
        except ValueError:
            weight = 0.0
        if language in LANGUAGES and weight > weight_of_best:
            best, weight_of_best = language, weight
    return best


async def error_response(request: Request, error: ApiError) -> JSONResponse:
    """The JSON of an error, in the language of the conversation that the token opens, else in the preferred one."""
    runtime = request.app.state.runtime
    language = error.language or getattr(request.state, "language", None)
    if language is None:
        language = await anyio.to_thread.run_sync(_language_by_token, request)
    language = language or preferred_language(request.headers.get("accept-language"))
    say = runtime.tools.content.voice(fund=runtime.settings.fund, language=language)
    message = say(f"errors.{error.code}", field=error.field, **error.values)
    body: dict[str, Any] = {"code": error.code, "message": message}
    if error.field:
        body["field"] = error.field
    return JSONResponse({"error": body}, status_code=error.status, headers=error.headers)


def _language_by_token(request: Request) -> str | None:
    """A body that cannot be read is refused before anybody asks whose conversation it is; its sender still reads it."""
    token = request.headers.get("authorization", "").partition(" ")[2].strip()
    if not token:
        return None
    try:
        with request.app.state.runtime.tools.database.read() as session:
            return session.scalar(
                select(Conversation.language).where(Conversation.token_hash == service.fingerprint(token))
            )
    except SQLAlchemyError:  # the database may be what has failed: the error is told all the same
        return None


def install_error_handlers(app: FastAPI) -> None:
    """Give every error of the app the same shape."""

    @app.exception_handler(ApiError)
    async def _known(request: Request, error: ApiError) -> JSONResponse:
        return await error_response(request, error)

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        return await error_response(request, _explain(error))

    @app.exception_handler(HTTPException)
    async def _status(request: Request, error: HTTPException) -> JSONResponse:
        code = _CODE_OF_STATUS.get(error.status_code, "internal" if error.status_code >= 500 else "malformed")
        return await error_response(request, ApiError(error.status_code, code, headers=error.headers))

    @app.exception_handler(Exception)
    async def _defect(request: Request, error: Exception) -> JSONResponse:
        route = request.scope.get("route")
        log.error("%s %s failed: %s", request.method, getattr(route, "path", "?"), where(error))
        return await error_response(request, ApiError(500, "internal"))


def _explain(error: RequestValidationError) -> ApiError:
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        return ApiError(400, "malformed")
    field = str(first["loc"][-1]) if first.get("loc") else "body"
    if field == "text" and first["type"] == "string_too_long":
        return ApiError(422, "too_long", field=field, limit=MOST_CHARACTERS)
    if field == "text" and first["type"] in ("string_too_short", "missing"):
        return ApiError(422, "empty", field=field)
    return ApiError(422, "invalid", field=field[:40])


class LimitBody:
    """ASGI middleware that refuses a body over the limit, announced or not, before anything reads it whole."""

    def __init__(self, app: ASGIApp, *, most: int = MOST_BYTES) -> None:
        self._app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = dict(scope["headers"]).get(b"content-length", b"")
        if announced.isdigit() and int(announced) > self._most:
            await self._refuse(scope, receive, send)
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._most:
                raise HTTPException(413)  # the only kind that FastAPI lets pass while it reads a body
            return message

        await self._app(scope, counted, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await error_response(Request(scope, receive), ApiError(413, "too_large"))
        await response(scope, receive, send)
