"""The action that takes a turn: who asks stands in the turn's own row, what was understood comes from Rasa."""

import hmac
from dataclasses import replace
from typing import Any

import anyio.to_thread
from rasa_sdk import Action, Tracker
from rasa_sdk.executor import ActionExecutor, CollectingDispatcher

from actions.hands import HANDS, Case, situation_of
from actions.tools import Tools
from fund.conversations.boundary import Understanding, decide
from fund.conversations.reply import Reply
from fund.conversations.service import LeasedTurn, find_leased_turn


class TurnRefused(Exception):
    """The turn key is missing, unknown, used up or of another conversation."""


class ActionTurn(Action):
    """Answers one turn with one message that holds the whole reply."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def name(self) -> str:
        """The name that Rasa calls."""
        return "action_turn"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict) -> list[dict[str, Any]]:
        """Work out the reply off the event loop. Raises TurnRefused without a turn under lease."""
        result = await anyio.to_thread.run_sync(take_turn, self._tools, tracker.latest_message, tracker.sender_id)
        dispatcher.utter_message(json_message=result.to_json())
        return []


def build_executor(tools: Tools) -> ActionExecutor:
    """The rasa-sdk executor with our actions."""
    executor = ActionExecutor()
    executor.register_action(ActionTurn(tools))
    return executor


def take_turn(tools: Tools, latest_message: dict[str, Any], sender: str) -> Reply:
    """The reply to the turn whose key stands in the message's metadata."""
    now = tools.clock()
    key = (latest_message.get("metadata") or {}).get("turn_key")
    if not isinstance(key, str) or not key:
        raise TurnRefused
    with tools.database.read() as session:
        turn = find_leased_turn(session, key=key, now=now)
    if turn is None or turn.owner != "bot" or not hmac.compare_digest(turn.rasa_sender, sender):
        raise TurnRefused
    message = Understanding.from_parse(latest_message)
    situation = situation_of(turn, tools)
    decision = decide(message, situation)
    case = Case(
        turn=turn,
        message=message,
        decision=decision,
        situation=situation,
        language=_language(turn, message),
        tools=tools,
        now=now,
    )
    return _with_trace(case, _with_other_questions(case, HANDS[decision.hand](case)))


def _language(turn: LeasedTurn, message: Understanding) -> str:
    """The language of the reply: an explicit wish stays; else that of the message, if it is one of ours."""
    if message.language == "other":
        return turn.language
    return turn.state.get("language_chosen") or message.language


def _with_other_questions(case: Case, first: Reply) -> Reply:
    """The other questions of the message: a general answer follows in the same reply, else a word that it was seen."""
    if case.decision.hand != "answer":
        return first
    result = first
    for part in case.message.parts:
        if part["topic"] == case.topic:
            continue
        topic = case.tools.content.topics[part["topic"]]
        if part["need"] != "information":
            later = case.say("chat.other_question", topic=case.label(topic.id))
            result = replace(result, text=f"{result.text}\n\n{later}")
            continue
        other = replace(case, message=replace(case.message, topic=topic.id, need="information", facet=None, parts=()))
        more = HANDS["answer"](other)
        result = replace(
            result,
            text=f"{result.text}\n\n{case.label(topic.id)}\n{more.text}",
            sources=[*result.sources, *(source for source in more.sources if source not in result.sources)],
            trace={**result.trace, "also": [*result.trace.get("also", []), more.trace]},
        )
    return result


def _with_trace(case: Case, result: Reply) -> Reply:
    """Add what was understood and decided; tell once that a number was masked."""
    text = result.text
    if case.turn.masked and case.turn.kind == "message":
        text = f"{case.say('chat.masked')}\n\n{text}"
    message = case.message
    understood = {
        "language": message.language,
        "topic": message.topic,
        "need": message.need,
        "kind": message.kind,
        "facet": message.facet,
        "follow_up": message.follow_up,
        "confidence": round(message.confidence, 3),
        "alternatives": list(message.alternatives),
    }
    # What a rejected answer is asked back with: the neighbours of the last topic, not those of "no, that is not it".
    state = dict(result.state)
    if "." in message.topic:
        state["alternatives"] = list(message.alternatives)[:3]
    return replace(
        result,
        text=text,
        state=state,
        trace={**result.trace, "understood": understood, "hand": case.decision.hand, "turn": case.turn.id},
    )
