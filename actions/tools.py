"""What the actions work with, put together once at the door."""

from dataclasses import dataclass
from pathlib import Path

import yaml

from fund.answers.content import Answers, load_answers
from fund.clock import Clock
from fund.conversations.danger import load_danger_phrases
from fund.database import Database
from fund.law.parameters import Law, load_law
from fund.phrases import Phrases, Say, load_phrases
from fund.profiles import Profile, load_profiles
from fund.topics import Topic, load_topics


@dataclass(frozen=True)
class Content:
    """Everything read from `data/`."""

    answers: Answers
    law: Law
    phrases: Phrases
    profiles: dict[str, Profile]
    topics: dict[str, Topic]
    help_lines: dict[str, list[dict[str, str]]]
    danger_phrases: tuple[str, ...]

    def voice(self, *, fund: str, language: str) -> Say:
        """Phrases in the fund's form of address."""
        return self.phrases.in_voice(language=language, address=self.profiles[fund].address_in(language))


@dataclass(frozen=True)
class Tools:
    """Content, the two databases and the clock."""

    content: Content
    database: Database
    file_database: Database
    clock: Clock


def load_content(data: Path) -> Content:
    """Read and check all content; the first thing that is broken is raised with file, line and remedy."""
    return Content(
        answers=load_answers(data),
        law=load_law(data / "law"),
        phrases=load_phrases(data),
        profiles=load_profiles(data),
        topics=load_topics(data),
        danger_phrases=load_danger_phrases(data),
        help_lines=yaml.safe_load((data / "emergency.yml").read_text(encoding="utf-8")),
    )
