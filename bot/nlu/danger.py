"""Phrases that mean danger by themselves: a reviewed list beside the classifier, because missing one costs a life."""

import re
from pathlib import Path
from typing import List

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.utils.io import read_yaml_file

from bot.nlu.step import Step
from bot.nlu.text import NORMALISED, normalise

DATA = Path(__file__).resolve().parent.parent.parent / "data"
DANGER = "danger"

_NOT_A_WORD = re.compile(r"\W+")


def _as_words(text: str) -> str:
    return f" {_NOT_A_WORD.sub(' ', normalise(text)).strip()} "


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class DangerPhrases(Step):
    """Sets `danger` when the message holds one of the phrases of `data/<language>/distress_phrases.yml`."""

    def __init__(self) -> None:
        files = sorted(DATA.glob("*/distress_phrases.yml"))
        phrases = [phrase for file in files for phrase in read_yaml_file(file)["phrases"]]
        self._phrases = [_as_words(phrase) for phrase in phrases]

    def process(self, messages: List[Message]) -> List[Message]:
        """Look each message through."""
        for message in messages:
            words = _as_words(message.get(NORMALISED) or "")
            message.set(DANGER, any(phrase in words for phrase in self._phrases), add_to_output=True)
        return messages
