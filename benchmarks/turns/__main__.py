"""Measures whole turns against the design's budgets, with a stock Rasa beside them: see benchmarks/README.md."""

import argparse
import asyncio
import json
import signal
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from api.commands.train import TrainingFailed, ensure_model
from benchmarks.turns.measure import Figures, Load, measure_relais, measure_stock, tell
from benchmarks.turns.processes import CannotMeasure
from benchmarks.turns.questions import choose_questions
from benchmarks.turns.report import Times, describe_machine, describe_versions, format_table, make_rows, today
from benchmarks.turns.stock import StockModel, ensure_stock_model, run_stock
from benchmarks.turns.systems import open_databases, run_relais, train_relais


def _number(least: float, most: float, kind: type = float):
    def read(text: str) -> Any:
        value = kind(text)
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"{text} is not between {least:g} and {most:g}")
        return value

    return read


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.turns", description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    usual = Load()
    parser.add_argument("--database", choices=("postgresql", "sqlite"), default="postgresql", help="of Relais")
    parser.add_argument("--seconds", type=_number(1, 600), default=usual.seconds, help="of each part")
    parser.add_argument("--calm", type=_number(0.1, 500), default=usual.calm_per_second, help="messages a second")
    parser.add_argument("--busy", type=_number(0.1, 500), default=usual.busy_per_second, help="messages a second")
    parser.add_argument("--people", type=_number(1, 500, int), default=usual.people, help="at once, at saturation")
    parser.add_argument(
        "--late-turn", type=_number(30, 2000, int), default=usual.late_turn, help="compared with turn 10"
    )
    parser.add_argument(
        "--examples", type=_number(1, 50, int), default=4,
        help="training examples of the stock Rasa per topic and language; the questions come from them",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=usual.seed, help="of questions and arrivals")
    parser.add_argument("--no-stock", action="store_true", help="leave the stock Rasa out")
    parser.add_argument("--no-training", action="store_true", help="do not measure our training")
    parser.add_argument("--output", type=Path, help="write everything as JSON into this file as well")
    return parser.parse_args(arguments)


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Everything, from empty databases to the figures. CannotMeasure and TrainingFailed say why not."""
    machine, date = describe_machine(), today()
    load = Load(
        calm_per_second=options.calm, busy_per_second=options.busy, seconds=options.seconds, people=options.people,
        late_turn=options.late_turn, seed=options.seed,
    )  # fmt: skip
    questions = choose_questions(per_topic=options.examples, seed=options.seed)
    ensure_model()
    stock_model: StockModel | None = None
    if not options.no_stock:
        tell(f"the stock Rasa's model of {len(questions)} examples (kept in var/benchmark; some minutes when new)")
        stock_model = ensure_stock_model(questions)
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="relais-turns-")))
        training = None
        if not options.no_training:
            tell("training our own model from nothing")
            training = train_relais(directory)
        databases = stack.enter_context(open_databases(options.database, directory))
        tell("starting Relais")
        relais = stack.enter_context(run_relais(databases, directory=directory))

        system = [relais.process, *([databases.server] if databases.server else [])]
        figures, texts = asyncio.run(
            measure_relais(relais.url, [question.text for question in questions], load=load, system=system)
        )
        stock_figures: Figures | None = None
        stock_times = Times()
        if stock_model is not None:
            tell("starting the stock Rasa")
            stock = stack.enter_context(run_stock(stock_model, directory=directory))
            stock_times = Times(stock_model.training_seconds, stock.ready_after)
            stock_figures = asyncio.run(
                measure_stock(stock.url, texts, load=load, system=[stock.process], beside=system)
            )
        rows = make_rows(
            figures, stock_figures, load=load, relais_times=Times(training, relais.ready_after),
            stock_times=stock_times, stock_examples=len(questions),
        )  # fmt: skip
    return {
        "date": date,
        "machine": machine,
        "versions": describe_versions(databases.version),
        "load": vars(load),
        "questions": {"chosen": len(questions), "asked": len(texts), "topics": len({one.topic for one in questions})},
        "training_seconds": {"relais": training, "stock": stock_times.training},
        "stock_trained_at": stock_model.trained_at if stock_model else None,
        "start_seconds": {"relais": relais.ready_after, "stock": stock_times.start},
        "relais": figures.summary(),
        "stock": stock_figures.summary() if stock_figures else None,
        "table": [vars(row) for row in rows],
        "text": format_table(rows),
    }


def show(result: dict[str, Any]) -> str:
    """The result as a page of text."""
    machine, versions, questions = result["machine"], result["versions"], result["questions"]
    relais, stock = result["relais"], result["stock"]
    lines = [
        f"{result['date']}, {machine['cores']} cores ({machine['cpu']}), {machine['ram_gib']} GiB, "
        f"{machine['system']}, load before {machine['load_before']}",
        ", ".join(f"{name} {version}" for name, version in versions.items()),
        f"{questions['asked']} general questions in Dutch and French, from {questions['topics']} topics, seed "
        f"{result['load']['seed']}",
        "",
        result["text"],
        "",
        "samples (messages; not answered): "
        + ", ".join(
            f"{part} {relais[part]['messages']}; {relais[part]['unanswered']}"
            + (f" | stock {stock[part]['messages']}; {stock[part]['unanswered']}" if stock and part in stock else "")
            for part in ("calm", "early", "late", "saturated", "busy", "hand_over")
            if relais.get(part)
        ),
        f"account of the busy part: {relais['account']}",
    ]
    for name, figures in (("Relais", relais), ("the stock Rasa", stock)):
        if figures:
            shares = ", ".join(f"{part} {share:.0%}" for part, share in figures["others"].items())
            lines.append(f"processors taken by other programs while {name} was measured: {shares}")
    if stock:
        lines.append(f"the stock model was trained on {result['stock_trained_at']}")
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Exit status 0 when everything was measured, whatever the figures."""
    options = _options(arguments)
    for end in (signal.SIGINT, signal.SIGTERM):
        signal.signal(end, signal.default_int_handler)
    try:
        result = run(options)
    except (CannotMeasure, TrainingFailed) as error:
        print(f"turns: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("turns: stopped", file=sys.stderr)
        return 130
    print(show(result))
    if options.output:
        del result["text"]
        options.output.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
