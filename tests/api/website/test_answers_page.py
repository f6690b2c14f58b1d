"""The page with all answers: whole in both languages, searchable, of any day, in each fund's voice."""

import html
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from actions.tools import load_content
from api.errors import install_error_handlers
from api.website import answers

DATA = Path(__file__).resolve().parents[3] / "data"
CONTENT = load_content(DATA)
NOW = datetime(2026, 12, 1, 11, tzinfo=UTC)


def browser(funds=("liantis", "securex"), content=CONTENT) -> TestClient:
    profiles = {fund: content.profiles[fund] for fund in funds}
    app = FastAPI()
    install_error_handlers(app)
    app.include_router(answers.router)
    app.state.runtime = SimpleNamespace(
        settings=SimpleNamespace(fund=funds[0]),
        funds=profiles,
        tools=SimpleNamespace(content=content, clock=lambda: NOW),
    )
    return TestClient(app, follow_redirects=False)


def read(page: str) -> str:
    """The words of a page."""
    return html.unescape(re.sub(r"<[^>]+>", " ", page)).replace("\u00a0", " ").replace("\u202f", " ")


def topics_of(page: str) -> list[str]:
    return re.findall(r'<article id="([^"]+)"', page)


@pytest.mark.parametrize("language", ["nl", "fr"])
def test_the_page_holds_every_answer_in_full_with_its_sources(language):
    page = browser().get(f"/answers/{language}").text

    assert topics_of(page) == list(CONTENT.topics)
    words = read(page)
    for topic in CONTENT.topics.values():
        assert topic.labels[language] in words
    assert page.count('<ul class="sources">') == len(CONTENT.topics)
    assert page.count('class="answer"') == len(CONTENT.topics)
    assert not set("{}[]") & set(words)
    assert len(re.findall(r'<li><a href="https?://', page)) > 200
    assert {"nl": "1 december 2026", "fr": "1er décembre 2026"}[language] in words


def test_the_start_chooses_the_browsers_language():
    for header, language in (("fr-BE,fr;q=0.9,nl;q=0.4", "fr"), ("nl", "nl"), ("de", "nl")):
        answer = browser().get("/answers", headers={"Accept-Language": header})
        assert (answer.status_code, answer.headers["location"]) == (303, f"/answers/{language}")
    assert browser().get("/answers/de").status_code == 422


@pytest.mark.parametrize(
    ("language", "q", "found"),
    [
        ("nl", "faillissementsverzekering", "bridging_right.overview"),
        ("nl", "MEEWERKENDE echtgenoot maxistatuut", "start.assisting_spouse"),
        ("fr", "Congé de MATERNITE", "family.maternity_leave"),
        ("fr", "huissier", "recovery.judicial"),
    ],
)
def test_a_search_finds_old_names_without_accents_and_all_words(language, q, found):
    shown = topics_of(browser().get(f"/answers/{language}", params={"q": q}).text)

    assert found in shown
    assert len(shown) < 40


def test_a_search_without_result_says_so_and_is_not_html():
    page = browser().get("/answers/nl", params={"q": '"><script>alert(1)</script>'}).text

    assert topics_of(page) == []
    assert "Geen antwoord met deze woorden." in page
    assert "<script>alert" not in page
    assert browser().get("/answers/nl", params={"q": "x" * 201}).status_code == 422


def test_another_day_shows_that_days_law_and_says_where_there_is_none():
    words = read(browser().get("/answers/nl", params={"on": "2024-12-31", "q": "minimumbijdrage"}).text)
    assert "864,15 euro (2024)" in words
    assert "Dit geldt op 31 december 2024." in words
    assert "Voor deze dag is er geen nagekeken antwoord." in read(browser().get("/answers/nl?on=2018-01-01").text)


@pytest.mark.parametrize("on", ["2017-12-31", "2028-01-01", "31/12/2025", "x", "0"])
def test_a_day_that_cannot_be_shown_is_refused_in_the_readers_language(on):
    answer = browser().get("/answers/fr", params={"on": on})

    assert answer.status_code == 422
    assert answer.json()["error"]["field"] == "on"
    assert "1er janvier 2018" in answer.json()["error"]["message"]


def test_each_fund_speaks_in_its_own_voice_and_only_the_served_ones_are_shown():
    both = browser()
    assert "Bij Securex betaalt u vooraf" in read(both.get("/answers/nl?fund=securex").text)
    je = both.get("/answers/nl?fund=liantis").text
    assert "Bij Liantis betaal je vooraf" in read(je)
    assert 'id="fund"' in je
    alone = browser(funds=("liantis",))
    assert 'id="fund"' not in alone.get("/answers/nl").text
    assert alone.get("/answers/nl?fund=securex").status_code == 422


def test_a_changed_answer_is_on_the_page_at_once():
    before = browser().get("/answers/nl").text
    answers_now = CONTENT.answers.without({"contributions.tax"})
    after = browser(content=replace(CONTENT, answers=answers_now)).get("/answers/nl").text

    assert read(after).count("geen nagekeken antwoord") == read(before).count("geen nagekeken antwoord") + 1


def test_the_page_refuses_what_it_does_not_need():
    headers = browser().get("/answers/nl").headers

    assert "script-src 'self'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert browser().get("/answers/static/answers.css").headers["content-type"].startswith("text/css")
    assert browser().get("/answers/static/..%2fanswers.py").status_code in (404, 422)


def test_only_a_few_pages_are_kept_made_up():
    here = browser(funds=("liantis",))
    for year in range(2019, 2027):
        for language in ("nl", "fr"):
            here.get(f"/answers/{language}", params={"on": f"{year}-06-01"})

    assert len(answers._kept) <= answers.MOST_KEPT
    assert all(isinstance(key[2], date) for key in answers._kept)
