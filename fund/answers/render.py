"""The answer on a topic as a member reads it: for a fund, in a language, on a date."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from fund.answers.content import FACETS, MARK, Answers, Facet, Version
from fund.formats import format_date, format_money, format_number, format_percent
from fund.law.parameters import Law, NotKnown, Reference, Value, best_sourced, is_official, references
from fund.phrases import Say, speak
from fund.profiles import Profile

Length = Literal["short", "normal", "full"]
LENGTHS: tuple[Length, ...] = Length.__args__

FACETS_OF_LENGTH: dict[Length, tuple[Facet, ...]] = {
    "short": ("answer",),
    "normal": ("answer", "amount", "how_to_apply", "deadline"),
    "full": FACETS,
}
MOST_SOURCES = 5
"""Sources under a short or normal answer; a full one shows them all."""

_NO_BREAK = "\u00a0"
_FRENCH_ELIDED = re.compile(r"\b([Dd]|[Qq]u|[Jj]usqu)e (?=une? )")
_THINGS = {
    "percent": "percent", "factor": "factor", "index": "factor", "age": "age", "count": "count", "month_day": "date",
    "date": "date", "text": "text",
}  # fmt: skip
_TERMS = ("hours", "days", "half_days", "working_days", "weeks", "months", "quarters", "years")


@dataclass(frozen=True)
class Answer:
    """What a member reads, where it comes from, and how it came about."""

    text: str
    title: str
    parts: tuple[tuple[str, str], ...]
    """What `text` is made of: heading (empty over the answer itself) and text of each part."""
    facets: tuple[Facet, ...]
    """The facets that are shown, in the order of `parts`."""
    checked: str
    """The last line of `text`: for which day it holds and when it was checked."""
    sources: tuple[dict[str, str], ...]
    """{title, url, date}, each address once, official ones first; date: ISO day on which a person last checked it."""
    trace: dict[str, Any]
    """{answer, version, parameters: [{id, from, to, value, status}]}; value None when it was not known on the date."""


@dataclass
class _Filling:
    """Everything that decides how a mark is filled in, and what was used to do so."""

    answers: Answers
    law: Law
    profile: Profile
    language: str
    on: date
    say: Say
    used: list[tuple[str, Value | NotKnown]] = field(default_factory=list)


def render_answer(
    topic: str,
    *,
    answers: Answers,
    law: Law,
    profile: Profile,
    language: str,
    on: date,
    facet: Facet | None = None,
    with_answer: bool = False,
    length: Length = "normal",
) -> Answer:
    """The answer on `topic` with the figures that hold on `on`, in the fund's form of address.

    `facet` gives that part alone, or after the answer itself when `with_answer`; the answer itself when the topic has
    no such part. `length` decides when no part is named.
    NoAnswerError when the topic or the day has none; KeyError when a text names a parameter that no law file holds.
    """
    version = answers.version_on(topic, language=language, on=on, fund=profile.id)
    address = profile.address_in(language)
    say = _phrases_of(answers, language=language, address=address)
    filling = _Filling(answers, law, profile, language, on, say)
    if facet in version.facets and facet != "answer":
        parts = ["answer", facet] if with_answer else [facet]
    elif facet:
        parts = ["answer"]
    else:
        parts = [one for one in FACETS_OF_LENGTH[length] if one in version.facets]
    shown = []
    for part in parts:
        heading = "" if part == "answer" or parts == [facet] else _typeset(say(f"heading_{part}"), language)
        text = _fill(speak(version.facets[part], address=address), filling)
        shown.append((heading, _typeset(text, language)))
    checked = _typeset(_checked(version, on=on, language=language, say=say), language)
    paragraphs = [f"{heading}\n{text}" if heading else text for heading, text in shown]
    everything = length == "full" and facet is None
    own = _own_page(topic, profile=profile, language=language)
    others = _sources(version, filling.used, most=None if everything else MOST_SOURCES - len(own))
    return Answer(
        text="\n\n".join([*paragraphs, checked]),
        title=version.title,
        parts=tuple(shown),
        facets=tuple(parts),
        checked=checked,
        sources=(*own, *(source for source in others if source["url"] not in {one["url"] for one in own})),
        trace={
            "answer": topic,
            "version": version.name,
            "parameters": [_traced(id_, value) for id_, value in filling.used],
        },
    )


def _phrases_of(answers: Answers, *, language: str, address: str) -> Say:
    say = answers.phrases.in_voice(language=language, address=address)
    return lambda key, **values: say(f"answers.{key}", **values)


def _checked(version: Version, *, on: date, language: str, say: Say) -> str:
    """The last line: for which day the answer holds and when it was checked."""
    checked_on = format_date(version.checked_on, language)
    if on > version.check_again_by:
        line = say("checked_for", on=format_date(on, language), checked_on=checked_on)
        return f"{say('outdated', check_again_by=format_date(version.check_again_by, language))}\n{line}"
    if on == version.checked_on:
        return say("checked", checked_on=checked_on)
    return say("checked_for", on=format_date(on, language), checked_on=checked_on)


def _fill(text: str, filling: _Filling) -> str:
    """`text` with every mark replaced; one that starts a sentence gets a capital."""

    def fill_in(mark: re.Match[str]) -> str:
        before = text[: mark.start()]
        value = _value_of(mark.group(1), filling, in_list=before.endswith(": "))
        starts = not before or before.endswith("\n") or re.search(r"[.?!]\s$", before)
        return value[0].upper() + value[1:] if starts and not value.startswith("http") else value

    return MARK.sub(fill_in, text)


def _value_of(mark: str, filling: _Filling, *, in_list: bool) -> str:
    if mark.startswith("fund."):
        return _fund_field(mark.removeprefix("fund."), filling, in_list=in_list)
    if mark.startswith("contact."):
        return _contact(mark.removeprefix("contact."), filling)
    if mark.endswith(":table"):
        return _table(mark.removesuffix(":table"), filling)
    id_, _, day = mark.partition("@")
    on = date.fromisoformat(day) if day else filling.on
    value = filling.law.value_on(id_, on=on)
    filling.used.append((id_, value))
    parameter = filling.law.parameters[id_]
    return _in_words(value, on=on, unit=parameter.unit, axis=parameter.axis, filling=filling, in_list=in_list)


def _fund_field(name: str, filling: _Filling, *, in_list: bool) -> str:
    """A detail of the fund, or the wording for one that is not known."""
    profile, language, say = filling.profile, filling.language, filling.say
    if name == "fee":
        fee = profile.fee_value_on(filling.on)
        filling.used.append(("management_fee", fee))
        if isinstance(fee, NotKnown) and fee.last_known is None:
            return say("fee")
        return _in_words(fee, on=filling.on, unit="percent", axis="validity", filling=filling, in_list=in_list)
    if name == "name":
        return profile.name
    if name == "contact_person":
        person = profile.contact_person.get(language)
        return person.in_a_sentence if person else say("contact_person")
    if name == "channels":
        ways = [say(f"channel_{channel.replace('-', '_')}") for channel in profile.channels]
        return say("or", first=", ".join(ways[:-1]), last=ways[-1]) if len(ways) > 1 else ways[0]
    known = {
        "telephone": profile.telephone,
        "email": profile.email,
        "website": profile.website.get(language),
        "privacy": profile.privacy.get(language),
    }[name]
    return known or say(name)


def _contact(id_: str, filling: _Filling) -> str:
    """How to reach a competent body: its site, and its telephone number where one is known."""
    body = filling.answers.bodies[id_]
    site = body.site[filling.language]
    return filling.say("contact_telephone", site=site, telephone=body.telephone) if body.telephone else site


def _table(id_: str, filling: _Filling) -> str:
    """Every value of a parameter that may be shown, one list item each: for values that follow a birth date, say."""
    parameter = filling.law.parameters[id_]
    lines = []
    for row in parameter.values:
        value = filling.law.value_on(id_, on=row.valid_from)
        if isinstance(value, Value):
            filling.used.append((id_, value))
            words = _formatted(value, on=row.valid_from, filling=filling)
            period = _period(value, on=row.valid_from, axis=parameter.axis, filling=filling)
            lines.append(f"- {filling.say('dated', value=words, period=period)}")
    return "\n".join(lines)


def _in_words(value: Value | NotKnown, *, on: date, unit: str, axis: str, filling: _Filling, in_list: bool) -> str:
    """A value with its period, or words that say that it is not known: shorter `in_list`, that is after a colon."""
    say, language = filling.say, filling.language
    if isinstance(value, Value):
        words = _formatted(value, on=on, filling=filling)
        if unit == "month_day" or _is_lasting(value, on=on, axis=axis):
            return words  # the year is in it; or it is no figure of one year, and the last line says the day
        return say("dated", value=words, period=_period(value, on=on, axis=axis, filling=filling))
    last = value.last_known
    within_the_year = last is not None and last.valid_to is not None and last.valid_to.year == on.year
    asked = say("on_the_day", day=format_date(on, language)) if within_the_year else str(on.year)
    if axis != "validity":
        asked = say(f"axis_{axis}", span=say("span_year", year=on.year))
    unknown = {"period": asked} if in_list else {"period": asked, "thing": say(f"thing_{_thing(unit)}")}
    ending = "_in_list" if in_list else ""
    if last is None:
        return say(f"never_known{ending}", **unknown)
    last_day = last.valid_to or on
    return say(
        f"not_yet_known{ending}",
        last_period=_period(last, on=last_day, axis=axis, filling=filling),
        last_value=_formatted(last, on=last_day, filling=filling),
        **unknown,
    )


def _is_lasting(value: Value, *, on: date, axis: str) -> bool:
    """Whether a value is a term, an age or a number without an end, which did not start this year."""
    kept = value.unit in _TERMS or value.unit in ("age", "count")
    return kept and axis == "validity" and value.valid_to is None and value.valid_from.year < on.year


def _thing(unit: str) -> str:
    if unit in _TERMS:
        return "term"
    return _THINGS.get(unit, "amount")


def _period(value: Value, *, on: date, axis: str, filling: _Filling) -> str:
    """When a value holds, as short as it can be said: "2026", "sinds 1 oktober 2025", "geboren tot en met …"."""
    say, language = filling.say, filling.language
    first, last = value.valid_from, value.valid_to
    whole_year = last is not None and (first.month, first.day) == (1, 1) and last == date(first.year, 12, 31)
    if axis == "validity":
        if whole_year:
            return str(first.year)
        if last is not None:
            return say("span_between", **{"from": format_date(first, language), "to": format_date(last, language)})
        recent = first.year == on.year and (first.month, first.day) != (1, 1)
        return say("since", **{"from": format_date(first, language)}) if recent else str(on.year)
    if whole_year:
        span = say("span_year", year=first.year)
    elif last is None:
        span = say("span_from", **{"from": format_date(first, language)})
    elif first.year == 1900:  # the files' way to write "no lower limit"
        span = say("span_until", to=format_date(last, language))
    else:
        span = say("span_between", **{"from": format_date(first, language), "to": format_date(last, language)})
    return say(f"axis_{axis}", span=span)


def _formatted(value: Value, *, on: date, filling: _Filling) -> str:
    """The bare value in the language's format with its unit."""
    if isinstance(value.value, tuple):
        words = [_number(one, value.unit, filling) for one in value.value]
        if len(words) < 2:
            return "".join(words)
        return filling.say("and", first=", ".join(words[:-1]), last=words[-1])
    if isinstance(value.value, Decimal):
        return _number(value.value, value.unit, filling)
    if value.unit == "month_day":
        return format_date(date.fromisoformat(f"{on.year}-{value.value}"), filling.language)
    if value.unit == "date":
        return format_date(date.fromisoformat(value.value), filling.language)
    return value.value


def _number(number: Decimal, unit: str, filling: _Filling) -> str:
    language = filling.language
    if unit.startswith("EUR"):
        return format_money(number, language)
    if unit == "percent":
        return format_percent(number, language)
    if unit in ("factor", "index", "count"):
        return format_number(number, language)
    if unit == "age" and number % 1:
        months = format_number(round(number % 1 * 12), language)
        return filling.say("unit_age_and_months", number=format_number(number // 1, language), months=months)
    many = number >= 2 if language == "fr" else number != 1
    words = filling.say(f"unit_{unit}_{'many' if many else 'one'}", number=format_number(number, language))
    return words.replace(" ", _NO_BREAK, 1)


def _sources(
    version: Version, used: Iterable[tuple[str, Value | NotKnown]], *, most: int | None
) -> tuple[dict[str, str], ...]:
    """The sources of the text and of its figures, official ones first.

    When only `most` are shown, the one source of a single-source figure stays among them: such a figure must name it.
    """
    values = [value if isinstance(value, Value) else value.last_known for _, value in used]
    values = [value for value in values if value is not None]
    found = {reference.url: (reference, False) for reference in _of_the_rules(version)}
    for value in values:
        only = value.status == "single_source"
        for reference in references([best_sourced(value)]):
            known, needed = found.get(reference.url, (reference, False))
            newest = reference if reference.date > known.date else known
            found[reference.url] = (newest, needed or only)
    official = _official_urls(version, values)
    ranked = sorted(found.values(), key=lambda one: one[0].url not in official)  # sorted() keeps the order within each
    if most is not None and len(ranked) > most:
        needed = [one for one in ranked if one[1]][:most]
        others = [one for one in ranked if one not in needed][: most - len(needed)]
        ranked = [one for one in ranked if one in needed or one in others]
    return tuple({"title": one.title, "url": one.url, "date": one.date.isoformat()} for one, _ in ranked)


def _own_page(topic: str, *, profile: Profile, language: str) -> tuple[dict[str, str], ...]:
    """The fund's own page on the topic, if its profile names one."""
    link = profile.links.get(topic, {}).get(language)
    if link is None:
        return ()
    return ({"title": f"{profile.name}: {link.title}", "url": link.url, "date": link.checked_on.isoformat()},)


def _of_the_rules(version: Version) -> list[Reference]:
    found = []
    for source in version.sources:
        title = source.title if source.publisher in source.title else f"{source.publisher}: {source.title}"
        found.append(Reference(title, source.url, version.checked_on))
    return found


def _official_urls(version: Version, values: Iterable[Value]) -> set[str]:
    sources = [*version.sources, *(source for value in values for source in value.sources)]
    return {source.url for source in sources if is_official(source)}


def _traced(id_: str, value: Value | NotKnown) -> dict[str, Any]:
    if isinstance(value, NotKnown):
        return {"id": id_, "from": None, "to": None, "value": None, "status": None}
    shown = [str(one) for one in value.value] if isinstance(value.value, tuple) else str(value.value)
    return {
        "id": id_,
        "from": value.valid_from.isoformat(),
        "to": value.valid_to.isoformat() if value.valid_to else None,
        "value": shown,
        "status": value.status,
    }


def _typeset(text: str, language: str) -> str:
    return _french_spaces(_FRENCH_ELIDED.sub(r"\1'", text)) if language == "fr" else text


def _french_spaces(text: str) -> str:
    """No-break spaces where French typography wants them: before : ; ? ! » and after «."""
    return re.sub(r" (?=[:;?!»])", _NO_BREAK, text).replace("« ", f"«{_NO_BREAK}")
