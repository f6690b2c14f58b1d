"""What the actions work with, put together once at the door."""

from dataclasses import dataclass
from pathlib import Path

import yaml

from fund.answers.content import AnswerError, Answers, read_answers, unknown_parameters
from fund.clock import Clock
from fund.conversations.danger import load_danger_phrases
from fund.database import Database
from fund.law.parameters import Law, load_law
from fund.phrases import Phrases, Say, load_phrases
from fund.profiles import Profile, load_profiles
from fund.topics import Topic, load_groups, load_topics


@dataclass(frozen=True)
class Content:
    """Everything read from `data/`."""

    answers: Answers
    law: Law
    phrases: Phrases
    profiles: dict[str, Profile]
    topics: dict[str, Topic]
    groups: dict[str, dict[str, str]]
    """Names of the groups of topics, by group and language."""
    help_lines: dict[str, list[dict[str, str]]]
    danger_phrases: tuple[str, ...]
    problems: tuple[AnswerError, ...] = ()
    """What is wrong with the answers that are left out."""

    def voice(self, *, fund: str, language: str) -> Say:
        """Phrases in the fund's form of address."""
        return self.phrases.in_voice(language=language, address=self.profiles[fund].address_in(language))


@dataclass
class Tools:
    """Content, the two databases and the clock. The content is replaced as a whole when an editor changes a file."""

    content: Content
    database: Database
    file_database: Database
    clock: Clock


def load_content(data: Path) -> Content:
    """Read and check all content.

    A broken answer is left out and named in `problems`; anything else that is broken (the law, a phrase, a profile)
    is raised with file, line and remedy.
    """
    answers, problems = read_answers(data)
    law = load_law(data / "law")
    problems += unknown_parameters(answers, law=law, data=data)
    return Content(
        answers=answers.without({error.topic for error in problems}),
        law=law,
        phrases=load_phrases(data),
        profiles=load_profiles(data),
        topics=load_topics(data),
        groups=load_groups(data),
        danger_phrases=load_danger_phrases(data),
        help_lines=yaml.safe_load((data / "emergency.yml").read_text(encoding="utf-8")),
        problems=tuple(problems),
    )
