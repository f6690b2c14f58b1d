"""Phrases that mean danger by themselves: a reviewed list beside the classifier, because missing one costs a life."""

import re
from pathlib import Path
from typing import Any, Dict, List

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.utils.io import read_yaml_file

from bot.nlu.text import NORMALISED, normalise

DATA = Path(__file__).resolve().parent.parent.parent / "data"
DANGER = "danger"

_NOT_A_WORD = re.compile(r"[^\w']+")


def _as_words(text: str) -> str:
    return f" {_NOT_A_WORD.sub(' ', normalise(text)).strip()} "


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class DangerPhrases(GraphComponent):
    """Sets `danger` when the message holds one of the phrases of `data/<language>/distress_phrases.yml`."""

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "DangerPhrases":
        files = sorted(DATA.glob("*/distress_phrases.yml"))
        return cls([phrase for file in files for phrase in read_yaml_file(file)["phrases"]])

    def __init__(self, phrases: List[str]) -> None:
        self._phrases = [_as_words(phrase) for phrase in phrases]

    def process(self, messages: List[Message]) -> List[Message]:
        """Look each message through."""
        for message in messages:
            words = _as_words(message.get(NORMALISED) or "")
            message.set(DANGER, any(phrase in words for phrase in self._phrases), add_to_output=True)
        return messages
