"""The decision on a message: which topic, which need, how sure; what the turn before says about a short follow-up."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Dict, List, Optional, Tuple

import numpy as np
import scipy.sparse
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import INTENT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from bot.importer import LABEL, LANGUAGE
from bot.nlu.step import LearningStep
from bot.nlu.text import CLEAN, NORMALISED, clean, normalise, without_courtesy
from bot.nlu.words import STEMS, SpacyWords

SMALL_TALK = "small_talk"
OUT_OF_SCOPE = "out_of_scope"
FOLLOW_UP = "follow_up"
DISTRESS = "distress"

# Labels finer than the four needs of the contract: both say something about the boundary as well.
_NEEDS = {"dispute": "advice", "other_file": "my_file"}
# A follow-up is short and names no topic of its own; a longer message is read for itself.
_FOLLOW_UP_WORDS = 9
_PART_WORDS = 3
_PART_CONFIDENCE = 0.55

_CORRECTION = re.compile(
    r"^(?:(?:nee|neen|nee nee|non|niet dat|pas ca|mais non)[ ,.;:!]+)?"
    r"(?:ik (?:bedoel|bedoelde)|maar ik bedoel|ik wou zeggen|wat ik bedoel is|je veux dire|je voulais dire|"
    r"je parle d[e'u]|je parlais d[e'u]|ik heb het over|ik had het over)\b[ ,:]*"
)
_NOT_A_WORD = re.compile(r"[^\w']+")
# A question with the story before it; what follows the last question mark asks nothing.
_QUESTION = re.compile(r"[^?]*\?")


def split_label(label: str) -> Tuple[str, str]:
    """ "contributions.tax/advice" → ("contributions.tax", "advice")."""
    head, _, tail = label.partition("/")
    return head, tail


def topic_class(label: str) -> str:
    """What the topic head learns: the topic itself, or group and kind of everything that is no topic."""
    head, _ = split_label(label)
    return head if "." in head else label


class Features:
    """Words and pairs of words as stems, and groups of letters inside words (typing errors, compounds)."""

    def __init__(self) -> None:
        self._words = TfidfVectorizer(analyzer=_word_pairs, sublinear_tf=True, min_df=1)
        self._letters = TfidfVectorizer(
            analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, min_df=2, preprocessor=_words_only
        )

    def fit(self, stems: List[List[str]], texts: List[str]) -> scipy.sparse.csr_matrix:
        """Learn the features of the examples, and give them."""
        return scipy.sparse.hstack([self._words.fit_transform(stems), self._letters.fit_transform(texts)]).tocsr()

    def of(self, stems: List[List[str]], texts: List[str]) -> scipy.sparse.csr_matrix:
        """The features of messages."""
        return scipy.sparse.hstack([self._words.transform(stems), self._letters.transform(texts)]).tocsr()


def _words_only(text: str) -> str:
    return _NOT_A_WORD.sub(" ", text)


def _word_pairs(stems: List[str]) -> List[str]:
    return stems + [f"{one} {two}" for one, two in pairwise(stems)]


@dataclass
class Head:
    """A linear classifier whose scores are turned into probabilities by one temperature, found on held-out examples."""

    classes: List[str]
    weights: Any
    bias: Any
    temperature: float

    @classmethod
    def fit(
        cls,
        features: scipy.sparse.csr_matrix,
        labels: List[str],
        held_out: np.ndarray,
        *,
        c: float,
        class_weight: Optional[str] = None,
    ) -> "Head":
        """Train on all examples; the temperature comes from a model that has not seen the held-out ones."""
        names = np.array(labels)

        def learn(rows: np.ndarray) -> LinearSVC:
            return LinearSVC(C=c, class_weight=class_weight).fit(features[rows], names[rows])

        # Both at once: the library learns outside Python's lock.
        with ThreadPoolExecutor() as both:
            trial, final = both.map(learn, (~held_out, np.ones_like(held_out)))
        known = np.isin(names[held_out], trial.classes_)
        scores = trial.decision_function(features[held_out][np.where(known)[0]])
        targets = np.searchsorted(trial.classes_, names[held_out][known])
        temperature = min(np.geomspace(0.05, 2.0, 60), key=lambda t: _loss(_as_columns(scores), targets, t))
        return cls(list(final.classes_), final.coef_.T.astype(np.float32), final.intercept_, float(temperature))

    def probabilities(self, features: scipy.sparse.csr_matrix) -> np.ndarray:
        """One row per message, one column per class."""
        # In the weights' own type: mixed types make SciPy copy all weights, 30 MB, for every message.
        scores = features.astype(self.weights.dtype) @ self.weights
        return _softmax(_as_columns(scores + self.bias) / self.temperature)


def _as_columns(scores: np.ndarray) -> np.ndarray:
    return np.column_stack([-scores, scores]) if scores.ndim == 1 else scores


def _softmax(scores: np.ndarray) -> np.ndarray:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


def _loss(scores: np.ndarray, targets: np.ndarray, temperature: float) -> float:
    chosen = _softmax(scores / temperature)[np.arange(len(targets)), targets]
    return float(-np.log(np.maximum(chosen, 1e-12)).mean())


@dataclass
class Model:
    """Everything that was learnt."""

    features: Features
    topics: Head
    needs: Head


def train_model(labels: List[str], stems: List[List[str]], texts: List[str]) -> Model:
    """Learn topic and need from examples."""
    features = Features()
    matrix = features.fit(stems, texts)
    held_out = np.random.RandomState(0).rand(len(labels)) < 0.12
    topics = Head.fit(matrix, [topic_class(label) for label in labels], held_out, c=1.0)
    with_need = [index for index, label in enumerate(labels) if "." in label]
    # Balanced: most examples ask for information, and a wish for advice must not drown among them.
    needs = Head.fit(
        matrix[with_need],
        [split_label(labels[index])[1] for index in with_need],
        held_out[with_need],
        c=0.3,
        class_weight="balanced",
    )
    return Model(features, topics, needs)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class TopicAndNeed(LearningStep):
    """Sets the intent `question` and, at the top of the parse, topic, need, confidence, alternatives and parts."""

    def __init__(self, model: Optional[Model]) -> None:
        self._model = model
        self._words = SpacyWords()

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from the examples and keep the model."""
        examples = [example for example in training_data.training_examples if example.get(LABEL)]
        self._model = train_model(
            [example.get(LABEL) for example in examples],
            [example.get(STEMS) for example in examples],
            [example.get(NORMALISED) for example in examples],
        )
        return self.keep(self._model)

    def process(self, messages: List[Message]) -> List[Message]:
        """Decide on each message."""
        for message in messages:
            metadata = message.get("metadata") or {}
            decision = self._decide(message, metadata)
            message.set(INTENT, {"name": "question", "confidence": 1.0}, add_to_output=True)
            for key, value in decision.items():
                message.set(key, value, add_to_output=True)
        return messages

    def _decide(self, message: Message, metadata: Dict[str, Any]) -> Dict[str, Any]:
        chosen = metadata.get("chosen") or {}
        if chosen.get("topic"):
            return _decision(
                topic=chosen["topic"], need=chosen.get("need") or "information", facet=chosen.get("facet"),
                confidence=1.0,
            )  # fmt: skip
        if chosen.get("kind"):
            return _decision(topic=SMALL_TALK, kind=chosen["kind"], confidence=1.0)
        normalised = message.get(NORMALISED) or ""
        correction = _CORRECTION.match(normalised)
        stems, language = message.get(STEMS) or [], message.get(LANGUAGE)
        if correction and correction.end() < len(normalised):
            normalised = normalised[correction.end() :]
            stems = self._words.stems(normalised, language)
        if not any(letter.isalpha() for letter in normalised):
            return _decision(topic=OUT_OF_SCOPE, kind="gibberish", confidence=0.5, alternatives=self._first_topics())
        parts = self._parts(message.get(CLEAN) or "", language)
        # With several questions the first one is the main one.
        decision = {**parts[0]["decision"]} if parts else self._classify(stems, normalised, metadata.get("topic"))
        decision["correction"] = bool(correction)
        decision["parts"] = [
            {"text": part["text"], **{key: part["decision"][key] for key in ("topic", "need", "confidence")}}
            for part in parts
        ]
        return decision

    def _classify(self, stems: List[str], normalised: str, last_topic: Optional[str]) -> Dict[str, Any]:
        features = self._model.features.of([stems], [normalised])
        probabilities = self._model.topics.probabilities(features)[0].tolist()
        by_class = dict(zip(self._model.topics.classes, probabilities, strict=True))
        ranked = sorted((name for name in by_class if "." in name), key=by_class.get, reverse=True)
        groups = {
            group: sum(value for name, value in by_class.items() if split_label(name)[0] == group)
            for group in (SMALL_TALK, OUT_OF_SCOPE, FOLLOW_UP, DISTRESS)
        }
        kinds = {
            group: max(
                (name for name in by_class if split_label(name)[0] == group), key=by_class.get, default=f"{group}/"
            )
            for group in groups
        }
        need = self._need(features)
        best_group = max(groups, key=groups.get)
        topic, confidence = ranked[0], by_class[ranked[0]]
        if groups[best_group] > confidence:
            kind = split_label(kinds[best_group])[1]
            if best_group == FOLLOW_UP:
                if last_topic:
                    return _decision(
                        topic=last_topic, facet=kind, confidence=groups[FOLLOW_UP],
                        alternatives=[name for name in ranked if name != last_topic], follow_up=True,
                        **_follow_up_need(need, facet=kind, words=len(stems)),
                    )  # fmt: skip
                return _decision(topic=topic, confidence=confidence, alternatives=ranked[1:], facet=kind, **need)
            if best_group == DISTRESS:
                return _decision(topic=SMALL_TALK, kind=DISTRESS, confidence=groups[DISTRESS], alternatives=ranked)
            return _decision(topic=best_group, kind=kind, confidence=groups[best_group], alternatives=ranked)
        # A short question that could belong to the topic of the turn before is read in that topic.
        if last_topic and len(stems) <= _FOLLOW_UP_WORDS and confidence < 0.35 and groups[FOLLOW_UP] > 0.1:
            facet = split_label(kinds[FOLLOW_UP])[1]
            return _decision(
                topic=last_topic, facet=facet, confidence=groups[FOLLOW_UP] + by_class.get(last_topic, 0.0),
                alternatives=[name for name in ranked if name != last_topic], follow_up=True,
                **_follow_up_need(need, facet=facet, words=len(stems)),
            )  # fmt: skip
        return _decision(topic=topic, confidence=confidence, alternatives=ranked[1:], **need)

    def _need(self, features: scipy.sparse.csr_matrix) -> Dict[str, Any]:
        probabilities = self._model.needs.probabilities(features)[0].tolist()
        by_label = dict(zip(self._model.needs.classes, probabilities, strict=True))
        by_need: Dict[str, float] = {}
        for label, value in by_label.items():
            by_need[_NEEDS.get(label, label)] = by_need.get(_NEEDS.get(label, label), 0.0) + value
        need = max(by_need, key=by_need.get)
        return {
            "need": need,
            "need_confidence": by_need[need],
            "dispute": by_label.get("dispute", 0.0) > by_label.get("advice", 0.0) and need == "advice",
            "other_file": by_label.get("other_file", 0.0) > by_label.get("my_file", 0.0) and need == "my_file",
        }

    def _parts(self, text: str, language: str) -> List[Dict[str, Any]]:
        """The questions of a message that holds several on different topics, as decisions; else nothing."""
        pieces = [piece for piece in _QUESTION.findall(text) if len(piece.split()) >= _PART_WORDS]
        if len(pieces) < 2:
            return []
        parts: List[Dict[str, Any]] = []
        for piece in pieces:
            piece = without_courtesy(clean(piece))
            found = self._classify(self._words.stems(piece, language), normalise(piece), None)
            clear = "." in found["topic"] and found["confidence"] >= _PART_CONFIDENCE
            if clear and all(part["decision"]["topic"] != found["topic"] for part in parts):
                parts.append({"text": piece, "decision": found})
        return parts if len(parts) > 1 else []

    def _first_topics(self) -> List[str]:
        return [name for name in self._model.topics.classes if "." in name]


def _follow_up_need(need: Dict[str, Any], *, facet: str, words: int) -> Dict[str, Any]:
    # "En hoeveel is dat?" asks for the rule; only a clear wish for more than that changes it.
    if need["need_confidence"] <= 0.6:
        return {"need": "information"}
    # "Hoeveel?" or "en mijn man?" says too little to look into a file.
    if need["need"] == "my_file" and (words < _PART_WORDS or facet == "other_person"):
        return {"need": "information"}
    # Who wants to appeal disputes: the court has its own terms, a registered request would let them pass.
    if need["need"] == "request" and facet == "appeal":
        return {"need": "advice", "dispute": True}
    return need


def _decision(
    *,
    topic: str,
    confidence: float,
    need: Optional[str] = None,
    need_confidence: float = 1.0,
    alternatives: Optional[List[str]] = None,
    kind: Optional[str] = None,
    facet: Optional[str] = None,
    follow_up: bool = False,
    dispute: bool = False,
    other_file: bool = False,
) -> Dict[str, Any]:
    return {
        "topic": topic,
        "need": need if "." in topic else None,
        "need_confidence": need_confidence,
        "confidence": min(confidence, 1.0),
        "alternatives": (alternatives or [])[:5],
        "kind": kind,
        "facet": facet,
        "follow_up": follow_up,
        "dispute": dispute,
        "other_file": other_file,
        "correction": False,
        "parts": [],
    }
