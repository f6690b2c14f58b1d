"""Asks Rasa one turn over its private channel."""

from typing import Any

import httpx

from api.seam import SECRET_HEADER
from fund.conversations.reply import Reply
from fund.conversations.service import LeasedTurn

# In front of a text that would be a command: Rasa takes what starts with "/" for an intent it must believe.
GUARD = "\u200b"


class RasaFailed(Exception):
    """Rasa did not give exactly one reply in time."""


def neutralise(text: str) -> str:
    """The text as plain words for Rasa: `/restart`, in whatever spaces it is wrapped, stays a text."""
    return f"{GUARD}{text}" if text.strip(" \t\r\n\f\v" + GUARD).lstrip().startswith("/") else text


class Rasa:
    """A client with pooled connections; one call per turn."""

    def __init__(self, *, url: str, secret: str, timeout: float) -> None:
        # Rasa closes a connection that rests for 5 seconds: ours rest for less, or one may close as we write.
        limits = httpx.Limits(max_connections=100, max_keepalive_connections=40, keepalive_expiry=3.0)
        self._client = httpx.AsyncClient(
            base_url=url,
            headers={SECRET_HEADER: secret},
            timeout=httpx.Timeout(timeout, connect=2.0),
            limits=limits,
            trust_env=False,
        )

    async def ask(self, turn: LeasedTurn, *, chosen: dict[str, Any] | None) -> Reply:
        """The reply to a turn. RasaFailed when Rasa is silent, broken or says something else than one reply."""
        metadata = {
            "turn_key": turn.key,
            "language": turn.language,
            "page_language": turn.page_language,
            "topic": turn.state.get("topic"),
            "chosen": chosen,
        }
        body = {"sender": turn.rasa_sender, "message": neutralise(turn.text), "metadata": metadata}
        try:
            response = await self._client.post("/webhooks/relais/webhook", json=body)
            response.raise_for_status()
            messages = response.json()
            if len(messages) != 1:
                raise RasaFailed(f"{len(messages)} messages instead of one")
            return Reply.from_json(messages[0]["custom"])
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            raise RasaFailed(type(error).__name__) from error

    async def is_ready(self) -> bool:
        """Whether Rasa's channel answers with a model loaded."""
        return await self.answers("/webhooks/relais/")

    async def answers(self, url: str) -> bool:
        """Whether a private address answers 200."""
        try:
            return (await self._client.get(url, timeout=2.0)).status_code == 200
        except httpx.HTTPError:
            return False

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()
