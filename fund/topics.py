"""The topics that members ask about (`data/topics.yml`): their names, and whether the member's file says something."""

from dataclasses import dataclass
from pathlib import Path

import yaml


@dataclass(frozen=True)
class Topic:
    """One topic; `file` names the kind of file question, `body` the competent institution when it is not the fund."""

    id: str
    group: str
    labels: dict[str, str]
    charter: tuple[str, ...]
    file: str | None
    body: str | None
    also: tuple[str, ...] = ()
    """Older or colloquial names, of both languages."""


def load_topics(data: Path) -> dict[str, Topic]:
    """All topics by id, in the order of the file."""
    content = yaml.safe_load((data / "topics.yml").read_text(encoding="utf-8"))
    return {
        id: Topic(
            id=id,
            group=group_id,
            labels={language: row[language] for language in ("nl", "fr")},
            charter=tuple(row.get("charter", ())),
            file=row.get("file"),
            body=row.get("body"),
            also=tuple(row.get("also", ())),
        )
        for group_id, group in content["groups"].items()
        for id, row in group["topics"].items()
    }


def load_groups(data: Path) -> dict[str, dict[str, str]]:
    """The names of the groups of topics, by group and language, in the order of the file."""
    content = yaml.safe_load((data / "topics.yml").read_text(encoding="utf-8"))
    return {id: {language: group[language] for language in ("nl", "fr")} for id, group in content["groups"].items()}


# Requests on these topics need no look into the file, though the file may know of earlier ones.
_FREE_REQUESTS = frozenset({"service.complaint", "service.appointment"})


def request_touches_file(topic: Topic) -> bool:
    """Whether a request on the topic is about the member's own file, so that we must know who asks."""
    return topic.file is not None and topic.id not in _FREE_REQUESTS
