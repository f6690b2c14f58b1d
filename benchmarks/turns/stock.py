"""A stock Rasa 3.6 for comparison: what `rasa init` sets up, with one intent, one rule and one response per topic."""

import contextlib
import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import yaml

from api.commands.train import BOT_PYTHON
from api.settings import ROOT
from benchmarks.turns.processes import CannotMeasure, free_port, plain_environment, running, tail, wait_until_ready
from benchmarks.turns.questions import Question
from benchmarks.turns.systems import System
from fund.topics import load_topics

KEPT = ROOT / "var" / "benchmark"
MOST_KEPT = 3

# No pipeline and no policies named: Rasa then takes the default ones that `rasa init` shows in comments.
CONFIG = {"recipe": "default.v1", "assistant_id": "stock", "language": "nl"}
CREDENTIALS = {"rest": None}


@dataclass(frozen=True)
class StockModel:
    """A trained stock model, and what its training took when it was trained."""

    path: Path
    training_seconds: float
    examples: int
    trained_at: str


def project_files(questions: Sequence[Question]) -> dict[str, str]:
    """The files of the stock project, by name."""
    labels = {topic.id: topic.labels for topic in load_topics(ROOT / "data").values()}
    topics = sorted({question.topic for question in questions})
    named = {topic: topic.replace(".", "_") for topic in topics}
    examples = {topic: [question.text for question in questions if question.topic == topic] for topic in topics}
    content = {
        "config.yml": CONFIG,
        "domain.yml": {
            "version": "3.1",
            "intents": list(named.values()),
            "responses": {
                f"utter_{named[topic]}": [{"text": f"{labels[topic]['nl']} / {labels[topic]['fr']}"}]
                for topic in topics
            },
        },
        "data/nlu.yml": {
            "version": "3.1",
            "nlu": [
                {"intent": named[topic], "examples": "".join(f"- {text}\n" for text in examples[topic])}
                for topic in topics
            ],
        },
        "data/rules.yml": {
            "version": "3.1",
            "rules": [
                {"rule": topic, "steps": [{"intent": named[topic]}, {"action": f"utter_{named[topic]}"}]}
                for topic in topics
            ]
            + [
                {
                    "rule": "not understood",
                    "steps": [{"intent": "nlu_fallback"}, {"action": "action_default_fallback"}],
                }
            ],
        },
    }
    content["domain.yml"]["responses"]["utter_default"] = [{"text": "?"}]
    return {name: yaml.safe_dump(data, allow_unicode=True, sort_keys=False) for name, data in content.items()}


def ensure_stock_model(questions: Sequence[Question]) -> StockModel:
    """The stock model of these questions: the one kept from an earlier run, else trained now (some minutes)."""
    files = project_files(questions)
    inputs = hashlib.sha256((ROOT / "locks" / "bot.txt").read_bytes())
    for name, text in files.items():
        inputs.update(f"{name}\0{text}\0".encode())
    home = KEPT / f"stock-{inputs.hexdigest()[:16]}"
    if not (home / "training.json").is_file():
        _train(files, home, examples=len(questions))
    return StockModel(home / "model.tar.gz", **json.loads((home / "training.json").read_text()))


def _train(files: dict[str, str], home: Path, *, examples: int) -> None:
    KEPT.mkdir(parents=True, exist_ok=True)
    draft = KEPT / f"draft-{os.getpid()}"
    try:
        for name, text in files.items():
            (draft / name).parent.mkdir(parents=True, exist_ok=True)
            (draft / name).write_text(text, encoding="utf-8")
        command = [BOT_PYTHON, "-m", "rasa", "train", "--out", ".", "--fixed-model-name", "model"]
        started = time.monotonic()
        with running(command, log=draft / "training.log", cwd=draft, env=_environment()) as process:
            process.wait()
        seconds = time.monotonic() - started
        if process.returncode or not (draft / "model.tar.gz").is_file():
            raise CannotMeasure(f"training the stock Rasa failed; the end:\n{tail(draft / 'training.log')}")
        shutil.rmtree(draft / ".rasa", ignore_errors=True)
        about = {
            "training_seconds": round(seconds, 1),
            "examples": examples,
            "trained_at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        (draft / "training.json").write_text(json.dumps(about))
        draft.rename(home)
        for old in sorted(KEPT.glob("stock-*"), key=lambda path: path.stat().st_mtime)[:-MOST_KEPT]:
            shutil.rmtree(old)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


@contextlib.contextmanager
def run_stock(model: StockModel, *, directory: Path) -> Iterator[System]:
    """The stock Rasa as a REST server with its conversations in SQLite."""
    port = free_port()
    log, endpoints, credentials = (directory / name for name in ("stock.log", "endpoints.yml", "credentials.yml"))
    store = {"type": "SQL", "dialect": "sqlite", "db": str(directory / "stock.db")}
    endpoints.write_text(yaml.safe_dump({"tracker_store": store}))
    credentials.write_text(yaml.safe_dump(CREDENTIALS))
    command = [
        BOT_PYTHON, "-m", "rasa", "run", "--model", model.path, "--interface", "127.0.0.1", "--port", port,
        "--endpoints", endpoints, "--credentials", credentials,
    ]  # fmt: skip
    with running(command, log=log, cwd=directory, env=_environment()) as process:
        url = f"http://127.0.0.1:{port}"
        yield System(url, wait_until_ready(process, url=url, log=log, name="the stock Rasa"), process)


def _environment() -> dict[str, str]:
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "SQLALCHEMY_SILENCE_UBER_WARNING": "1", "PYTHONWARNINGS": "ignore"}
    return plain_environment(RASA_TELEMETRY_ENABLED="false", **quiet)
