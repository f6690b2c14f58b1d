"""Words of a message as spaCy sees them in its language: tokens, lemmas from the look-up tables, Snowball stems."""

from functools import cache, lru_cache
from typing import List

import snowballstemmer
import spacy
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from spacy.language import Language
from spacy.tokens import Doc, Token

from bot.importer import LANGUAGE
from bot.nlu.step import Step
from bot.nlu.text import CORE, normalise

STEMS = "stems"

_SNOWBALL = {"nl": "dutch", "fr": "french"}

Token.set_extension("stem", default="", force=True)


@Language.factory("relais_stemmer")
def _make_stemmer(nlp: Language, name: str) -> "Stemmer":
    return Stemmer(nlp.lang)


class Stemmer:
    """A spaCy component that sets `token._.stem`: the lemma, stemmed and without accents."""

    def __init__(self, language: str) -> None:
        stemmer = snowballstemmer.stemmer(_SNOWBALL[language])

        @lru_cache(maxsize=50_000)
        def stem(word: str) -> str:
            return normalise(stemmer.stemWord(word.lower()))

        self._stem = stem

    def __call__(self, doc: Doc) -> Doc:
        for token in doc:
            token._.stem = self._stem(token.lemma_ or token.text)
        return doc


@cache
def load_spacy(language: str) -> Language:
    """A blank pipeline of the language with look-up lemmas and our stemmer; one for all steps of a process."""
    nlp = spacy.blank(language)
    nlp.add_pipe("lemmatizer", config={"mode": "lookup"})
    nlp.add_pipe("relais_stemmer")
    nlp.initialize()
    return nlp


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class SpacyWords(Step):
    """Sets `stems`: one per word, numbers as "#", punctuation left out (who types on a telephone leaves it out too)."""

    def __init__(self) -> None:
        self._pipelines = {language: load_spacy(language) for language in ("nl", "fr")}

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """The same for examples."""
        self.process([example for example in training_data.training_examples if example.get(CORE)])
        return training_data

    def process(self, messages: List[Message]) -> List[Message]:
        """Set the stems of each message."""
        for message in messages:
            message.set(STEMS, self.stems(message.get(CORE) or "", message.get(LANGUAGE)))
        return messages

    def stems(self, text: str, language: str) -> List[str]:
        """The stems of a text; another language is read as Dutch."""
        doc = self._pipelines["fr" if language == "fr" else "nl"](text)
        return [
            "#" if token.like_num else token._.stem
            for token in doc
            if not (token.is_punct or token.is_space) and token._.stem
        ]
