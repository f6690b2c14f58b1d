"""`./relais contribution`: one contribution calculated step by step, as a table or as JSON."""

import argparse
import json
import re
import sys
from decimal import Decimal
from typing import NoReturn

from babel.numbers import format_decimal

from api.settings import ROOT
from fund.formats import NO_BREAK_SPACE, format_date
from fund.law.contributions import CATEGORIES, Contribution, calculate
from fund.law.parameters import LawError, Value, load_law
from fund.law.sheet import CalculationError, day_of_year
from fund.phrases import LANGUAGES, PhraseError, Phrases, load_phrases
from fund.profiles import Profile, ProfileError, load_profiles

DATA = ROOT / "data"
WRONG_INPUT = 2

_AMOUNT = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,2})?")
_PERCENT = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,4})?")


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        print(f"{self.prog}: {message}", file=sys.stderr)
        raise SystemExit(WRONG_INPUT)


def _amount(text: str) -> Decimal:
    if not _AMOUNT.fullmatch(text):
        raise argparse.ArgumentTypeError(f"“{text}” is not an amount in euro; write it like 30000 or 30000.50")
    return Decimal(text)


def _percent(text: str) -> Decimal:
    if not _PERCENT.fullmatch(text):
        raise argparse.ArgumentTypeError(f"“{text}” is not a percentage; write it like 3.95")
    return Decimal(text)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="relais contribution",
        description="Calculate the social contribution of a self-employed person, step by step.",
        allow_abbrev=False,
    )
    parser.add_argument("--year", type=int, required=True, help="the contribution year, for example 2025")
    parser.add_argument("--category", required=True, help=f"one of: {', '.join(CATEGORIES)}")
    parser.add_argument(
        "--income",
        type=_amount,
        required=True,
        help="yearly net taxable income used as basis, in euro (of three years before: already indexed)",
    )
    parser.add_argument(
        "--quarters", type=int, default=4, help="in how many quarters it was earned, 1 to 4 (default 4)"
    )
    parser.add_argument("--quarter-of-activity", type=int, help="which quarter since the start this is, from 1")
    fee = parser.add_mutually_exclusive_group()
    fee.add_argument("--fee", type=_percent, help="management fee in percent, for example 3.95")
    fee.add_argument("--fund", help="the fund whose management fee of that year is added, for example liantis")
    parser.add_argument("--language", choices=LANGUAGES, default="nl", help="language of the table and of errors")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    return parser


def main(argv: list[str]) -> int:
    """Run the command with the words after `contribution`.

    Prints the result and returns 0. Returns 2 on wrong input, an unknown figure or fee, 1 on broken content, with the
    reason in one line on stderr; wrong use of the options leaves with SystemExit 2, as argparse does.
    """
    options = _parser().parse_args(argv)
    try:
        phrases = load_phrases(DATA)
        law = load_law(DATA / "law")
        profiles = load_profiles(DATA) if options.fund is not None else {}
    except (LawError, PhraseError, ProfileError) as error:
        print(f"relais contribution: {' '.join(str(error).split())}", file=sys.stderr)
        return 1
    address = profiles[options.fund].address_in("nl") if options.fund in profiles else "je"
    try:
        fee = options.fee if options.fund is None else _fee_of(profiles, options.fund, year=options.year)
        contribution = calculate(
            law=law,
            phrases=phrases,
            year=options.year,
            category=options.category,
            income=options.income,
            quarters=options.quarters,
            quarter_of_activity=options.quarter_of_activity,
            fee=fee,
            address=address,
        )
    except CalculationError as error:
        say = phrases.in_voice(language=options.language, address=address)
        print(f"relais contribution: {error.text(say, language=options.language)}", file=sys.stderr)
        return WRONG_INPUT
    if options.json:
        print(json.dumps(as_json(contribution), ensure_ascii=False, indent=2))
    else:
        print(as_table(contribution, phrases=phrases, language=options.language, address=address))
    return 0


def _fee_of(profiles: dict[str, Profile], fund: str, *, year: int) -> Value:
    """The management fee of a fund in a year, in percent."""
    if fund not in profiles:
        raise CalculationError("fund", fund=fund, funds=", ".join(sorted(profiles)))
    fee = profiles[fund].fee_value_on(day_of_year(year))
    if not isinstance(fee, Value):
        raise CalculationError("fund_fee", fund=profiles[fund].name, year=year)
    return fee


def as_json(contribution: Contribution) -> dict:
    """The contribution as the command prints it: amounts as texts with two decimals, dates in ISO 8601."""
    return {
        "annual": _plain(contribution.annual),
        "quarterly": _plain(contribution.quarterly),
        "quarterly_with_fee": _plain(contribution.quarterly_with_fee),
        "management_fee": _plain(contribution.management_fee),
        "steps": [
            {"text_nl": step.text_nl, "text_fr": step.text_fr, "amount": _plain(step.amount)}
            for step in contribution.steps
        ],
        "sources": [
            {"title": source.title, "url": source.url, "date": source.date.isoformat()}
            for source in contribution.sources
        ],
    }


def as_table(contribution: Contribution, *, phrases: Phrases, language: str, address: str) -> str:
    """The steps and the sources as a member reads them, amounts in a column on the right."""
    say = phrases.in_voice(language=language, address=address if language == "nl" else "vous")
    rows = [
        (step.text_nl if language == "nl" else step.text_fr, _in_table(step.amount, language))
        for step in contribution.steps
    ]
    width = max(len(text) for text, _ in rows)
    column = max(len(amount) for _, amount in rows)
    category = say(f"calculation.category_{contribution.category}")
    lines = [say("calculation.title", year=contribution.year, category=category), ""]
    lines += [f"{text:<{width}}  {amount:>{column}}" for text, amount in rows]
    lines += ["", say("calculation.sources")]
    for source in contribution.sources:
        checked = say("calculation.checked_on", date=format_date(source.date, language))
        lines.append(f"- {source.title} ({checked}): {source.url}")
    return "\n".join(lines)


def _plain(amount: Decimal) -> str:
    return f"{amount:.2f}"


def _in_table(amount: Decimal, language: str) -> str:
    """ "€ 1.234,56" or "1 234,56 €"."""
    number = format_decimal(amount, format="#,##0.00", locale=f"{language}_BE")
    return f"€{NO_BREAK_SPACE}{number}" if language == "nl" else f"{number}{NO_BREAK_SPACE}€"
