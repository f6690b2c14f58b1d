"""First step: the text as the member wrote it, without the guard against slash commands or control characters."""

import re
import unicodedata
from typing import List

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.step import Step

# Our API puts it in front of a text that starts with "/", which Rasa would take for a command.
GUARD = "\u200b"
# What decides stands at the start or the end of a long story; more costs time and adds noise.
MOST_CHARACTERS = 1_500
LONGEST_WORD = 60

# Our own fields: Rasa looks at its `text` again after the pipeline, and must go on seeing the guard there.
CLEAN = "clean"
CORE = "core"
NORMALISED = "normalised"

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufe0f]")
_SPACES = re.compile(r"\s+")
_LONG_WORD = re.compile(rf"\S{{{LONGEST_WORD},}}")
_GREETING = re.compile(
    r"^(?:(?:dag|hallo|hoi|hey|hi|hello|goeiedag|goeiendag|goedendag|goeiemorgen|goedemorgen|goeiemiddag|goedemiddag|"
    r"goeienavond|goedenavond|beste|geachte|bonjour|bonsoir|salut|coucou|cher|chere|chère|rebonjour)\b"
    r"(?: (?:allemaal|iedereen|meneer|mevrouw|monsieur|madame|messieurs|mesdames|à tous|a tous))*[ ,.;:!-]*)+",
    re.IGNORECASE,
)
_THANKS = re.compile(
    r"[ ,.;:!-]*(?:\b(?:alvast bedankt|bedankt|dank (?:je|u)(?: wel)?|dankjewel|dankuwel|merci(?: beaucoup)?"
    r"(?: d'avance| alvast)?|mvg|met vriendelijke groeten?|groetjes|groeten|cordialement|bien à vous|aub|svp|stp)"
    r"[ .!]*)+$",
    re.IGNORECASE,
)
_REPEATED = re.compile(r"(.)\1{3,}")


def clean(text: str) -> str:
    """The text in one Unicode form, without control characters, shortened in the middle when very long."""
    text = unicodedata.normalize("NFKC", text.replace(GUARD, ""))
    text = _SPACES.sub(" ", _CONTROL.sub(" ", text)).strip()
    text = _LONG_WORD.sub(lambda word: word.group()[:LONGEST_WORD], text)
    if len(text) > MOST_CHARACTERS:
        half = MOST_CHARACTERS // 2
        text = f"{text[:half]} {text[-half:]}"
    return text


def without_courtesy(text: str) -> str:
    """The text without greeting and thanks around it, unless it is nothing but that."""
    core = _THANKS.sub("", _GREETING.sub("", text))
    return core if len(core.split()) >= 2 else text


def normalise(text: str) -> str:
    """Lower case, no accents, straight apostrophes, no letter more than three times: how people type on a telephone."""
    text = unicodedata.normalize("NFKD", text.lower().replace("’", "'").replace("œ", "oe"))
    text = "".join(character for character in text if not unicodedata.combining(character))
    return _REPEATED.sub(r"\1\1\1", text)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class CleanText(Step):
    """Sets `clean`, the text to read, and `core`, without courtesy; `text` stays as it came."""

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """The same for examples."""
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: List[Message]) -> List[Message]:
        """Clean each message in place."""
        for message in messages:
            text = clean(message.get(TEXT) or "")
            core = without_courtesy(text)
            message.set(CLEAN, text)
            message.set(CORE, core)
            message.set(NORMALISED, normalise(core))
        return messages
