"""The funds' profiles: what they say, what they leave unknown, and how a broken one is refused."""

from datetime import date, time
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import ValidationError

from fund.law.parameters import NotKnown, Value
from fund.profiles import WEEKDAYS, Interval, ProfileError, load_profiles

DATA = Path(__file__).resolve().parents[2] / "data"


@pytest.fixture(scope="module")
def profiles():
    return load_profiles(DATA)


def test_four_funds_have_a_profile(profiles):
    assert set(profiles) == {"liantis", "partena", "securex", "entraide"}
    assert {one.id: one.name for one in profiles.values()} == {
        "liantis": "Liantis",
        "partena": "Partena",
        "securex": "Securex Integrity",
        "entraide": "L'Entraide",
    }


@pytest.mark.parametrize(
    ("fund", "languages", "dutch"),
    [
        ("liantis", ("nl", "fr"), "je"),
        ("partena", ("fr",), "je"),
        ("securex", ("nl",), "u"),
        ("entraide", ("fr",), "u"),
    ],
)
def test_languages_and_form_of_address_are_the_funds_own(profiles, fund, languages, dutch):
    profile = profiles[fund]

    assert profile.languages == languages
    assert profile.address_in("nl") == dutch
    assert profile.address_in("fr") == "vous"


@pytest.mark.parametrize(
    ("fund", "day", "fee"),
    [
        ("liantis", date(2022, 6, 1), Decimal("3.95")),
        ("liantis", date(2023, 6, 1), None),
        ("liantis", date(2024, 12, 31), Decimal("3.95")),
        ("liantis", date(2025, 1, 1), None),
        ("securex", date(2025, 12, 31), Decimal("4.1")),
        ("securex", date(2026, 1, 1), None),
        ("securex", date(2021, 12, 31), None),
        ("partena", date(2024, 6, 1), None),
        ("entraide", date(2024, 6, 1), None),
    ],
)
def test_fee_is_known_only_where_a_source_has_it(profiles, fund, day, fee):
    assert profiles[fund].fee_on(day) == fee


def test_fee_comes_with_its_period_and_sources(profiles):
    value = profiles["liantis"].fee_value_on(date(2024, 5, 1))

    assert isinstance(value, Value)
    assert (value.id, value.unit, value.status) == ("management_fee", "percent", "single_source")
    assert (value.valid_from, value.valid_to) == (date(2024, 1, 1), date(2024, 12, 31))
    assert value.sources[0].url.startswith("https://www.liantis.be/")


def test_unknown_fee_tells_the_last_known_one(profiles):
    unknown = profiles["securex"].fee_value_on(date(2026, 11, 20))

    assert isinstance(unknown, NotKnown)
    assert unknown.last_known.value == Decimal("4.1")
    assert profiles["partena"].fee_value_on(date(2026, 11, 20)) == NotKnown(None)


def test_hours_are_several_intervals_a_day_and_closed_in_the_weekend(profiles):
    friday, saturday = date(2026, 11, 20), date(2026, 11, 21)
    for profile in profiles.values():
        assert tuple(profile.hours) == WEEKDAYS
        assert profile.hours_source == "demo"
        assert profile.hours_on(friday) == (
            Interval(opens=time(9), closes=time(12)),
            Interval(opens=time(13), closes=time(17)),
        )
        assert profile.hours_on(saturday) == ()


def test_closing_day_has_no_hours(profiles):
    profile = profiles["liantis"].model_copy(update={"closures": (date(2026, 11, 20),)})

    assert profile.hours_on(date(2026, 11, 20)) == ()
    assert profile.hours_on(date(2026, 11, 19))


def test_what_no_source_says_is_left_unknown(profiles):
    assert all(one.telephone is None for one in profiles.values())
    assert {one.id: one.email for one in profiles.values()} == {
        "liantis": None,
        "partena": None,
        "securex": "integrity@securex.be",
        "entraide": None,
    }
    assert profiles["entraide"].website == {}


def test_chat_may_stand_only_on_named_origins(profiles):
    for profile in profiles.values():
        assert profile.allowed_origins == ("http://127.0.0.1:8000", "http://localhost:8000")


def test_profile_cannot_be_changed(profiles):
    with pytest.raises(ValidationError, match="frozen"):
        profiles["liantis"].name = "Other"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("name: Securex Integrity\n", "", ("name", "Field required", "null, [] or {}")),
        ("name: Securex", "nane: x\nname: Securex", ("line 4", "nane", "correct its name")),
        ("address: {nl: u}", "address: {nl: gij}", ("line 6", "address.nl", "'je' or 'u'")),
        ('monday: ["09:00-12:00", ', 'monday: ["9-12", ', ("hours.monday.0", "09:00-12:00")),
        ('monday: ["09:00-12:00", ', 'monday: ["12:00-09:00", ', ("hours.monday.0", "close after it opens")),
        ('monday: ["09:00-12:00", "13', 'monday: ["09:00-12:00", "11', ("hours of monday overlap",)),
        ("  sunday: []\n", "", ("hours", "every weekday once")),
        ('["http://127.0.0.1:8000", ', '["*", ', ("allowed_origins", "“*” is no origin")),
        ("to: 2022-12-31", "to: 2023-06-30", ("management_fee", "fee from 2023-01-01 overlaps")),
        ("value: 4.1", "value: 41", ("management_fee.0.value", "less than or equal to 10")),
        ("id: securex", "id: securex2", ("“securex2” is not the file name", "Make them alike")),
        ("id: securex\n", "id: securex\nid: securex\n", ("line 4", "“id” stands twice")),
        ("languages: [nl]", "languages: [nl", ("not readable as YAML",)),
    ],
)
def test_broken_profile_is_refused_in_words(tmp_path, old, new, words):
    text = (DATA / "funds" / "securex.yml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "funds").mkdir()
    (tmp_path / "funds" / "securex.yml").write_text(text.replace(old, new, 1), encoding="utf-8")

    with pytest.raises(ProfileError) as refused:
        load_profiles(tmp_path)

    for part in ("securex.yml, line ", *words):
        assert part in str(refused.value)
