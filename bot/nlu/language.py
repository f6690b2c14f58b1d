"""Dutch, French or another language: the words of our own examples first, then langdetect, then where we come from."""

import math
import re
from collections import Counter
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

from langdetect import PROFILES_DIRECTORY, DetectorFactory
from langdetect.lang_detect_exception import LangDetectException
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.importer import LABEL, LANGUAGE
from bot.nlu.step import LearningStep
from bot.nlu.text import CLEAN, normalise

LANGUAGE_CONFIDENCE = "language_confidence"

# Languages that members of a Belgian fund write in beside the two of the product; langdetect tells them from ours.
OTHERS = ("en", "de", "es", "it", "pt", "tr", "pl", "ro", "ar", "ru", "bg", "uk")
OTHER_LABEL = "out_of_scope/other_language"

_WORD = re.compile(r"[^\W\d_]+")
# Log-odds that the page's language and the conversation so far add: they decide "ok", never against a sentence.
_CONVERSATION_PRIOR = 1.5
_PAGE_PRIOR = 0.7
_LANGDETECT_WEIGHT = 1.5
# "Merci" is Flemish too: what could be either language changes nothing.
_TOO_CLOSE = 1.5


def _detector_factory(languages: Tuple[str, ...]) -> DetectorFactory:
    factory = DetectorFactory()
    factory.set_seed(0)
    profiles = [(Path(PROFILES_DIRECTORY) / language).read_text(encoding="utf-8") for language in languages]
    factory.load_json_profile(profiles)
    return factory


def _probabilities(factory: DetectorFactory, text: str) -> Dict[str, float]:
    detector = factory.create()
    detector.append(text)
    try:
        return {found.lang: found.prob for found in detector.get_probabilities()}
    except LangDetectException:
        return {}


class Vocabulary:
    """How much each word, and each group of three letters, speaks for Dutch against French."""

    def __init__(self, texts: Dict[str, List[str]]) -> None:
        counts = {language: Counter() for language in ("nl", "fr")}
        for language in counts:
            for text in texts[language]:
                counts[language].update(self._pieces(text))
        totals = {language: sum(counter.values()) + 1 for language, counter in counts.items()}
        self.odds = {
            piece: math.log((counts["nl"][piece] + 0.5) / totals["nl"])
            - math.log((counts["fr"][piece] + 0.5) / totals["fr"])
            for piece in counts["nl"].keys() | counts["fr"].keys()
            if counts["nl"][piece] + counts["fr"][piece] >= 2
        }

    @staticmethod
    def _pieces(text: str) -> List[str]:
        words = _WORD.findall(text)
        return words + [f"~{word[i : i + 3]}" for word in (f"<{w}>" for w in words) for i in range(len(word) - 2)]

    def log_odds(self, text: str) -> float:
        """Above zero for Dutch; a word counts in full, a group of letters for a tenth."""
        return sum(self.odds.get(piece, 0.0) * (0.1 if piece.startswith("~") else 1.0) for piece in self._pieces(text))

    def known(self, text: str) -> float:
        """The share of words that stand in our examples."""
        words = _WORD.findall(text)
        return sum(word in self.odds for word in words) / len(words) if words else 0.0


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LanguageEvidence(LearningStep):
    """Sets `language` (nl, fr or other) and how sure it is, from the text, the conversation and the page."""

    def __init__(self, vocabulary: Optional[Vocabulary]) -> None:
        self._vocabulary = vocabulary
        self._ours = _detector_factory(("nl", "fr"))
        self._all = _detector_factory(("nl", "fr", *OTHERS))

    def train(self, training_data: TrainingData) -> Resource:
        """Count the words of the examples per language."""
        texts: Dict[str, List[str]] = {"nl": [], "fr": []}
        for example in training_data.training_examples:
            if example.get(CLEAN) and example.get(LABEL) != OTHER_LABEL:
                texts[example.get(LANGUAGE)].append(normalise(example.get(CLEAN)))
        self._vocabulary = Vocabulary(texts)
        return self.keep(self._vocabulary)

    def process(self, messages: List[Message]) -> List[Message]:
        """Decide for each message."""
        for message in messages:
            language, confidence = self._decide(
                message.get(CLEAN) or "", normalise(message.get(CLEAN) or ""), message.get("metadata") or {}
            )
            message.set(LANGUAGE, language, add_to_output=True)
            message.set(LANGUAGE_CONFIDENCE, confidence, add_to_output=True)
        return messages

    def _decide(self, text: str, normalised: str, metadata: Dict[str, Any]) -> Tuple[str, float]:
        # A button speaks the conversation's language, whatever its value looks like.
        if metadata.get("chosen") and metadata.get("language"):
            return metadata["language"], 1.0
        prior = _CONVERSATION_PRIOR * _side(metadata.get("language")) + _PAGE_PRIOR * _side(
            metadata.get("page_language")
        )
        words = _WORD.findall(normalised)
        if not words:
            return ("fr" if prior < 0 else "nl"), 0.5
        odds = self._vocabulary.log_odds(normalised)
        if self._is_other(text, normalised, odds, len(words)):
            return "other", 0.9
        if abs(odds) < 4:
            found = _probabilities(self._ours, text)
            odds += _LANGDETECT_WEIGHT * (found.get("nl", 0.0) - found.get("fr", 0.0))
        odds += prior
        if abs(odds) < _TOO_CLOSE and metadata.get("language"):
            return metadata["language"], 0.5
        return ("nl" if odds >= 0 else "fr"), 1 / (1 + math.exp(-min(abs(odds), 30)))

    def _is_other(self, text: str, normalised: str, odds: float, words: int) -> bool:
        latin = sum("a" <= letter <= "z" for letter in normalised)
        letters = sum(letter.isalpha() for letter in normalised)
        if letters and latin < letters / 2:
            return True
        known = self._vocabulary.known(normalised)
        if words < 3 or known > 0.75:
            return False
        found = _probabilities(self._all, text)
        other = 1 - found.get("nl", 0.0) - found.get("fr", 0.0)
        return bool(found) and other > 0.9 and (known < 0.5 or abs(odds) < 6)


def _side(language: Any) -> int:
    return {"nl": 1, "fr": -1}.get(language, 0)
