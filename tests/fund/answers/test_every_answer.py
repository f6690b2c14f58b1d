"""Every answer, for every fund, in both languages, on several dates, in every length: nothing wrong slips through."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
import yaml

from fund.answers.content import FACETS, load_answers, marks
from fund.answers.render import LENGTHS, MOST_SOURCES, render_answer
from fund.formats import format_date, format_number
from fund.law.parameters import load_law
from fund.profiles import load_profiles

DATA = Path(__file__).resolve().parents[3] / "data"
ANSWERS = load_answers(DATA)
LAW = load_law(DATA / "law")
PROFILES = load_profiles(DATA)
TOPICS = sorted(ANSWERS.by_language["nl"])
TODAY = datetime.now(UTC).date() + timedelta(days=1)  # the day has begun in Belgium before it has in UTC
DATES = (date(2025, 11, 20), date(2026, 11, 20))

WRONG_ADDRESS = {
    "je": re.compile(r"\b(?:u|uw|uzelf|gelieve)\b", re.IGNORECASE),
    "u": re.compile(r"\b(?:je|jij|jou|jouw|jullie|jezelf)\b", re.IGNORECASE),
    "vous": re.compile(r"\b(?:tu|te|toi|ton|tes)\b|\bt'", re.IGNORECASE),
}
# Words that every text of one language has and the other never has.
OTHER_LANGUAGE = {
    "nl": re.compile(r"\b(?:des|vous|votre|une|est|pour|avec|dans|sur|caisse|qui|que|ou|au)\b", re.IGNORECASE),
    "fr": re.compile(r"\b(?:het|een|niet|wordt|voor|zijn|bij|van|aan|dat|op|fonds|uw|tot|naar)\b", re.IGNORECASE),
}
_YEAR = r"(?:19|20)\d\d"
_MONTHS = (
    "januari|februari|maart|april|mei|juni|juli|augustus|september|oktober|november|december|janvier|février|mars|avril|"
    "mai|juin|juillet|août|septembre|octobre|novembre|décembre"
)
DATED = re.compile(rf"\d[\d.,/ -]*(?: ?%|(?: [^\W\d]+){{1,2}}(?: \d+ [^\W\d]+)?)? \([^()]*\b{_YEAR}\b[^()]*\)")
LAST_KNOWN = re.compile(rf"\([^()]*\b{_YEAR}\b ?[^():]*: [^()]*\)")
PLAIN = re.compile(
    rf"\d{{1,2}}(?:er)? (?:{_MONTHS})|\b{_YEAR}\b|(?:artikel|article) 37|\+32 78 15 1765|"
    r"(?:telefoon|téléphone) [\d ]+|\b1765\b",
    re.IGNORECASE,
)
LASTING = ("hours", "days", "half_days", "working_days", "weeks", "months", "quarters", "years", "age", "count")


@cache
def every_rendering(topic):
    """(fund, language, date, length, answer) for all of them; the days on which a version starts included."""
    starts = {version.effective_from for version in ANSWERS.by_language["nl"][topic]} - {None}
    found = []
    for profile in PROFILES.values():
        for language in ("nl", "fr"):
            for on in sorted({*DATES, *starts}):
                for length in LENGTHS:
                    answer = render_answer(
                        topic, answers=ANSWERS, law=LAW, profile=profile, language=language, on=on, length=length
                    )
                    found.append((profile, language, on, length, answer))
    return found


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def lasting_numbers(answer, language):
    """Terms, ages and numbers without an end: the answer's last line alone dates them. Longest first."""
    numbers = set()
    for used in answer.trace["parameters"]:
        if used["value"] is not None and used["to"] is None and LAW.parameters[used["id"]].unit in LASTING:
            for value in used["value"] if isinstance(used["value"], list) else [used["value"]]:
                whole, rest = divmod(Decimal(value), 1)
                numbers |= {plain(format_number(Decimal(value), language))}
                if rest:  # 49.5 years of age are told in years and months
                    numbers |= {str(whole), str(round(rest * 12))}
    return sorted(numbers, key=len, reverse=True)


def test_every_topic_of_contributions_and_pension_has_an_answer():
    groups = yaml.safe_load((DATA / "topics.yml").read_text(encoding="utf-8"))["groups"]
    wanted = {topic for group in ("contributions", "pension") for topic in groups[group]["topics"]}

    assert wanted <= set(TOPICS)


@pytest.mark.parametrize(
    "language",
    [pytest.param(language, marks=pytest.mark.charter("B6", "answers", language)) for language in ("nl", "fr")],
)
@pytest.mark.parametrize(
    "topic",
    ["retirement", "survivor", "transition_allowance", "divorced_spouse", "working_after", "bonus"],
)
def test_every_pension_matter_of_the_charters_has_an_answer(topic, language):
    for profile in PROFILES.values():
        for on in DATES:
            answer = render_answer(
                f"pension.{topic}", answers=ANSWERS, law=LAW, profile=profile, language=language, on=on, length="full"
            )
            assert {"nl": "Pensioenlijn", "fr": "Ligne Pension"}[language] in answer.text
            assert answer.sources


def test_every_answer_is_on_a_known_topic():
    groups = yaml.safe_load((DATA / "topics.yml").read_text(encoding="utf-8"))["groups"]

    assert set(TOPICS) <= {topic for group in groups.values() for topic in group["topics"]}


@pytest.mark.parametrize("topic", TOPICS)
def test_form_of_address_is_the_funds(topic):
    for profile, language, on, length, answer in every_rendering(topic):
        wrong = WRONG_ADDRESS[profile.address_in(language)].search(answer.text)
        assert not wrong, f"{profile.id} {language} {on} {length}: “{wrong.group()}” in {answer.text}"


@pytest.mark.parametrize("topic", TOPICS)
def test_no_mark_is_left(topic):
    for profile, language, on, length, answer in every_rendering(topic):
        assert not re.search(r"[{}\[\]|]", answer.text), f"{profile.id} {language} {on} {length}: {answer.text}"


@pytest.mark.parametrize("topic", TOPICS)
def test_no_figure_stands_without_its_period(topic):
    for profile, language, on, length, answer in every_rendering(topic):
        version = ANSWERS.version_on(topic, language=language, on=on, fund=profile.id)
        text = PLAIN.sub("", LAST_KNOWN.sub("", DATED.sub("", plain(answer.text))))
        for number in lasting_numbers(answer, language):
            text = re.sub(rf"(?<![\d.,]){re.escape(number)}(?![.,]?\d)", "", text)
        left = [figure for figure in re.findall(r"\d+", text) if figure not in version.plain_figures]
        assert not left, f"{profile.id} {language} {on} {length}: {left} in {answer.text}"


@pytest.mark.parametrize("topic", TOPICS)
def test_languages_are_not_mixed(topic):
    for profile, language, on, length, answer in every_rendering(topic):
        foreign = OTHER_LANGUAGE[language].search(answer.text.replace("L'Entraide", ""))
        assert not foreign, f"{profile.id} {language} {on} {length}: “{foreign.group()}” in {answer.text}"


@pytest.mark.parametrize("topic", TOPICS)
def test_french_spaces_do_not_break(topic):
    for profile, language, _, _, answer in every_rendering(topic):
        if language == "fr":
            assert not re.search(r" [:;?!»]|« ", answer.text), f"{profile.id}: {answer.text}"


@pytest.mark.parametrize("topic", TOPICS)
def test_text_says_for_which_day_it_holds(topic):
    for profile, language, on, _, answer in every_rendering(topic):
        version = ANSWERS.version_on(topic, language=language, on=on, fund=profile.id)
        last = answer.text.splitlines()[-1]
        assert format_date(version.checked_on, language) in last
        assert format_date(on, language) in last


@pytest.mark.parametrize("topic", TOPICS)
def test_sources_are_few_once_each_and_official_first(topic):
    for profile, language, _, length, answer in every_rendering(topic):
        urls = [source["url"] for source in answer.sources]
        assert urls, topic
        assert len(set(urls)) == len(urls)
        assert length == "full" or len(urls) <= MOST_SOURCES
        own = {page.url for name, page in profile.links.get(topic, {}).items() if name == language}
        assert not own & set(urls[1:]), "the fund's own page comes first"
        ranks = [_is_unofficial(source) for source in answer.sources if source["url"] not in own]
        assert ranks == sorted(ranks), f"{profile.id}: {answer.sources}"
        for source in answer.sources:
            assert set(source) == {"title", "url", "date"}
            assert date.fromisoformat(source["date"]) <= TODAY


def _is_unofficial(source: dict[str, str]) -> bool:
    official = ("fgov.be/", "belgium.be/", "socialsecurity.be/", "inasti.be/", "rsvz.be/", "fsma.be/", "wikifin.be/")
    journal = ("Moniteur belge", "Belgisch Staatsblad")
    others = ("nationale-hilfskasse.be/", "europa.eu/", "mypension.be/")
    return not (
        any(name in source["title"] for name in journal) or any(host in source["url"] for host in (*official, *others))
    )


@pytest.mark.parametrize("topic", TOPICS)
def test_figures_hold_on_the_date(topic):
    """Values that follow today's date hold on the day asked; none is unverified."""
    for _, _, on, _, answer in every_rendering(topic):
        for used in answer.trace["parameters"]:
            if used["value"] is None:
                continue
            assert used["status"] in ("verified", "single_source")
            if used["id"] == "management_fee" or LAW.parameters[used["id"]].axis == "validity":
                told_of_another_day = any(f"{used['id']}@" in mark for mark in all_marks(topic))
                assert told_of_another_day or used["from"] <= on.isoformat() <= (used["to"] or "9999")


def all_marks(topic):
    return [
        mark for version in ANSWERS.by_language["nl"][topic] for text in version.facets.values() for mark in marks(text)
    ]


@pytest.mark.parametrize("topic", TOPICS)
def test_both_languages_have_the_same_facets_and_figures(topic):
    dutch, french = (ANSWERS.by_language[language][topic] for language in ("nl", "fr"))
    assert len(dutch) == len(french)
    for one, other in zip(dutch, french, strict=True):
        assert one.facets.keys() == other.facets.keys()
        for facet, text in one.facets.items():
            assert marks(text) == marks(other.facets[facet]), facet
    shown = {}
    for profile, _, on, length, answer in every_rendering(topic):
        used = sorted((one["id"], str(one["value"])) for one in answer.trace["parameters"])
        assert shown.setdefault((profile.id, on, length), used) == used


@pytest.mark.parametrize("topic", TOPICS)
def test_answer_comes_first_and_is_short(topic):
    for language in ("nl", "fr"):
        for version in ANSWERS.by_language[language][topic]:
            assert next(iter(version.facets)) == "answer"
            assert list(version.facets) == [facet for facet in FACETS if facet in version.facets]
            first = version.facets["answer"].partition("\n")[0]
            sentences = re.split(r"(?<=[.?!]) ", first)
            assert len(sentences) <= 4, f"{language}: {first}"


@pytest.mark.parametrize("topic", TOPICS)
def test_dutch_verb_is_voiced_where_the_pronoun_follows_it(topic):
    """“betaalt [je|u]” would give “betaalt je”: the verb belongs inside the mark."""
    before_the_pronoun = "dat|wat|met|niet|omdat|zodat|voordat|nadat|totdat|tot|uit|moet|weet|laat"
    # After "het fonds sluit …" the pronoun is the object, and rightly follows the verb as it is.
    follows = re.compile(
        rf"(?<!fonds )(?<!RSVZ )(?<!loket )\b(?!(?:{before_the_pronoun})\b)\w+t \[je\|u\]", re.IGNORECASE
    )
    for version in ANSWERS.by_language["nl"][topic]:
        for facet, text in version.facets.items():
            wrong = follows.search(text)
            assert not wrong, f"{facet}: {wrong.group()}"


# From the style guide of the field: the word that a plain text does not use.
STIFF = {
    "nl": (
        "gelieve", "teneinde", "inzake", "desgevallend", "ingevolge", "krachtens", "verschuldigd", "dient te",
        "modaliteit", "proactief", "ambtshalve", "rechthebbende", "forfaitair", "voornoemd",
        "desbetreffend", "kwartaalfactuur", "trimester", "belastingdienst", "zzp", "binnenkort", "!",
    ),
    "fr": (
        "veuillez", "afin de", "en vue de", "concernant", "le cas échéant", "en vertu de", "redevable", "moyennant",
        "modalité", "proactive", "d'office", "forfaitaire", "susmentionné", "bientôt",
        "prochainement", "il convient", "il y a lieu", "cumuler", "indu ", "!",
    ),
}  # fmt: skip


@pytest.mark.parametrize("topic", TOPICS)
def test_plain_words_only(topic):
    for language, words in STIFF.items():
        for version in ANSWERS.by_language[language][topic]:
            for facet, text in version.facets.items():
                found = [word for word in words if word in text.lower()]
                assert not found, f"{language} {facet}: {found}"


@pytest.mark.parametrize("topic", TOPICS)
def test_sentences_are_of_a_readable_length(topic):
    for language in ("nl", "fr"):
        for version in ANSWERS.by_language[language][topic]:
            for facet, text in version.facets.items():
                for sentence in re.split(r"(?<=[.?!:;])\s+|\n", text):
                    words = len(re.sub(r"\{[^}]*\}|\[[^]]*\]", "x", sentence).split())
                    assert words <= 34, f"{language} {facet}: {words} words: {sentence}"
