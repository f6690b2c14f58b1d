"""The topics that members ask about (`data/topics.yml`): their names, and whether the member's file says something."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fund.answers.yaml_file import read_yaml


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
    """All topics by id, in the order of the file. ContentError when it is broken."""
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
        for group_id, group in _read_groups(data).items()
        for id, row in group["topics"].items()
    }


def load_groups(data: Path) -> dict[str, dict[str, str]]:
    """The names of the groups of topics, by group and language, in the order of the file."""
    return {id: {language: group[language] for language in ("nl", "fr")} for id, group in _read_groups(data).items()}


def _read_groups(data: Path) -> dict[str, dict[str, Any]]:
    """The groups as they stand in the file, each with names and topics that have names."""
    file = read_yaml(data / "topics.yml")
    groups = file.content.get("groups") if isinstance(file.content, dict) else None
    if not isinstance(groups, dict):
        raise file.error((), "the file has no groups", "Start the topics with “groups:”.")
    for group_id, group in groups.items():
        place = ("groups", group_id)
        if not isinstance(group, dict) or not isinstance(group.get("topics"), dict):
            raise file.error(place, f"the group “{group_id}” has no topics", "Indent them below “topics:”.")
        named = {place: group, **{(*place, "topics", id): row for id, row in group["topics"].items()}}
        for where, row in named.items():
            if not (isinstance(row, dict) and isinstance(row.get("nl"), str) and isinstance(row.get("fr"), str)):
                raise file.error(where, f"“{where[-1]}” lacks a name", "Give it a Dutch (nl) and a French (fr) one.")
    return groups


# Requests on these topics need no look into the file, though the file may know of earlier ones.
_FREE_REQUESTS = frozenset({"service.complaint", "service.appointment"})


def request_touches_file(topic: Topic) -> bool:
    """Whether a request on the topic is about the member's own file, so that we must know who asks."""
    return topic.file is not None and topic.id not in _FREE_REQUESTS
