"""Everything that is wrong, old or missing in the content, in one list for editors."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from fund.answers.content import Answers, Version, marks, parameters_in, read_answers, unknown_parameters
from fund.answers.yaml_file import ContentError
from fund.law.parameters import Law, NotKnown, Parameter, Value, read_law
from fund.phrases import LANGUAGES, read_phrases
from fund.profiles import Profile, read_profiles
from fund.topics import Topic, load_topics

OLD_AFTER = timedelta(days=366)
"""A figure that nobody has checked for longer than this is to be checked again."""

KINDS = {
    "broken": "Broken: members do not see it until it is mended",
    "unanswered": "Topics without an answer",
    "old": "To be checked again",
    "unknown": "Not known on this day: members hear so, with the last known value",
    "unused": "Used by no answer and no calculation",
}
"""The kinds of findings with their headings, the gravest first. Only the first two make the content wrong."""


@dataclass(frozen=True)
class Finding:
    """One thing for an editor: a kind of KINDS, the file with its line or the id it is about, and what to do."""

    kind: str
    where: str
    what: str


def check_content(data: Path, *, code: Path, on: date) -> list[Finding]:
    """All findings in `data` as it holds on the day `on`, in the order of KINDS.

    A parameter that the calculators below the folder `code` name counts as used.
    """
    law, wrong_law = read_law(data / "law")
    profiles, wrong_profiles = read_profiles(data)
    _, wrong_phrases = read_phrases(data)
    found = [Finding("broken", f"{error.file}:{error.line}", f"{error.what}; {error.remedy}") for error in wrong_law]
    found += [_broken(error) for error in wrong_profiles]
    found += [Finding("broken", *str(error).split(": ", 1)) for error in wrong_phrases]
    if wrong_phrases:
        return found  # answers are read with the phrases around them
    try:
        answers, wrong_answers = read_answers(data)
        topics = load_topics(data)
    except ContentError as error:  # the institutions, the topics
        return [*found, _broken(error)]
    found += [_broken(error) for error in (*wrong_answers, *unknown_parameters(answers, law=law, data=data))]
    found += _misnamed(answers, topics=topics, profiles=profiles)
    found += _unanswered(answers, topics=topics)
    found += _old(answers, law=law, profiles=profiles, on=on)
    found += _unknown(answers, law=law, profiles=profiles, on=on)
    found += _unused(answers, law=law, code=code)
    return found


def is_wrong(finding: Finding) -> bool:
    """Whether a finding keeps something from members."""
    return finding.kind in ("broken", "unanswered")


def _broken(error: ContentError) -> Finding:
    return Finding("broken", f"{error.path}:{error.line}", f"{error.problem}. {error.remedy}")


def _misnamed(answers: Answers, *, topics: dict[str, Topic], profiles: dict[str, Profile]) -> Iterator[Finding]:
    """What nobody would ever see, because it has the name of nothing."""
    for topic in answers.by_language[LANGUAGES[0]].keys() - topics.keys():
        yield Finding("broken", f"answers/{topic}.yml", "no topic has this name; topics stand in data/topics.yml")
    for fund in answers.local.keys() - profiles.keys():
        yield Finding("broken", f"answers/{fund}", "no fund has this name; funds stand in data/funds")
    for profile in profiles.values():
        for topic in profile.links.keys() - topics.keys():
            yield Finding("broken", f"data/funds/{profile.id}.yml", f"links: there is no topic “{topic}”")


def _unanswered(answers: Answers, *, topics: dict[str, Topic]) -> Iterator[Finding]:
    for topic in topics:
        if not answers.has_answer(topic):
            yield Finding("unanswered", topic, f"write data/<language>/answers/{topic}.yml, or mend it")


def _old(answers: Answers, *, law: Law, profiles: dict[str, Profile], on: date) -> Iterator[Finding]:
    for topic, version in _versions_on(answers, on=on):
        if version.check_again_by < on:
            yield Finding("old", topic, f"was to be compared with its sources again by {version.check_again_by}")
    for id_, parameter in law.parameters.items():
        value = law.value_on(id_, on=on) if parameter.axis == "validity" else None
        if isinstance(value, Value) and on - value.last_verified_on > OLD_AFTER:
            yield Finding("old", id_, f"was last checked on {value.last_verified_on}")
    for profile in profiles.values():
        fee = profile.fee_value_on(on)
        if isinstance(fee, Value) and on - fee.last_verified_on > OLD_AFTER:
            yield Finding("old", f"data/funds/{profile.id}.yml", f"the fee was last checked on {fee.last_verified_on}")


def _unknown(answers: Answers, *, law: Law, profiles: dict[str, Profile], on: date) -> Iterator[Finding]:
    topics: dict[str, list[str]] = {}
    for topic, version in _versions_on(answers, on=on):
        for id_ in sorted({id_ for _, text in version.texts() for id_ in parameters_in(text)}):
            topics.setdefault(id_, []).append(topic)
    for id_, where in topics.items():
        parameter = law.parameters.get(id_)
        if parameter is None or parameter.axis != "validity":
            continue
        value = law.value_on(id_, on=on)
        if isinstance(value, NotKnown):
            yield Finding("unknown", id_, f"{_last_known(value)}{_why(parameter, on)} (shown in {', '.join(where)})")
    for profile in profiles.values():
        fee = profile.fee_value_on(on)
        if isinstance(fee, NotKnown):
            yield Finding("unknown", f"data/funds/{profile.id}.yml", f"the management fee; {_last_known(fee)}")


def _last_known(value: NotKnown) -> str:
    last = value.last_known
    return f"last known: {last.value} {last.unit} until {last.valid_to}" if last else "never known before"


def _why(parameter: Parameter, on: date) -> str:
    row = next((row for row in reversed(parameter.values) if row.valid_from <= on), None)
    return f"; {row.note}" if row is not None and row.value is None else ""


def _unused(answers: Answers, *, law: Law, code: Path) -> Iterator[Finding]:
    named = set(re.findall(r"[\"']([a-z][a-z0-9_]*)[\"']", "\n".join(p.read_text("utf-8") for p in code.rglob("*.py"))))
    changes = [change for by_language in answers.local.values() for change in by_language["nl"].values()]
    versions = [version for versions in answers.by_language["nl"].values() for version in versions]
    shown = {id_ for one in (*versions, *changes) for _, text in one.texts() for id_ in parameters_in(text)}
    for id_ in sorted(law.parameters.keys() - named - shown):
        yield Finding("unused", id_, "show it in an answer, or take it out of data/law")
    called = {mark for one in (*versions, *changes) for _, text in one.texts() for mark in marks(text)}
    for id_ in sorted(answers.bodies):
        if f"contact.{id_}" not in called:
            yield Finding("unused", f"contact.{id_}", "show it in an answer, or take it out of data/bodies.yml")


def _versions_on(answers: Answers, *, on: date) -> Iterator[tuple[str, Version]]:
    """Topic and version of each answer on `on`, as each fund gives it, each text once."""
    language = LANGUAGES[0]
    for topic, versions in answers.by_language[language].items():
        if any(version.effective_from is None or version.effective_from <= on for version in versions):
            funds = [None, *(fund for fund, changes in answers.local.items() if topic in changes[language])]
            for fund in funds:
                yield topic, answers.version_on(topic, language=language, on=on, fund=fund)
