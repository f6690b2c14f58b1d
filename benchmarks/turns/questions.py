"""The questions that both systems are asked: training examples of the product, so that both have learnt them."""

import random
from dataclasses import dataclass

import yaml

from api.settings import ROOT


@dataclass(frozen=True)
class Question:
    """A general question as a member would type it, and what it is about."""

    text: str
    topic: str
    language: str


def choose_questions(*, per_topic: int, seed: int) -> list[Question]:
    """Up to `per_topic` general questions on each topic in each language, in mixed order; the same seed, the same ones.

    Only questions for information: what asks for a person, a file or a sign-in has no counterpart in a stock Rasa.
    """
    by_topic: dict[tuple[str, str], list[str]] = {}
    for path in sorted(ROOT.glob("data/*/training/*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            topic, _, need = block.get("intent", "").partition("/")
            if "." in topic and need == "information":
                lines = (line.strip().removeprefix("- ") for line in block["examples"].splitlines())
                by_topic.setdefault((topic, path.parent.parent.name), []).extend(line for line in lines if line)
    choice = random.Random(seed)
    chosen = [
        Question(text, topic, language)
        for (topic, language), texts in sorted(by_topic.items())
        for text in choice.sample(sorted(set(texts)), min(per_topic, len(set(texts))))
    ]
    choice.shuffle(chosen)
    return chosen
