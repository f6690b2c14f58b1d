"""What one turn gives back: the line for the member and all that is to be kept with it."""

from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

from fund.phrases import LANGUAGES

Outcome = Literal["answered", "asked_back", "asked_sign_in", "request_started", "handed_over", "small_talk"]
OUTCOMES = ("answered", "asked_back", "asked_sign_in", "request_started", "handed_over", "small_talk")


@dataclass(frozen=True)
class Reply:
    """One reply. It travels as JSON from the action through Rasa back to the turn, and is stored there in one piece."""

    text: str
    topic: str
    need: str | None
    outcome: Outcome
    language: str
    owner: str = "bot"
    reason: str | None = None
    buttons: list[dict[str, str]] = field(default_factory=list)
    sources: list[dict[str, str]] = field(default_factory=list)
    state: dict[str, Any] = field(default_factory=dict)
    """The conversation's state after this turn, whole."""
    trace: dict[str, Any] = field(default_factory=dict)
    """How the reply came about: understanding, answer and version, parameters with their dates, file queries."""
    request: dict[str, Any] | None = None
    """A request to register together with the reply."""

    def to_json(self) -> dict[str, Any]:
        """The reply as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Reply":
        """The reply from what came over the seam; TypeError or ValueError when it is not one."""
        known = {f.name for f in fields(cls)}
        if not isinstance(data, dict) or set(data) - known:
            raise ValueError("not a reply")
        reply = cls(**data)
        if not isinstance(reply.text, str) or not reply.text or reply.language not in LANGUAGES:
            raise ValueError("not a reply")
        if reply.outcome not in OUTCOMES or reply.owner not in ("bot", "queue"):
            raise ValueError("not a reply")
        if len({reply.owner == "queue", reply.outcome == "handed_over", bool(reply.reason)}) > 1:
            raise ValueError("a hand-over, and nothing else, goes to the queue with its reason")
        return reply
