"""`./relais answer TOPIC`: prints the answer on a topic as a member sees it, with its sources and their dates."""

import argparse
import sys
from datetime import date
from pathlib import Path
from typing import NoReturn

from actions.tools import load_content
from api.settings import ROOT, load_settings
from fund.answers.content import FACETS, NoAnswerError
from fund.answers.render import LENGTHS, Answer, render_answer
from fund.answers.yaml_file import ContentError
from fund.clock import day_in_belgium, system_clock
from fund.formats import format_date
from fund.law.parameters import LawError
from fund.phrases import LANGUAGES, PhraseError, Phrases


class _WrongUseError(Exception):
    """The command was called in a way that makes no sense; the message is for the person who typed it."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise _WrongUseError(message)


def main(argv: list[str]) -> int:
    """Print the answer and return 0; 1 when there is no answer on the topic yet, 2 for an unknown topic, fund, … ."""
    try:
        arguments = _parser().parse_args(argv)
        _print_answer(arguments, data=ROOT / "data")
    except _WrongUseError as error:
        return _failed(str(error), status=2)
    except NoAnswerError as error:
        return _failed(str(error), status=1)
    except (ContentError, LawError, PhraseError) as error:
        return _failed(str(error), status=1)
    return 0


def _failed(message: str, *, status: int) -> int:
    print(f"relais answer: {' '.join(message.split())}", file=sys.stderr)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="relais answer", description=__doc__)
    parser.add_argument("topic", help="a topic id of data/topics.yml, such as contributions.payment_plan")
    parser.add_argument("--language", choices=LANGUAGES, default="nl", help="default: nl")
    parser.add_argument("--fund", help="a profile of data/funds/; default: the fund of the settings")
    parser.add_argument("--date", type=_day, help="the day the question is about, as 2025-11-20; default: today")
    parser.add_argument("--facet", choices=FACETS, help="only this part of the answer")
    parser.add_argument("--length", choices=LENGTHS, default="normal", help="default: normal")
    return parser


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}” is no date; write it as 2025-11-20") from None


def _print_answer(arguments: argparse.Namespace, *, data: Path) -> None:
    content = load_content(data)
    if arguments.topic not in content.topics:
        raise _WrongUseError(f"“{arguments.topic}” is no topic; the topics stand in data/topics.yml")
    broken = next((error for error in content.problems if error.topic == arguments.topic), None)
    if broken:
        raise broken
    fund = arguments.fund or load_settings().fund
    if fund not in content.profiles:
        raise _WrongUseError(f"“{fund}” is no fund; there are {', '.join(content.profiles)}")
    profile = content.profiles[fund]
    answer = render_answer(
        arguments.topic,
        answers=content.answers,
        law=content.law,
        profile=profile,
        language=arguments.language,
        on=arguments.date or day_in_belgium(load_settings().now or system_clock()),
        facet=arguments.facet,
        length=arguments.length,
    )
    address = profile.address_in(arguments.language)
    print(_as_text(answer, phrases=content.phrases, language=arguments.language, address=address))


def _as_text(answer: Answer, *, phrases: Phrases, language: str, address: str) -> str:
    say = phrases.in_voice(language=language, address=address)
    lines = [answer.text, "", say("answers.sources")]
    for source in answer.sources:
        checked = format_date(date.fromisoformat(source["date"]), language)
        lines.append(f"- {say('answers.source', title=source['title'], url=source['url'], date=checked)}")
    return "\n".join(lines)
