"""The rooms of the house and who may go where: api → actions → fund; the bot stands alone; all read from the source."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("api", "actions", "fund", "bot")
MAY_IMPORT = {
    "api": {"api", "actions", "fund"},
    "actions": {"actions", "fund"},
    "fund": {"fund"},
    "bot": {"bot"},
}
# Other Python of ours that runs in the product's environment; none of it may reach into the bot's.
AROUND = ("migrations", "benchmarks", "docs")
# The field knows no web and no Rasa.
NOT_IN_FUND = {
    "aiohttp", "authlib", "fastapi", "httpx", "jinja2", "rasa", "rasa_sdk", "redis", "requests", "sanic",
    "sse_starlette", "starlette", "urllib3", "uvicorn",
}  # fmt: skip


def sources(room: str) -> list[Path]:
    return sorted((ROOT / room).rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Full names of the modules that a file imports, wherever in the file, also by name at run time."""
    names: set[str] = set()
    package = path.relative_to(ROOT).parent.parts
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) + 1 - node.level] if node.level else ()
            names.add(".".join([*above, *([node.module] if node.module else [])]))
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in (
            "import_module",
            "__import__",
        ):
            names |= {argument.value for argument in node.args if isinstance(argument, ast.Constant)}
    return names


def rooms_of(names: set[str]) -> set[str]:
    return {name.split(".")[0] for name in names} & {*ROOMS, "tests", "benchmarks", "migrations"}


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_what_lies_below_it(room):
    assert sources(room)
    wrong = {
        str(path.relative_to(ROOT)): sorted(rooms_of(imported(path)) - MAY_IMPORT[room])
        for path in sources(room)
        if rooms_of(imported(path)) - MAY_IMPORT[room]
    }
    assert wrong == {}


@pytest.mark.parametrize("room", AROUND)
def test_nothing_around_the_rooms_imports_the_bot(room):
    assert [path for path in sources(room) if "bot" in rooms_of(imported(path))] == []


def test_only_the_tests_of_the_bot_import_it():
    # They run in the bot's own environment; every other test runs in the product's, where there is no Rasa.
    others = [path for path in sources("tests") if "bot" not in path.relative_to(ROOT / "tests").parts[:1]]
    assert len(others) > 10
    wrong = [str(path) for path in others if {"bot", "rasa"} & {name.split(".")[0] for name in imported(path)}]
    assert wrong == []


def test_the_field_knows_no_web_and_no_rasa():
    wrong = {
        str(path.relative_to(ROOT)): names
        for path in sources("fund")
        if (names := {name.split(".")[0] for name in imported(path)} & NOT_IN_FUND)
    }
    assert wrong == {}


def test_the_field_asks_no_clock_but_its_own():
    """`now` and `on` are arguments; only fund/clock.py looks at the time."""
    asked = []
    for path in sources("fund"):
        if path.name == "clock.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in ("now", "utcnow", "today", "localtime", "time_ns"):
                owner = getattr(node.value, "id", getattr(node.value, "attr", ""))
                if owner in ("datetime", "date", "time"):
                    asked.append(f"{path.relative_to(ROOT)}:{node.lineno}")
            if isinstance(node, ast.Name) and node.id == "system_clock":
                asked.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert asked == []


def test_services_leave_the_transaction_to_the_door():
    """No function of the field commits or rolls back: two of them can share one transaction."""
    wrong = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sources("fund")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("commit", "rollback")
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import bot.nlu.text", {"bot"}),
        ("import os, api.bus as bus", {"api"}),
        ("from actions import tools", {"actions"}),
        ("def f():\n    from api.settings import ROOT", {"api"}),
        ("from .. import bus", {"api"}),
        ("from ..identity.portal import Keys", {"api"}),
        ("import importlib\nimportlib.import_module('bot.train')", {"bot"}),
        ("__import__('bot')", {"bot"}),
        ("import robot, apiary\nx = 'import bot'", set()),
    ],
)
def test_an_import_is_seen_however_it_is_written(tmp_path, monkeypatch, source, found):
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    path = tmp_path / "api" / "website" / "some.py"
    path.parent.mkdir(parents=True)
    path.write_text(source, encoding="utf-8")
    assert rooms_of(imported(path)) == found
