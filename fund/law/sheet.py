"""The paper on which a sum of the law is worked out: its figures, its steps in words and amounts, its refusals.

All calculators of `fund/law` write on it, so that each result can be read line by line in both languages.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import floor

from fund.formats import format_date, format_money, format_number, format_percent
from fund.law.parameters import Law, NotKnown, Parameter, Reference, Value, best_sourced, references
from fund.phrases import LANGUAGES, Phrases, Say

Written = Callable[[str], str]
"""A value of a step that is written out in each language."""


class CalculationError(ValueError):
    """Nothing can be calculated; `code` says why and never changes, `text` says it to a person.

    Among the codes: category, income, quarters, fee, year, and not_known when `parameter` has no value on the day (with
    `values["year"]`).
    """

    def __init__(self, code: str, *, parameter: Parameter | None = None, **values: object):
        super().__init__(f"{code} {values}" if values else code)
        self.code, self.parameter, self.values = code, parameter, values

    def text(self, say: Say, *, language: str) -> str:
        """The reason in `language`, said by `say`, a voice in that language."""
        values = dict(self.values)
        if self.parameter:
            values["parameter"] = self.parameter.label_nl if language == "nl" else self.parameter.label_fr
        return say(f"calculation.error_{self.code}", **values)


@dataclass(frozen=True)
class Step:
    """One line of a calculation; `amount` in EUR, rounded to the cent for show."""

    text_nl: str
    text_fr: str
    amount: Decimal

    def text(self, language: str) -> str:
        """The line in one language."""
        return self.text_nl if language == "nl" else self.text_fr


@dataclass
class Sheet:
    """One calculation under way: the figures of its day that were used, and the steps so far."""

    law: Law
    day: date
    say: dict[str, Say]
    steps: list[Step] = field(default_factory=list)
    used: dict[str, Value] = field(default_factory=dict)

    def find(self, id_: str) -> Fraction | None:
        """The figure that holds on the day, None when it is not known."""
        value = self.law.value_on(id_, on=self.day)
        if isinstance(value, NotKnown):
            return None
        self.used[id_] = value
        return Fraction(value.value)

    def need(self, id_: str) -> Fraction:
        """The figure that holds on the day; raises CalculationError when it is not known."""
        figure = self.find(id_)
        if figure is None:
            raise CalculationError("not_known", parameter=self.law.parameters[id_], year=self.day.year)
        return figure

    def step(self, key: str, amount: Fraction | Decimal, **values: int | Written) -> None:
        """Adds the step of that phrase; it may name the year; a value that is a function is written per language."""
        texts = {}
        for language in LANGUAGES:
            written = {name: value(language) if callable(value) else value for name, value in values.items()}
            texts[language] = self.say[language](f"calculation.{key}", **{"year": self.day.year, **written})
        self.steps.append(Step(texts["nl"], texts["fr"], to_cents(amount)))

    def sources(self, *more: Value) -> tuple[Reference, ...]:
        """The best sources of the figures used, and of `more`."""
        return references(best_sourced(value) for value in (*self.used.values(), *more))


def new_sheet(law: Law, phrases: Phrases, *, day: date, address: str) -> Sheet:
    """An empty sheet for the figures of `day`; `address` ("je" or "u") is the voice of the Dutch steps."""
    voices = {"nl": address, "fr": "vous"}
    return Sheet(law, day, {one: phrases.in_voice(language=one, address=voices[one]) for one in LANGUAGES})


def day_of_year(year: int) -> date:
    """The day on which the figures of a contribution year are looked up: its last, when every change of it applies.

    Raises CalculationError for a year that no calendar has.
    """
    if not date.min.year <= year <= date.max.year:
        raise CalculationError("year", year=year)
    return date(year, 12, 31)


def check_amount(code: str, amount: Decimal) -> None:
    """Raises CalculationError with `code` unless `amount` is a number of euro, 0 or more."""
    if not amount.is_finite() or amount < 0:
        raise CalculationError(code)


def to_cents(amount: Fraction | Decimal) -> Decimal:
    """`amount` in EUR rounded half up to the cent."""
    return Decimal(floor(Fraction(amount) * 100 + Fraction(1, 2))).scaleb(-2)


def money(amount: Fraction | Decimal) -> Written:
    """An amount in EUR, written to the cent."""
    cents = to_cents(amount)
    return lambda language: format_money(cents, language)


def number(value: Fraction | Decimal) -> Written:
    """A bare number, such as a coefficient, with all its decimals."""
    exact = _exact(value)
    return lambda language: format_number(exact, language)


def percent(rate: Fraction | Decimal) -> Written:
    """A rate in percent, without zeros at its end: 4.10 is 4,1 %."""
    exact = _exact(rate)
    return lambda language: format_percent(exact, language)


def day_in_words(day: date) -> Written:
    """A date, written out."""
    return lambda language: format_date(day, language)


def _exact(value: Fraction | Decimal) -> Decimal:
    plain = Fraction(value)
    return Decimal(plain.numerator) / plain.denominator
