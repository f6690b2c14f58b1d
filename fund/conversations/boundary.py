"""The boundary: what happens with a message, decided by one pure function, first line that fits.

It sees what was understood and where the conversation stands, never the words of the message.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

SMALL_TALK = "small_talk"
OUT_OF_SCOPE = "out_of_scope"

# Probabilities that the topic is right: above SURE the bot answers, below UNSURE it says that it did not understand.
SURE = 0.35
UNSURE = 0.12
# A figure that the member typed asks for a sum; a wish for advice must then be clearer than elsewhere.
ADVICE = 0.6

Hand = Literal[
    "answer",
    "ask_back",
    "ask_sign_in",
    "decline_sign_in",
    "hand_over",
    "look_into_file",
    "mandate",
    "out_of_scope",
    "register",
    "small_talk",
]


@dataclass(frozen=True)
class Understanding:
    """What the brain made of a message."""

    language: str
    topic: str
    need: str | None
    confidence: float
    need_confidence: float = 1.0
    alternatives: tuple[str, ...] = ()
    kind: str | None = None
    """Of small talk: greeting, thanks, wants_person, rejects_answer, distress, …"""
    facet: str | None = None
    follow_up: bool = False
    correction: bool = False
    danger: bool = False
    dispute: bool = False
    other_file: bool = False
    entities: tuple[Mapping[str, Any], ...] = ()
    parts: tuple[Mapping[str, Any], ...] = ()

    @property
    def own_figures(self) -> bool:
        """Whether the member typed an income or a balance sheet total to work with."""
        return any(entity.get("role") in ("income", "balance") for entity in self.entities)

    @classmethod
    def from_parse(cls, parse: Mapping[str, Any]) -> "Understanding":
        """From the top of Rasa's `latest_message`."""
        return cls(
            language=parse.get("language") or "other",
            topic=parse.get("topic") or OUT_OF_SCOPE,
            need=parse.get("need"),
            confidence=float(parse.get("confidence") or 0.0),
            need_confidence=float(parse.get("need_confidence") or 0.0),
            alternatives=tuple(parse.get("alternatives") or ()),
            kind=parse.get("kind"),
            facet=parse.get("facet"),
            follow_up=bool(parse.get("follow_up")),
            correction=bool(parse.get("correction")),
            danger=bool(parse.get("danger")),
            dispute=bool(parse.get("dispute")),
            other_file=bool(parse.get("other_file")),
            entities=tuple(parse.get("entities") or ()),
            parts=tuple(parse.get("parts") or ()),
        )


@dataclass(frozen=True)
class Situation:
    """Where the conversation stands before this message."""

    signed_in: bool = False
    asked_sign_in: bool = False
    """The last reply asked to sign in."""
    refused_topics: frozenset[str] = field(default_factory=frozenset)
    """Topics for which the member preferred not to sign in."""
    missed: int = 0
    """Messages in a row that were not understood or out of scope."""
    rejected: int = 0
    """Answers on the present topic that the member rejected."""
    file_topics: frozenset[str] = field(default_factory=frozenset)
    """Topics on which the member's file says something."""
    calculable_topics: frozenset[str] = field(default_factory=frozenset)
    """Topics on which a sum can be made with figures that the member types."""


@dataclass(frozen=True)
class Decision:
    """Which hand acts, and why: a hand-over always says it, asking back when the message was not understood."""

    hand: Hand
    reason: str | None = None


def decide(message: Understanding, situation: Situation) -> Decision:
    """The table of the boundary, line by line; the order is the rule."""
    if message.danger or (message.kind == "distress" and message.confidence >= UNSURE):
        return Decision("hand_over", "distress")
    if message.kind == "wants_person":
        return Decision("hand_over", "wants_person")
    understood = message.confidence >= UNSURE
    sure = message.confidence >= SURE
    on_topic = "." in message.topic
    a_sum = message.own_figures and message.topic in situation.calculable_topics
    if on_topic and understood and message.need == "advice" and message.need_confidence >= (ADVICE if a_sum else SURE):
        return Decision("hand_over", _advice_reason(message))
    if on_topic and understood and message.other_file:
        return Decision("mandate")
    if message.topic == OUT_OF_SCOPE or not understood or message.language == "other":
        lost = "out_of_scope" if message.topic == OUT_OF_SCOPE or message.language == "other" else "not_understood"
        if situation.missed >= 1:
            return Decision("hand_over", f"{lost}_twice")
        return Decision("out_of_scope") if lost == "out_of_scope" else Decision("ask_back", lost)
    if message.kind == "rejects_answer":
        return Decision("hand_over", "rejected_answer") if situation.rejected >= 1 else Decision("ask_back")
    if message.topic == SMALL_TALK and message.kind == "declines" and situation.asked_sign_in:
        return Decision("decline_sign_in")
    # File and requests are acted upon by topic: an unsure one is asked back before anybody signs in or registers.
    # So is unsure small talk: better a choice of topics than thanks for a question that was not asked.
    if not sure:
        return Decision("ask_back")
    if message.topic == SMALL_TALK:
        return Decision("small_talk")
    if message.need in ("my_file", "advice") and a_sum:
        return Decision("answer")  # "what do I pay on 30,000?" asks for a sum, not for the file
    if message.need == "my_file" or (message.need == "request" and message.topic in situation.file_topics):
        if not situation.signed_in:
            return Decision("decline_sign_in" if message.topic in situation.refused_topics else "ask_sign_in")
        if message.need == "my_file":
            return Decision("look_into_file")
    if message.need == "request":
        return Decision("register")
    return Decision("answer")


def _advice_reason(message: Understanding) -> str:
    if message.topic == "recovery.judicial":
        return "judicial"
    return "dispute" if message.dispute else "advice"
