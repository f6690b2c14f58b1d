"""What Relais says by itself: the same in both languages, sayable in every voice, there whenever code asks for it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from fund.phrases import LANGUAGES, load_phrases, placeholders, speak

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "data"
PHRASES = load_phrases(DATA)
EVERY_PHRASE = [
    pytest.param(language, key, text, id=f"{language}:{key}")
    for language in LANGUAGES
    for key, text in PHRASES.texts[language].items()
]
VOICES = {"nl": ("je", "u"), "fr": ("vous",)}
REASONS = (
    "distress", "wants_person", "advice", "dispute", "judicial", "out_of_scope_twice", "not_understood_twice",
    "rejected_answer", "file_disagrees", "file_unavailable", "blocked_file", "bot_unavailable",
)  # fmt: skip


class OneOfEachKey(yaml.SafeLoader):
    """YAML lets the second of two equal keys win in silence; here it is an error."""

    def construct_mapping(self, node, deep=False):
        keys = [key.value for key, _ in node.value]
        assert len(keys) == len(set(keys)), f"{node.start_mark}: a key stands twice"
        return super().construct_mapping(node, deep)


def phrase_files(language: str) -> dict[str, dict[str, str]]:
    return {
        path.stem: yaml.load(path.read_text(encoding="utf-8"), OneOfEachKey)
        for path in (DATA / language / "phrases").glob("*.yml")
    }


def test_both_languages_have_the_same_phrases_with_the_same_placeholders():
    dutch, french = phrase_files("nl"), phrase_files("fr")
    assert len(dutch) > 3
    assert dutch.keys() == french.keys()
    for file, phrases in dutch.items():
        assert phrases.keys() == french[file].keys(), file
        for key, text in phrases.items():
            assert placeholders(text) == placeholders(french[file][key]), f"{file}.{key}"


def test_both_languages_order_their_phrases_alike():
    """So that a translator sees both sides line by line."""
    dutch, french = phrase_files("nl"), phrase_files("fr")
    assert {file: list(phrases) for file, phrases in dutch.items()} == {
        file: list(phrases) for file, phrases in french.items()
    }


@pytest.mark.parametrize(("language", "key", "text"), EVERY_PHRASE)
def test_a_phrase_can_be_said_in_every_voice_as_plain_text(language, key, text):
    values = dict.fromkeys(placeholders(text), "WAARDE")
    for address in VOICES[language]:
        said = PHRASES.in_voice(language=language, address=address)(key, **values)
        assert said
        assert said.count("WAARDE") >= len(values)
        assert not set("[]{}|") & set(said)
        assert not re.search(r"</?[a-z]|\*\*|__|^#|\]\(|&[a-z]+;", said, re.MULTILINE)
        assert not re.search(r"[ \t]$|  |\n\n\n|\t", said, re.MULTILINE)


@pytest.mark.parametrize(("language", "key", "text"), EVERY_PHRASE)
def test_the_form_of_address_is_marked_in_dutch_and_has_two_sides(language, key, text):
    if key.startswith(("desk.", "demo.try_language_")):
        return  # officers are addressed in one way, whatever the fund says to members; and one line is French
    if language == "fr":
        assert "[" not in text
        assert not re.search(r"\b(tu|toi|ton|tes|te)\b|\bt'", text, re.IGNORECASE)
        return
    assert all(left != right for left, right in re.findall(r"\[([^|\]]*)\|([^|\]]*)\]", text))
    dutch = text.partition(" / ")[0]  # a line for readers of neither language goes on in French
    for address, other in (("je", r"\b(u|uw|uzelf)\b"), ("u", r"\b(je|jij|jou|jouw|jezelf)\b")):
        assert not re.search(other, speak(dutch, address=address), re.IGNORECASE), address


def calls_of(*names: str) -> Iterator[tuple[str, ast.Call]]:
    """Every call of a function with one of these names in the product's own code, with its place."""
    for room in ("api", "actions", "fund"):
        for path in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in names:
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def literals(node: ast.expr) -> set[str]:
    """The texts that an argument can be, as far as they stand there: "a", or "a" if … else "b"."""
    if isinstance(node, ast.IfExp):
        return literals(node.body) | literals(node.orelse)
    return {node.value} if isinstance(node, ast.Constant) and isinstance(node.value, str) else set()


def test_every_phrase_that_code_says_exists_and_gets_its_values():
    seen, files = 0, phrase_files("nl")
    for place, call in calls_of("say", "choice"):
        given = {keyword.arg for keyword in call.keywords}
        for key in literals(call.args[0]) if call.args else ():
            if key.partition(".")[0] not in files or "." not in key:
                continue  # a narrower say(), bound to one file
            seen += 1
            assert key in PHRASES.texts["nl"], f"{place}: there is no phrase {key}"
            if None not in given:
                assert placeholders(PHRASES.texts["nl"][key]) <= given, f"{place}: {key} lacks a value"
    assert seen > 30


def test_every_phrase_that_a_page_says_exists():
    pages = [*ROOT.glob("api/**/*.html"), *ROOT.glob("api/**/*.txt")]
    said = {
        (path.name, key)
        for path in pages
        for key in re.findall(r"""\bsay\(\s*["']([a-z]+\.[a-z_]+)["']""", path.read_text(encoding="utf-8"))
    }
    assert len(said) > 20
    for page, key in said:
        known = PHRASES.texts["nl"]
        put_together = key.endswith("_") and any(name.startswith(key) for name in known)
        assert key in known or put_together, f"{page}: there is no phrase {key}"


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_for_a_hand_over_is_told(reason):
    assert placeholders(PHRASES.texts["nl"][f"hand_over.{reason}"]) <= {"fund"}


def test_the_reasons_that_the_boundary_gives_are_those_that_are_told():
    tree = ast.parse((ROOT / "fund/conversations/boundary.py").read_text(encoding="utf-8"))
    given = {
        text
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Decision" and len(node.args) > 1
        for text in literals(node.args[1])
    }
    assert given >= {"distress", "wants_person", "rejected_answer"}
    assert given <= {*REASONS}


def test_every_kind_of_small_talk_that_the_bot_learns_has_its_words():
    answered_otherwise = {"wants_person", "rejects_answer", "distress", "repeat"}
    for language in LANGUAGES:
        kinds = {
            kind
            for path in (DATA / language / "training").glob("*.yml")
            for kind in re.findall(r"^\s*- intent: small_talk/(\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
        }
        assert len(kinds) > 8
        for kind in kinds - answered_otherwise:
            assert placeholders(PHRASES.texts[language][f"chat.{kind}"]) <= {"fund"}, kind


def test_every_error_at_the_doors_has_its_words():
    codes = {
        code: place for place, call in calls_of("ApiError") if len(call.args) > 1 for code in literals(call.args[1])
    }
    assert codes.keys() >= {"malformed", "not_found", "too_many", "conflict"}
    assert {code: place for code, place in codes.items() if f"errors.{code}" not in PHRASES.texts["nl"]} == {}


def test_both_languages_learn_the_same_topics_and_needs():
    """Finer labels (a dispute, somebody else's file) are learnt across topics: not every topic needs its own."""
    labels = {
        language: {
            label
            for path in (DATA / language / "training").glob("*.yml")
            for label in re.findall(r"^\s*- intent: (\S+)", path.read_text(encoding="utf-8"), re.MULTILINE)
            if not label.endswith(("/dispute", "/other_file"))
        }
        for language in LANGUAGES
    }
    assert len(labels["nl"]) > 100
    assert labels["nl"] == labels["fr"]


def test_nothing_reads_from_outside_the_project():
    """What a user's machine does not have, the project may not read."""
    outside = re.compile(re.escape(str(ROOT.parent)) + r"/|(?<![\w.])(?:\.\./)+[a-z]+/[a-z]")
    files = [
        path
        for pattern in ("*.py", "*.yml", "*.toml", "*.js", "*.html", "*.txt", "relais")
        for top in ("api", "actions", "fund", "bot", "data", "migrations", "benchmarks", "docs", "locks", ".")
        for path in ((ROOT / top).rglob(pattern) if top != "." else ROOT.glob(pattern))
        if path.is_file()
    ]
    assert len(files) > 100
    assert [str(path) for path in files if outside.search(path.read_text(encoding="utf-8"))] == []


def test_all_content_reads_alike_with_and_without_the_fast_parser():
    """A machine may have PyYAML without libyaml, which is stricter on a “?” in braces."""
    for path in [*DATA.rglob("*.yml")]:
        text = path.read_text(encoding="utf-8")
        assert yaml.load(text, yaml.SafeLoader) == yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader)), path
