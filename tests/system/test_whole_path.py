"""The whole path in real browsers: a member on the fund's page, an officer at the desk, in each language."""

import re
import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.system.running import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.rasa]

SCREENSHOTS = ROOT / "var" / "screenshots"
PATIENCE = 25_000


@dataclass(frozen=True)
class Words:
    """What a member of one language types, and what the pages call things."""

    language: str
    officer: str
    launcher: str
    question: str
    answered: str
    follow_up: str
    checked: re.Pattern[str]
    file_question: str
    sign_in: str
    signed_in: str
    balance: str
    advice: str
    told_why: str
    claim: str
    reply: str
    hand_back: str
    with_officer: str
    with_bot: str
    thanks: str
    thanked: str


DUTCH = Words(
    language="nl",
    officer="liantis-an",
    launcher="Stel je vraag",
    question="Hoe worden mijn sociale bijdragen berekend?",
    answered="drie jaar",
    follow_up="en tegen wanneer moet ik dat betalen?",
    checked=re.compile(r"Gecontroleerd op \d+ \w+ 2026\."),
    file_question="Hoeveel moet ik nog betalen?",
    sign_in="Aanmelden",
    signed_in="Aangemeld",
    balance="Stand van je dossier",
    advice="Zou ik in mijn geval beter een afbetalingsplan vragen of vrijstelling?",
    told_why="persoonlijk advies",
    claim="overnemen",
    reply="Dag, ik kijk even mee in je dossier.",
    hand_back="assistent",
    with_officer="spreekt met",
    with_bot="Digitale assistent",
    thanks="dankjewel",
    thanked="Graag gedaan",
)
FRENCH = Words(
    language="fr",
    officer="liantis-sarah",
    launcher="Posez votre question",
    question="Comment sont calculées mes cotisations sociales ?",
    answered="trois ans",
    follow_up="et je dois payer ça pour quand ?",
    checked=re.compile(r"Vérifié le \d+(?:er)? \w+ 2026\."),
    file_question="Combien dois-je encore payer ?",
    sign_in="Se connecter",
    signed_in="Session ouverte",
    balance="votre dossier",
    advice="Dans mon cas, est-ce que je ferais mieux de demander un plan de paiement ou une dispense ?",
    told_why="conseil personnel",
    claim="Prendre",
    reply="Bonjour, je regarde votre dossier avec vous.",
    hand_back="assistant",
    with_officer="parlez avec",
    with_bot="Assistant numérique",
    thanks="merci beaucoup",
    thanked="Avec plaisir",
)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=arguments)
        yield browser
        browser.close()


def _open(browser: Browser, problems: list[str], **context) -> Page:
    # Without motion: contrast is measured on what stands still, not on a window that is fading in.
    settings = {"viewport": {"width": 1280, "height": 860}, "reduced_motion": "reduce", **context}
    page = browser.new_context(**settings).new_page()
    page.set_default_timeout(PATIENCE)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda line: line.type == "error" and problems.append(line.text))
    return page


def _keep(page: Page, name: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(SCREENSHOTS / f"{name}.png"))


def _write(member: Page, text: str) -> None:
    box = member.locator("relais-chat textarea")
    box.fill(text)
    box.press("Enter")


def _log(member: Page):
    return member.locator("relais-chat [role=log]")


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(
            words,
            id=words.language,
            marks=pytest.mark.charter("B4", "and leaves the choice to an officer with the member", words.language),
        )
        for words in (DUTCH, FRENCH)
    ],
)
def test_question_file_advice_officer_and_back(system, chromium, words):
    problems: list[str] = []
    member = _open(chromium, problems, locale=f"{words.language}-BE")
    member.goto(f"{system.url}/demo/{words.language}")
    member.get_by_role("button", name=words.launcher).click()
    log = _log(member)

    _write(member, words.question)
    expect(log).to_contain_text(words.answered, timeout=PATIENCE)
    _keep(member, f"{words.language}-1-answer")
    _write(member, words.follow_up)
    expect(log.get_by_text(words.checked)).to_have_count(2, timeout=PATIENCE)

    _write(member, words.file_question)
    button = log.get_by_role("button", name=words.sign_in, exact=True).last
    expect(button).to_be_visible(timeout=PATIENCE)
    _keep(member, f"{words.language}-2-asked-to-sign-in")
    with member.expect_popup() as popup:
        button.click()
    popup.value.get_by_role("button").filter(has_text=re.compile(".")).first.click()
    expect(log).to_contain_text(words.balance, timeout=PATIENCE)
    expect(member.locator("relais-chat")).to_contain_text(words.signed_in)
    _keep(member, f"{words.language}-3-own-file")

    _write(member, words.advice)
    expect(log).to_contain_text(words.told_why, timeout=PATIENCE)
    _keep(member, f"{words.language}-4-handed-over")

    officer = _open(chromium, problems, locale=f"{words.language}-BE")
    officer.goto(f"{system.url}/desk")
    officer.click(f"button[value={words.officer}]")
    officer.wait_for_url(f"{system.url}/desk")
    waiting = officer.locator("section.waiting li a").last
    expect(waiting).to_be_visible(timeout=PATIENCE)
    _keep(officer, f"{words.language}-5-desk")
    newest = officer.locator("section.waiting li").last
    assert newest.inner_text()
    waiting.click()
    expect(officer.get_by_role("log")).to_contain_text(words.advice)
    officer.get_by_role("button", name=re.compile(words.claim, re.I)).click()
    expect(member.locator("relais-chat")).to_contain_text(words.with_officer, timeout=PATIENCE)

    for turn in range(2):
        line = f"{words.reply} ({turn} {uuid.uuid4().hex[:6]})"
        officer.locator("textarea#text").fill(line)
        officer.locator("textarea#text").press("Control+Enter")
        expect(log).to_contain_text(line, timeout=PATIENCE)
        answer = f"ok {uuid.uuid4().hex[:6]}"
        _write(member, answer)
        expect(officer.get_by_role("log")).to_contain_text(answer, timeout=PATIENCE)
    _keep(officer, f"{words.language}-6-conversation")
    _keep(member, f"{words.language}-7-with-officer")

    officer.get_by_role("button", name=re.compile(words.hand_back, re.I)).last.click()
    expect(member.locator("relais-chat header, relais-chat")).to_contain_text(words.with_bot, timeout=PATIENCE)
    _write(member, words.thanks)
    expect(log).to_contain_text(words.thanked, timeout=PATIENCE)
    _keep(member, f"{words.language}-8-bot-again")

    member.reload()
    member.get_by_role("button", name=words.launcher).or_(member.locator("relais-chat [role=log]")).first.wait_for()
    assert not problems, problems
    for page in (member, officer):
        page.wait_for_timeout(700)
        violations = Axe().run(page).response["violations"]
        assert violations == [], [(found["id"], [node["html"] for node in found["nodes"]]) for found in violations]


@pytest.mark.parametrize("words", [DUTCH, FRENCH], ids=lambda words: words.language)
def test_a_lost_connection_loses_and_doubles_no_line(system, chromium, words):
    problems: list[str] = []
    member = _open(chromium, problems, locale=f"{words.language}-BE")
    member.goto(f"{system.url}/demo/{words.language}")
    member.get_by_role("button", name=words.launcher).click()
    log = _log(member)
    _write(member, words.thanks)
    expect(log).to_contain_text(words.thanked, timeout=PATIENCE)
    member.context.set_offline(True)
    line = f"{words.question} {uuid.uuid4().hex[:6]}"
    _write(member, line)
    member.wait_for_timeout(1_500)
    member.context.set_offline(False)
    expect(log).to_contain_text(words.answered, timeout=PATIENCE)
    assert log.inner_text().count(line) == 1


def test_the_widget_fits_a_telephone_in_the_dark(system, chromium):
    problems: list[str] = []
    page = chromium.new_context(viewport={"width": 390, "height": 760}, color_scheme="dark", locale="nl-BE").new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{system.url}/demo/nl")
    page.get_by_role("button", name=DUTCH.launcher).click()
    _write(page, DUTCH.question)
    expect(_log(page)).to_contain_text(DUTCH.answered, timeout=PATIENCE)
    _keep(page, "nl-9-telephone-dark")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert not problems
