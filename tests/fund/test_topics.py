"""The topics: named in both languages, and a file question only where the file may be asked."""

from collections import Counter
from pathlib import Path

import pytest

from fund.topics import load_topics, request_touches_file

DATA = Path(__file__).resolve().parents[2] / "data"
TOPICS = load_topics(DATA)


def test_an_id_names_group_and_topic():
    assert len(TOPICS) > 60
    for id, topic in TOPICS.items():
        group, _, name = id.partition(".")
        assert (topic.id, topic.group) == (id, group)
        assert name.replace("_", "").isalpha()
        assert id == id.lower()


@pytest.mark.parametrize("language", ["nl", "fr"])
def test_no_two_topics_have_the_same_name(language):
    """A button is chosen by its title."""
    names = Counter(topic.labels[language].casefold() for topic in TOPICS.values())
    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize("language", ["nl", "fr"])
def test_no_name_is_a_number_or_holds_marks(language):
    """A button is chosen by its number as well; and a name goes into sentences as it is."""
    for topic in TOPICS.values():
        assert topic.labels[language][0].isalpha()
        assert not set("[]{}|<>\n") & set(topic.labels[language])


def test_every_topic_answers_a_promise_of_the_charters():
    assert [topic.id for topic in TOPICS.values() if not topic.charter] == []


@pytest.mark.parametrize(
    ("id", "touches"),
    [
        ("contributions.balance", True),
        ("contributions.exemption", True),
        ("contributions.tax", True),
        ("service.personal_details", True),
        ("service.complaint", False),
        ("service.appointment", False),
        ("service.forms", False),
        ("service.contact", False),
    ],
)
def test_who_asks_must_be_known_where_the_request_is_about_the_file(id, touches):
    assert request_touches_file(TOPICS[id]) is touches


def test_only_topics_with_a_file_question_touch_it():
    for topic in TOPICS.values():
        assert not request_touches_file(topic) or topic.file
