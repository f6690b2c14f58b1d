"""The editors' guide names everything that an editor may write, and what it shows works."""

import re
import shutil
from pathlib import Path
from typing import get_args

import pytest
import yaml

from api.commands.__main__ import COMMANDS
from fund.answers.content import FACETS, FUND_FIELDS, LocalChange, Version, load_answers
from fund.checking import KINDS
from fund.law.parameters import Axis, Status, Unit, load_law

ROOT = Path(__file__).resolve().parents[2]
GUIDES = {name: (ROOT / "docs/editing" / name).read_text("utf-8") for name in ("README.md", "nl.md", "fr.md")}
GUIDE = GUIDES["README.md"]
EXAMPLES = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)


@pytest.mark.parametrize(
    "name",
    [
        *FACETS,
        *(f"{{fund.{field}}}" for field in FUND_FIELDS),
        *(key for kind in (Version, LocalChange) for key in kind.model_fields if key != "fingerprint"),
        *get_args(Unit),
        *get_args(Status),
        *(axis for axis in get_args(Axis) if axis != "validity"),
        *KINDS,
    ],
)
def test_everything_that_an_editor_may_write_is_in_the_guide(name):
    assert re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", GUIDE)


@pytest.mark.parametrize("guide", GUIDES)
def test_commands_and_places_exist(guide):
    text = GUIDES[guide]
    for command in re.findall(r"\./relais ([a-z-]+)", text):
        assert command in COMMANDS
    for place in re.findall(r"`((?:data|docs|fund)/[\w./-]+)`", text):
        if not re.search(r"TOPIC|FUND|UWFONDS|VOTRECAISSE", place):
            assert (ROOT / place).exists(), place
    for mark in re.findall(r"\{contact\.(\w+)\}", text):
        assert mark in yaml.safe_load((ROOT / "data/bodies.yml").read_text("utf-8"))


def test_the_examples_are_read_as_they_stand(tmp_path):
    answer, law, change = EXAMPLES
    shutil.copytree(ROOT / "data", tmp_path / "data", ignore=shutil.ignore_patterns("training", "answers"))
    for language in ("nl", "fr"):
        folder = tmp_path / "data" / language / "answers"
        (folder / "liantis").mkdir(parents=True)
        said = answer if language == "nl" else re.sub(r"answer: .*", "answer: Oui.", answer)
        (folder / "contributions.tax.yml").write_text(said, "utf-8")
        common = yaml.safe_load(said)[0] | {"topic": "contributions.payment_plan"}
        (folder / "contributions.payment_plan.yml").write_text(yaml.safe_dump(common, allow_unicode=True), "utf-8")
        (folder / "liantis" / "contributions.payment_plan.yml").write_text(change, "utf-8")
    (tmp_path / "law").mkdir()
    (tmp_path / "law" / "start.yml").write_text(law, "utf-8")

    answers = load_answers(tmp_path / "data")

    assert len(answers.by_language["nl"]["contributions.tax"]) == 2
    assert "how_to_apply" in answers.local["liantis"]["nl"]["contributions.payment_plan"].add
    assert load_law(tmp_path / "law").parameters["threshold_secondary"].unit == "EUR/year"
