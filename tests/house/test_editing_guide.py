"""The editors' guide, in each of its languages, names everything that an editor may write, and what it shows works."""

import re
import shutil
from inspect import signature
from pathlib import Path
from typing import get_args

import pytest
import yaml

from api.commands.__main__ import COMMANDS
from api.website.answers import answers_page
from api.website.answers import router as answers_router
from fund.answers.bodies import load_bodies
from fund.answers.content import FACETS, FUND_FIELDS, LocalChange, Version, load_answers, marks
from fund.checking import KINDS, check_content
from fund.clock import day_in_belgium, system_clock
from fund.law.parameters import Axis, Parameter, Status, Unit, load_law
from fund.profiles import load_profiles
from fund.topics import load_topics

ROOT = Path(__file__).resolve().parents[2]
GUIDES = {name: (ROOT / "docs/editing" / name).read_text("utf-8") for name in ("README.md", "nl.md", "fr.md")}
PLAN = "answers/contributions.payment_plan.yml"
TAX = "answers/contributions.tax.yml"
LOCAL = "answers/liantis/contributions.payment_plan.yml"


def examples(guide: str) -> dict[str, str]:
    """The YAML examples of a guide by the path in their first line."""
    return dict(re.findall(r"```yaml\n# (\S+)\n(.*?)```", GUIDES[guide], re.DOTALL))


def spans(guide: str) -> list[str]:
    """What stands between backticks, in a table without the backslash before a bar."""
    prose = re.sub(r"```.*?```", "", GUIDES[guide], flags=re.DOTALL)
    return [span.replace(r"\|", "|") for span in re.findall(r"`([^`]+)`", prose)]


@pytest.mark.parametrize("guide", GUIDES)
@pytest.mark.parametrize(
    "name",
    [
        *FACETS,
        *(f"{{fund.{field}}}" for field in FUND_FIELDS),
        "{parameter_id}",
        "{parameter_id@2025-12-31}",
        "{parameter_id:table}",
        "{contact.sfp}",
        "[je|u]",
        *(key for key in Version.model_fields if key != "fingerprint"),
        *("replace", "add"),
        *get_args(Unit),
        *get_args(Status),
        *(axis for axis in get_args(Axis) if axis != "validity"),
        *("status", "unit", "axis", "last_verified_on", "management_fee", "excluded", "included", "value: null"),
        *KINDS.values(),
    ],
)
def test_everything_that_an_editor_may_write_or_read_is_named(guide, name):
    assert name in spans(guide)


@pytest.mark.parametrize("guide", GUIDES)
def test_the_examples_show_every_key(guide):
    shown = "\n".join(examples(guide).values())
    optional = {"effective_from", "plain_figures", "notes", "fingerprint", "axis", "management_fee"}
    for key in {*Version.model_fields, *LocalChange.model_fields, *Parameter.model_fields} - optional:
        assert re.search(rf"^\W*{key}:", shown, re.MULTILINE), key


@pytest.mark.parametrize("guide", GUIDES)
def test_commands_options_and_places_exist(guide):
    for span in spans(guide):
        command = re.match(r"\./relais ([a-z-]+)", span)
        if command:
            assert command[1] in COMMANDS, span
            source = (ROOT / "api/commands" / f"{command[1].replace('-', '_')}.py").read_text("utf-8")
            for option in re.findall(r"--[a-z]+", span):
                assert f'"{option}"' in source, span
        if re.fullmatch(r"(?:data|docs|fund|api)/[\w./-]+", span) and not re.search(r"[A-Z]{4}", span):
            assert (ROOT / span).exists(), span
        if span.startswith("/answers"):
            path, _, query = span.partition("?")
            assert path.replace("/nl", "/{language}").replace("/fr", "/{language}") in {
                route.path for route in answers_router.routes
            }
            assert set(re.findall(r"(\w+)=", query)) <= signature(answers_page).parameters.keys()
    for link in re.findall(r"\]\(([^)#]+)", GUIDES[guide]):
        assert (ROOT / "docs/editing" / link).exists(), link


def test_the_short_references_lead_to_the_guide():
    for reference in ("fund/answers/README.md", "data/law/README.md"):
        link = re.search(r"\]\(([^)#]+)", (ROOT / reference).read_text("utf-8"))[1]
        assert (ROOT / reference).parent.joinpath(link).resolve() == ROOT / "docs/editing/README.md"


@pytest.mark.parametrize("guide", GUIDES)
def test_the_examples_are_read_as_they_stand(guide, tmp_path):
    data = write_examples(guide, tmp_path)

    assert not broken_in(data)
    answers = load_answers(data)
    plan = answers.by_language["nl"]["contributions.payment_plan"]
    assert {"answer", "amount", "officer"} <= plan[0].facets.keys()
    assert len(answers.by_language["nl"]["contributions.tax"]) == 2
    change = answers.local["liantis"]["nl"]["contributions.payment_plan"]
    assert change.replace
    assert change.add
    law = load_law(data / "law")
    assert law.parameters["threshold_secondary"].values[-1].value is None
    assert load_bodies(data)["sfp"].telephone == "1765"
    profile = load_profiles(data)["liantis"]
    assert profile.telephone
    assert profile.links.keys() <= load_topics(data).keys()


@pytest.mark.parametrize("guide", GUIDES)
def test_the_marks_of_the_examples_name_parameters_and_topics_that_exist(guide):
    known = load_law(ROOT / "data/law").parameters
    topics = load_topics(ROOT / "data")
    for path, example in examples(guide).items():
        if "/answers/" in path:
            assert Path(path).stem in topics
            assert {mark for mark in marks(example) if "." not in mark} <= known.keys()
        if "/law/" in path:
            assert yaml.safe_load(example)["parameters"].keys() <= known.keys()
            assert (ROOT / path).exists()


def write_examples(guide: str, folder: Path) -> Path:
    """A folder of content made of the guide's examples; the language that an example does not show mirrors it."""
    data = folder / "data"
    kept = shutil.ignore_patterns("training", "answers", "law", "demo")
    shutil.copytree(ROOT / "data", data, ignore=kept)
    shown = examples(guide)
    (data / "law").mkdir()
    shutil.copy(ROOT / "data/law/contributions.yml", data / "law")  # the figures that the examples show
    for path, example in shown.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if file.exists():  # part of a profile or of the institutions
            example = yaml.safe_dump(yaml.safe_load(file.read_text("utf-8")) | yaml.safe_load(example), sort_keys=False)
        file.write_text(example, "utf-8")
        if "/answers/" in path:
            other = path.replace("/nl/", "/fr/") if "/nl/" in path else path.replace("/fr/", "/nl/")
            if other not in shown:
                (folder / other).parent.mkdir(parents=True, exist_ok=True)
                (folder / other).write_text(mirrored(example), "utf-8")
    return data


def mirrored(example: str) -> str:
    """`example` with nothing but its marks in every text, which is then good in either language."""

    def only_marks(text: str) -> str:
        return " ".join(["Oké:", *(f"{{{mark}}}" for mark in marks(text).elements())])

    content = yaml.safe_load(example)
    for version in content if isinstance(content, list) else [content]:
        for key in ("facets", "replace", "add"):
            if key in version:
                version[key] = {facet: only_marks(text) for facet, text in version[key].items()}
    return yaml.safe_dump(content, allow_unicode=True)


# Each message that the guides explain: the file, what an editor changes in the example, and into what.
REFUSALS = {
    "the figure “12” is typed in": ("nl/" + PLAN, "{payment_plan_max_months}", "12 maanden"),
    "“je” is typed without its other form": ("nl/" + PLAN, "[je|u]", "je"),
    "a square bracket that is no form of address": ("nl/" + PLAN, "[je|u]", "[je/u]"),
    "the mark {fund.fax} is unknown": ("nl/" + PLAN, "{fund.contact_person}", "{fund.fax}"),
    "no law file holds the parameter “late_increase”": ("*/" + PLAN, "{late_increase_quarter}", "{late_increase}"),
    "a brace has no partner": ("nl/" + PLAN, "{late_increase_quarter}", "{late_increase_quarter"),
    "“du” stands right before a mark": ("fr/" + PLAN, "au plus {", "du {"),
    "the text holds Markdown or HTML": ("nl/" + PLAN, "Ja, ", "**Ja**, "),
    "the facet “duration” is missing in “fr”": ("fr/" + PLAN, "  duration: |\n", ""),
    "other marks than in Dutch: late_increase_quarter": ("fr/" + PLAN, "{late_increase_quarter}", "des majorations"),
    "checked_on differs from the Dutch answer": ("fr/" + PLAN, "checked_on: 2026-11-30", "checked_on: 2026-12-01"),
    "“contributions.payment_plan” has no answer in “fr”": ("fr/" + PLAN, None, None),
    "1 versions here, 2 in Dutch": ("fr/" + TAX, r"(?s)\n- .*", "\n"),
    "the versions are not in order": ("nl/" + TAX, "  effective_from: 2027-01-01\n", ""),
    "check_again_by: Field required": ("nl/" + PLAN, "check_again_by", "check_again"),
    "facets.termijn: Input should be 'answer', 'conditions'": ("nl/" + PLAN, "  duration:", "  termijn:"),
    "not readable as YAML: mapping values are not allowed in this context": (
        "nl/" + PLAN, "title: Aflossingsplan", "title: Aflossingsplan: de regels",
    ),
    "checked_on: Input should be a valid date or datetime": ("nl/" + PLAN, "_on: 2026-11-30", "_on: 30/11/2026"),
    "plain_figures.0: Input should be a valid string": ("nl/" + LOCAL, '"20"', "20"),
    "facets: Extra inputs are not permitted": ("nl/" + LOCAL, "replace:", "facets:"),
    "the topic “contributions.paymentplan” is not the file name": ("nl/" + PLAN, "s.payment_plan", "s.paymentplan"),
    "there is no answer “contributions.plan” to change": ("*/" + LOCAL, "payment_plan\n", "plan\n"),
    "this value overlaps the one before it, which has no end": ("law/start.yml", "to: '2025-12-31'", "to: null"),
    "there is a gap: no value from 2026-01-01 to 2026-01-31": ("law/start.yml", "'2026-01-01'", "'2026-02-01'"),
    "the value “1881,76” does not fit the unit EUR/year": ("law/start.yml", "1881.76", "1881,76"),
    "this value has no source": ("law/start.yml", r"      sources:\n.*\n", ""),
    "unknown key “last_verified”": ("law/start.yml", "last_verified_on", "last_verified"),
    "unknown key “status”": ("law/start.yml", "value: 1881.76", "value: null"),
    "“checked” is no known status": ("law/start.yml", "status: verified", "status: checked"),
    "hours.monday.0: Value error, write opening hours as 09:00-12:00": ("funds/securex.yml", "09:00-12:00", "9-12"),
    "telephone: Field required": ("funds/securex.yml", r"(?m)^telephone:.*\n", ""),
    "sfp.telephone: Input should be a valid string": ("bodies.yml", "'1765'", "1765"),
    "the phrase “checked” has other placeholders in Dutch than in French": (
        "fr/phrases/answers.yml", r"(?m)^(checked: .*)checked_on", r"\1checked_at",
    ),
}  # fmt: skip


@pytest.mark.parametrize("message", REFUSALS)
def test_the_messages_are_those_that_an_editor_reads(message, tmp_path):
    data = write_examples("README.md", tmp_path)
    where, old, new = REFUSALS[message]
    for file in data.glob(where):
        if old is None:
            file.unlink()
            continue
        text = file.read_text("utf-8")
        pattern = old if re.search(r"\(\?|\\n", old) else re.escape(old)
        changed = re.sub(pattern, new, text, count=1)
        assert changed != text
        file.write_text(changed, "utf-8")
        if new == "plan\n":
            file.rename(file.with_stem("contributions.plan"))

    assert any(what.startswith(message) for what in broken_in(data))


def broken_in(data: Path) -> list[str]:
    found = check_content(data, code=data, on=day_in_belgium(system_clock()))
    return [finding.what for finding in found if finding.kind == "broken"]


@pytest.mark.parametrize("guide", GUIDES)
def test_every_guide_explains_the_same_messages(guide):
    rows = re.findall(r"^\| `([^`]+)` \| .+ \|$", GUIDES[guide].split("| message |")[-1].split("| melding |")[-1], re.M)

    assert rows == list(REFUSALS)
