"""The list for editors: what is broken, missing, old, not known and not used, each with the place and the remedy."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from api.commands.check import main
from fund.checking import KINDS, check_content, is_wrong

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "data"
TODAY = date(2026, 12, 1)


@pytest.fixture
def data(tmp_path) -> Path:
    return shutil.copytree(DATA, tmp_path / "data", ignore=shutil.ignore_patterns("training"))


def findings(data, kind=None, on=TODAY):
    found = check_content(data, code=ROOT / "fund", on=on)
    return [one for one in found if kind in (None, one.kind)]


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")


def test_our_own_content_is_whole_and_nothing_in_it_is_old():
    found = findings(DATA)

    assert [one for one in found if is_wrong(one)] == []
    assert [one for one in found if one.kind == "old"] == []


def test_what_is_not_known_today_is_listed_with_the_last_value_and_where_it_shows():
    unknown = {one.where: one.what for one in findings(DATA, "unknown")}

    assert "last known: 1881.76 EUR/year until 2025-12-31" in unknown["threshold_secondary"]
    assert "start.secondary_occupation" in unknown["threshold_secondary"]
    assert not any(one.startswith("rate_band1") for one in unknown)
    assert any("data/funds/liantis.yml" in where for where in unknown)


def test_after_its_day_an_answer_is_to_be_checked_again():
    old = {one.where for one in findings(DATA, "old", on=date(2028, 1, 1))}

    assert {"start.secondary_occupation", "pension.early"} <= old
    assert "rate_band1" in old


def test_several_errors_in_several_files_are_all_listed_with_their_line(data):
    change(data / "law" / "start.yml", "unit: ", "unti: ")
    change(data / "law" / "pension.yml", "status: verified", "status: sure")
    change(data / "funds" / "partena.yml", "languages: [fr]", "languages: [en]")
    change(data / "nl" / "answers" / "contributions.tax.yml", "  answer: |\n", "  answer: |\n    Je betaalt 5 euro.\n")
    change(data / "fr" / "answers" / "pension.early.yml", "facets:", "facet:")
    (data / "nl" / "answers" / "liantis" / "nothing.here.yml").write_text("topic: [\n", "utf-8")

    broken = findings(data, "broken")

    text = "\n".join(f"{one.where} {one.what}" for one in broken)
    for expected in (
        "law/start.yml:", "unknown key “unti”; did you mean “unit”?", "law/pension.yml:", "“sure” is no known status",
        "funds/partena.yml:", "nl/answers/contributions.tax.yml:", "“Je” is typed without its other form",
        "the figure “5” is typed in", "fr/answers/pension.early.yml:", "liantis/nothing.here.yml:2",
    ):  # fmt: skip
        assert expected in text, expected
    assert {one.where for one in findings(data, "unanswered")} == {"contributions.tax", "pension.early"}
    assert list(dict.fromkeys(one.kind for one in findings(data))) == [kind for kind in KINDS if findings(data, kind)]


def test_languages_that_do_not_say_the_same_are_told_facet_by_facet(data):
    file = data / "fr" / "answers" / "contributions.late_payment.yml"
    change(file, "{late_increase_quarter}", "{late_increase_year}")

    found = findings(data, "broken")

    assert any("other marks than in Dutch" in one.what and str(file) in one.where for one in found)


def test_what_has_the_name_of_nothing_is_listed(data):
    for language in ("nl", "fr"):
        folder = data / language / "answers"
        shutil.copytree(folder / "liantis", folder / "liantsi")
        text = (folder / "contributions.tax.yml").read_text("utf-8")
        (folder / "contributions.tacks.yml").write_text(
            text.replace("contributions.tax", "contributions.tacks"), "utf-8"
        )
    change(data / "funds" / "partena.yml", "  contributions.exemption:", "  contributions.exempt:")

    text = "\n".join(f"{one.where} {one.what}" for one in findings(data, "broken"))

    for name in ("liantsi", "contributions.tacks", "contributions.exempt”"):
        assert name in text


def test_broken_topics_are_told(data):
    change(data / "topics.yml", "groups:", "grups:")

    assert "the file has no groups" in findings(data, "broken")[0].what


def test_broken_phrases_are_all_listed(data):
    change(data / "nl" / "phrases" / "chat.yml", "button_today:", "button_now:")
    change(data / "fr" / "phrases" / "answers.yml", "{site}", "{place}")

    text = "\n".join(one.where + one.what for one in findings(data, "broken"))

    assert "button_now" in text and "button_today" in text and "contact_telephone" in text


def test_a_figure_that_nothing_uses_is_listed(data):
    unused = {one.where for one in findings(data, "unused")}

    assert "rate_band1" not in unused  # the calculators name it
    assert "threshold_secondary" not in unused


def test_the_command_prints_the_list_and_says_whether_all_is_well(data, capsys):
    assert main(["--date", "2026-12-01"]) == 0
    assert "0 to be mended" in capsys.readouterr().out

    change(data / "law" / "start.yml", "unit: ", "unti: ")
    assert main(["--data", str(data), "--date", "2026-12-01"]) == 1
    printed = capsys.readouterr().out
    assert printed.startswith("Broken: members do not see it until it is mended (")
    assert "did you mean “unit”?" in printed

    with pytest.raises(SystemExit) as refused:
        main(["--date", "1 december"])
    assert refused.value.code == 2
