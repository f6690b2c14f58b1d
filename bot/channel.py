"""The one way into Rasa: our API's, with the shared secret. Rasa's own channels, open to all, stay closed."""

import hmac
from typing import Any, Awaitable, Callable, Dict, Optional

import structlog
from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from rasa.core.channels.rest import RestInput
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

log = structlog.get_logger()

SECRET_HEADER = "X-Relais-Secret"


class RelaisInput(RestInput):
    """Takes `{sender, message, metadata}` and answers with what the action said; a failure is a 500, never silence."""

    @classmethod
    def name(cls) -> str:
        return "relais"

    @classmethod
    def from_credentials(cls, credentials: Optional[Dict[str, Any]]) -> InputChannel:
        secret = (credentials or {}).get("secret") or ""
        if len(secret) < 32 or "${" in secret:
            raise ValueError("the channel's secret is unset, too short or not expanded")
        return cls(secret)

    def __init__(self, secret: str):
        self._secret = secret.encode()

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        webhook = Blueprint("relais_webhook", __name__)

        def allowed(request: Request) -> bool:
            return hmac.compare_digest(request.headers.get(SECRET_HEADER, "").encode(), self._secret)

        @webhook.route("/", methods=["GET"])
        async def health(request: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        @webhook.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            if not allowed(request):
                return response.json({"error": "unauthorized"}, status=401)
            body = request.json
            if not isinstance(body, dict) or not all(isinstance(body.get(k), str) for k in ("sender", "message")):
                return response.json({"error": "malformed"}, status=400)
            collector = CollectingOutputChannel()
            try:
                await on_new_message(
                    UserMessage(
                        body["message"],
                        collector,
                        body["sender"],
                        input_channel=self.name(),
                        metadata=body.get("metadata") or {},
                    )
                )
            except Exception as error:
                # Only the kind of the failure: its text may quote the member.
                log.error("relais.turn.failed", kind=type(error).__name__)
                return response.json({"error": "failed"}, status=500)
            return response.json(collector.messages)

        return webhook
