"""The profile of each fund: its name, languages and form of address, where to reach it, when it is open, its fee."""

import re
from datetime import date, time
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator

from fund.answers.yaml_file import ContentError, YamlFile, read_yaml
from fund.law.parameters import NotKnown, Source, Value

Language = Literal["nl", "fr"]
Address = Literal["je", "u", "vous"]
Channel = Literal["telephone", "e-mail", "website", "social_media", "visit", "fax"]
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_INTERVAL = re.compile(r"(\d\d:\d\d)-(\d\d:\d\d)")
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:\d+)?")


class ProfileError(ContentError):
    """A fund's profile is broken; the message names the file, the line, what is wrong and the remedy."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ContactPerson(_Frozen):
    """The fund's own word for the person who knows the member's file, in one language."""

    title: str
    in_a_sentence: str
    """The same as it follows "met" or "avec", in the fund's form of address: "je klantverantwoordelijke"."""


class Interval(_Frozen):
    """One stretch of opening hours of a day, in Belgian time; `closes` is the first minute that is closed again."""

    opens: time
    closes: time

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        if isinstance(value, str):
            match = _INTERVAL.fullmatch(value)
            if not match:
                raise ValueError("write opening hours as 09:00-12:00")
            return {"opens": match.group(1), "closes": match.group(2)}
        return value

    @model_validator(mode="after")
    def _in_order(self) -> "Interval":
        if self.opens >= self.closes:
            raise ValueError("the fund must close after it opens")
        return self


class Fee(_Frozen):
    """The management fee in one period, both days included; `value` in percent of the contribution (3.95 = 3.95 %)."""

    valid_from: date = Field(alias="from")
    valid_to: date | None = Field(alias="to")
    value: Annotated[Decimal, BeforeValidator(lambda value: str(value))] = Field(ge=0, le=10)
    status: Literal["verified", "single_source"]
    last_verified_on: date
    sources: tuple[Source, ...] = Field(min_length=1)

    def as_value(self) -> Value:
        """The fee as a dated value like those of the law, under the id `management_fee`."""
        return Value(
            "management_fee",
            self.value,
            "percent",
            self.valid_from,
            self.valid_to,
            self.status,
            self.last_verified_on,
            self.sources,
        )


class Link(_Frozen):
    """A page of the fund's own on a topic, shown first among the sources of its answer."""

    title: str
    url: str = Field(pattern=r"^https://\S+$")
    checked_on: date


class Profile(_Frozen):
    """One fund. Null means unknown: a text then refers to the fund's website."""

    id: str
    name: str
    languages: tuple[Language, ...] = Field(min_length=1)
    """The languages in which the fund itself serves its members."""
    address: dict[Literal["nl"], Literal["je", "u"]]
    contact_person: dict[Language, ContactPerson]
    channels: tuple[Channel, ...] = Field(min_length=1)
    """The ways to reach the fund that its charter promises, the most usual first."""
    telephone: str | None
    email: str | None
    website: dict[Language, str]
    privacy: dict[Language, str]
    links: dict[str, dict[Language, Link]]
    """The fund's own page on a topic, by topic and language."""
    hours_source: Literal["demo", "fund"]
    hours: dict[str, tuple[Interval, ...]]
    """Opening hours per weekday ("monday"…), in order, never overlapping; an empty list is a closed day."""
    closures: tuple[date, ...]
    """Days on which the fund is closed, beside the legal holidays."""
    allowed_origins: tuple[str, ...]
    """Origins of the web pages that may host the chat; never `*`."""
    management_fee: tuple[Fee, ...]

    @field_validator("hours")
    @classmethod
    def _every_weekday(cls, hours: dict[str, tuple[Interval, ...]]) -> dict[str, tuple[Interval, ...]]:
        if tuple(hours) != WEEKDAYS:
            raise ValueError("list every weekday once, from monday to sunday; a closed day gets []")
        for day, intervals in hours.items():
            if any(later.opens < earlier.closes for earlier, later in pairwise(intervals)):
                raise ValueError(f"the opening hours of {day} overlap or are out of order")
        return hours

    @field_validator("allowed_origins")
    @classmethod
    def _plain_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            if not _ORIGIN.fullmatch(origin):
                raise ValueError(f"“{origin}” is no origin; write https://www.example.be, without a path and without *")
        return origins

    @field_validator("management_fee")
    @classmethod
    def _fees_in_order(cls, fees: tuple[Fee, ...]) -> tuple[Fee, ...]:
        for earlier, later in pairwise(fees):
            if earlier.valid_to is None or later.valid_from <= earlier.valid_to:
                raise ValueError(f"the fee from {later.valid_from} overlaps the one before it or is out of order")
        return fees

    def address_in(self, language: str) -> Address:
        """How the fund addresses its members: "je" or "u" in Dutch, always "vous" in French."""
        return self.address["nl"] if language == "nl" else "vous"

    def fee_value_on(self, day: date) -> Value | NotKnown:
        """The fee of `day` with its period and sources, or NotKnown with the last one known before it."""
        started = [fee for fee in self.management_fee if fee.valid_from <= day]
        if not started:
            return NotKnown(None)
        last = started[-1]
        holds = last.valid_to is None or day <= last.valid_to
        return last.as_value() if holds else NotKnown(last.as_value())

    def fee_on(self, day: date) -> Decimal | None:
        """The management fee of `day` in percent of the contribution (3.95 = 3.95 %); None when it is not known."""
        fee = self.fee_value_on(day)
        return fee.value if isinstance(fee, Value) else None

    def hours_on(self, day: date) -> tuple[Interval, ...]:
        """When the fund is open on `day`, legal holidays left aside; empty when it is closed."""
        return () if day in self.closures else self.hours[WEEKDAYS[day.weekday()]]


def load_profiles(data: Path) -> dict[str, Profile]:
    """The profiles of `data/funds/`, by id. ProfileError when one is broken or its id is not its file name."""
    profiles, problems = read_profiles(data)
    if problems:
        raise problems[0]
    return profiles


def read_profiles(data: Path) -> tuple[dict[str, Profile], list[ProfileError]]:
    """The profiles that are whole, by id, and what is wrong with the others."""
    profiles: dict[str, Profile] = {}
    problems: list[ProfileError] = []
    for path in sorted((data / "funds").glob("*.yml")):
        try:
            profiles[path.stem] = _load_profile(path)
        except ProfileError as error:
            problems.append(error)
    return profiles, problems


def _load_profile(path: Path) -> Profile:
    try:
        file = read_yaml(path)
    except ContentError as error:
        raise ProfileError.like(error) from error
    try:
        profile = Profile.model_validate(file.content)
    except ValidationError as error:
        raise _first_problem(file, error) from error
    if profile.id != path.stem:
        raise ProfileError(
            path, file.line_of(("id",)), f"the id “{profile.id}” is not the file name", "Make them alike."
        )
    return profile


def _first_problem(file: YamlFile, error: ValidationError) -> ProfileError:
    first = error.errors()[0]
    location = first["loc"]
    name = ".".join(str(step) for step in location) or "the profile"
    remedy = {
        "missing": "Add it; write null, [] or {} when it is unknown.",
        "extra_forbidden": "Take it out or correct its name; the fields are those of the other profiles.",
    }.get(first["type"], "Correct this value; compare with another profile in data/funds/.")
    return ProfileError(file.path, file.line_of(location), f"{name}: {first['msg']}", remedy)
