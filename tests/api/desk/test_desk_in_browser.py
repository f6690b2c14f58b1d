"""The desk in a real Chromium: it updates by itself, loses nothing that was typed, and is usable by everybody."""

import asyncio
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect, sync_playwright

from fund.conversations.models import OfficerSession
from tests.api.desk.world import World, world_on

pytestmark = pytest.mark.browser


class Served:
    """The desk on a port of its own, and a browser."""

    def __init__(self, world: World, address: str, loop: asyncio.AbstractEventLoop, browser) -> None:
        self.world, self.address, self.loop, self.browser = world, address, loop, browser

    def publish(self, *names: str) -> None:
        asyncio.run_coroutine_threadsafe(self.world.bus.publish(*names), self.loop).result(5)

    def page(self, **context) -> Page:
        page = self.browser.new_context(**{"locale": "nl-BE", **context}).new_page()
        page.set_default_timeout(5000)
        page.problems = []
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        page.on("console", lambda line: line.type in ("error", "warning") and page.problems.append(line.text))
        return page

    def sign_in(self, officer: str = "liantis-an", **context) -> Page:
        page = self.page(**context)
        page.goto(f"{self.address}/desk")
        page.click(f"button[value={officer}]")
        page.wait_for_url(f"{self.address}/desk")
        return page


@pytest.fixture(scope="module")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def served(database, built, chromium) -> Iterator[Served]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    world = world_on(database, replace(built, settings=built.settings.model_copy(update={"port": port})))
    server = uvicorn.Server(uvicorn.Config(world.app, host="127.0.0.1", port=port, lifespan="off", log_level="error"))
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        loops.append(asyncio.get_running_loop())
        await server.serve()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    while not server.started:
        time.sleep(0.02)
    try:
        yield Served(world, f"http://127.0.0.1:{port}", loops[0], chromium)
    finally:
        for context in chromium.contexts:
            context.close()
        server.should_exit = True
        thread.join(20)


def test_an_officer_helps_a_member_by_keyboard_on_pages_that_update_by_themselves(served):
    world, page = served.world, served.sign_in()
    expect(page.get_by_role("status")).to_have_text("Niemand wacht")
    conversation = world.conversation(text="Ik wil iemand spreken")
    began = time.monotonic()
    served.publish("desk:liantis")
    row = page.get_by_role("link", name="Aflossingsplan")
    expect(row).to_be_visible()
    assert time.monotonic() - began < 1
    expect(page.get_by_role("status")).to_have_text("1 gesprek wacht")
    assert page.title().startswith("(1) ")

    row.focus()
    world.conversation(reason="distress", topic=None)
    served.publish("desk:liantis")
    expect(page.get_by_role("status")).to_contain_text("waarvan 1 dringend")
    expect(row).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Overnemen").press("Enter")
    box = page.get_by_label("Je antwoord aan het lid")
    expect(box).to_be_focused()
    expect(page.get_by_role("log")).to_contain_text("An Peeters van Liantis heeft het gesprek overgenomen.")

    page.keyboard.type("Dag, ik kijk het na.")
    world.say(conversation, "Bent u daar?")
    served.publish(f"conversation:{conversation}")
    expect(page.get_by_role("log")).to_contain_text("Bent u daar?")
    expect(box).to_have_value("Dag, ik kijk het na.")
    expect(box).to_be_focused()
    page.reload()
    expect(box).to_have_value("Dag, ik kijk het na.")
    box.press("Control+Enter")
    expect(page.locator(".line.officer")).to_have_count(1)
    expect(page.locator(".line.officer")).to_contain_text("Dag, ik kijk het na.")
    expect(box).to_have_value("")
    expect(box).to_be_focused()
    page.reload()
    expect(box).to_have_value("")

    page.get_by_role("button", name="Teruggeven aan de assistent").press("Enter")
    expect(page.get_by_text("De assistent antwoordt in dit gesprek.")).to_be_focused()
    assert world.read(conversation)[0].owner == "bot"
    assert page.problems == []


def test_two_look_on_and_one_takes_over(served):
    conversation = served.world.conversation()
    first, second = served.sign_in(), served.sign_in("liantis-sarah", locale="fr-BE")
    for page in (first, second):
        page.goto(f"{served.address}/desk/conversations/{conversation}")
    first.get_by_role("button", name="Overnemen").click()
    expect(second.get_by_text("An Peeters a pris cette conversation en charge.")).to_be_visible()
    expect(second.get_by_role("button", name="Prendre en charge")).to_have_count(0)
    assert first.problems == second.problems == []


def test_what_was_typed_outlives_the_session(served):
    world, page = served.world, served.sign_in()
    conversation = world.conversation()
    page.goto(f"{served.address}/desk/conversations/{conversation}")
    page.get_by_role("button", name="Overnemen").click()
    box = page.get_by_label("Je antwoord aan het lid")
    box.fill("Een lang antwoord")
    with world.database.write() as session:
        session.query(OfficerSession).delete()
    page.get_by_role("button", name="Verstuur").click()
    expect(page.get_by_role("alert").filter(has_text="Je bent niet meer aangemeld")).to_be_visible()
    expect(box).to_have_value("Een lang antwoord")
    page.get_by_role("link", name="Opnieuw aanmelden").click()
    page.click("button[value=liantis-an]")
    page.wait_for_url(f"**/desk/conversations/{conversation}")
    expect(box).to_have_value("Een lang antwoord")
    page.get_by_role("button", name="Verstuur").click()
    expect(page.locator(".line.officer")).to_contain_text("Een lang antwoord")
    page.get_by_role("button", name="Afmelden").click()
    page.wait_for_url("**/desk/signed-out")
    assert page.evaluate("sessionStorage.length") == 0, "nothing stays behind on a shared computer"


def test_a_lost_answer_does_not_send_a_line_twice(served):
    world, page = served.world, served.sign_in()
    conversation = world.conversation()
    page.goto(f"{served.address}/desk/conversations/{conversation}")
    page.get_by_role("button", name="Overnemen").click()
    box = page.get_by_label("Je antwoord aan het lid")
    box.fill("Eén keer")

    def lose(route) -> None:
        route.fetch()  # it arrives, but the answer does not
        route.abort()

    page.route("**/lines", lose, times=1)
    box.press("Control+Enter")
    expect(page.get_by_text("Geen verbinding met de server.")).to_be_visible()
    expect(box).to_have_value("Eén keer")
    page.get_by_role("button", name="Verstuur").click()
    expect(box).to_have_value("")
    expect(page.get_by_text("Geen verbinding met de server.")).to_be_hidden()
    assert [line.text for line in world.read(conversation)[1] if line.author == "officer"] == ["Eén keer"]


def test_a_conversation_in_a_hidden_tab_lets_go_of_its_stream_and_catches_up(served):
    world, page = served.world, served.sign_in()
    conversation = world.conversation()
    page.goto(f"{served.address}/desk/conversations/{conversation}")
    expect(page.get_by_role("button", name="Overnemen")).to_be_visible()

    def show(visible: bool) -> None:
        page.evaluate(
            """(hidden) => {
                Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
                document.dispatchEvent(new Event("visibilitychange"));
            }""",
            not visible,
        )

    page.wait_for_timeout(300)
    show(False)
    world.say(conversation, "Terwijl u weg was")
    served.publish(f"conversation:{conversation}")
    page.wait_for_timeout(500)
    expect(page.get_by_text("Terwijl u weg was")).to_have_count(0)
    show(True)
    expect(page.get_by_text("Terwijl u weg was")).to_have_count(1)
    world.say(conversation, "En daarna")
    served.publish(f"conversation:{conversation}")
    expect(page.get_by_text("En daarna")).to_have_count(1)


def test_who_reads_further_up_is_not_moved(served):
    world, page = served.world, served.sign_in(viewport={"width": 1200, "height": 700})
    conversation = world.conversation()
    for number in range(40):
        world.say(conversation, f"Regel {number}", author="bot")
    page.goto(f"{served.address}/desk/conversations/{conversation}")
    expect(page.get_by_text("Regel 39", exact=True)).to_be_in_viewport()
    page.locator("#history").evaluate("box => box.scrollTop = 0")
    world.say(conversation, "Nieuw onderaan")
    served.publish(f"conversation:{conversation}")
    button = page.get_by_role("button", name="Naar het nieuwste bericht")
    expect(button).to_be_visible()
    assert page.locator("#history").evaluate("box => box.scrollTop") == 0
    button.click()
    expect(page.get_by_text("Nieuw onderaan")).to_be_in_viewport()
    expect(button).to_be_hidden()


def test_the_demos_sign_in_hands_the_token_to_the_page_that_opened_it(served):
    page = served.page()
    page.goto(f"{served.address}/desk/signed-out")
    page.evaluate(
        "() => { window.got = []; addEventListener('message', (event) => got.push([event.origin, event.data])); }"
    )
    with page.expect_popup() as opened:
        page.evaluate("() => { open(`/demo/sign-in?return_origin=${location.origin}&language=nl`, 'x'); }")
    popup = opened.value
    popup.get_by_role("button", name="Lotte Vermeulen").click()
    # Playwright's own waiting in the page needs eval, which the desk's content policy forbids.
    deadline = time.monotonic() + 10
    while not page.evaluate("got.length") and time.monotonic() < deadline:
        page.wait_for_timeout(50)
    origin, message = page.evaluate("got[0]")
    assert origin == served.address
    assert message["type"] == "relais-sign-in"
    assert message["token"].count(".") == 2
    assert popup.is_closed() or popup.wait_for_event("close") is not None


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("officer", "locale"), [("liantis-an", "nl-BE"), ("liantis-sarah", "fr-BE")])
def test_every_page_is_accessible_in_both_languages_light_and_dark(served, officer, locale, scheme):
    world = served.world
    waiting = world.conversation(reason="distress")
    world.say(
        waiting, "Een antwoord", author="bot",
        sources=[{"title": "KB", "url": "https://x.example", "date": "2026-01-01"}],
        buttons=[{"title": "Verder", "value": "v"}],
        trace={"understood": {"topic": "pension.planning", "confidence": 0.5}},
    )  # fmt: skip
    world.request(waiting, due_in=-3)
    mine = world.conversation()
    page = served.page(color_scheme=scheme, locale=locale)
    axe = Axe()
    page.goto(f"{served.address}/desk")
    looked_at = {"provider": axe.run(page)}
    page.click(f"button[value={officer}]")
    page.wait_for_url(f"{served.address}/desk")
    looked_at["overview"] = axe.run(page)
    page.goto(f"{served.address}/desk/conversations/{mine}")
    page.locator("#act button").click()
    page.locator("#text").wait_for()
    looked_at["mine"] = axe.run(page)
    page.goto(f"{served.address}/desk/conversations/{waiting}")
    for summary in page.locator("summary").all():
        summary.click()
    page.locator("#requests select").select_option("refused")
    page.locator("#requests button").click()
    page.locator("#notice .notice").wait_for()
    looked_at["waiting"] = axe.run(page)
    page.goto(f"{served.address}/desk/conversations/none")
    looked_at["missing"] = axe.run(page)
    page.goto(f"{served.address}/desk/signed-out")
    looked_at["signed out"] = axe.run(page)
    page.goto(f"{served.address}/demo/sign-in?return_origin={served.address}&language={locale[:2]}")
    looked_at["members"] = axe.run(page)
    for name, results in looked_at.items():
        assert results.violations_count == 0, f"{name}: {results.generate_report()}"


@pytest.mark.parametrize("width", [320, 390])
def test_nothing_needs_sideways_scrolling_on_a_small_screen(served, width):
    world = served.world
    conversation = world.conversation(reason="judicial", text="x" * 300)
    world.request(conversation, text="y" * 200)
    page = served.sign_in("liantis-sarah", viewport={"width": width, "height": 640}, locale="fr-BE")
    for path in ("/desk", f"/desk/conversations/{conversation}"):
        page.goto(served.address + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_the_skip_link_leads_past_the_bar(served):
    page = served.sign_in()
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Naar de inhoud")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_what_others_do_does_not_move_the_focus(served):
    world = served.world
    conversation = world.conversation()
    world.request(conversation)
    page, colleague = served.sign_in(), served.sign_in("liantis-karim")
    for one in (page, colleague):
        one.goto(f"{served.address}/desk/conversations/{conversation}")
    reason = page.get_by_label("Toelichting")
    reason.fill("Nog niet volled")
    colleague.get_by_role("button", name="Overnemen").click()
    expect(page.get_by_text("Karim El Amrani heeft dit gesprek overgenomen")).to_be_visible()
    expect(reason).to_be_focused()
    expect(reason).to_have_value("Nog niet volled")


def test_the_focus_stays_with_what_one_does(served):
    world, page = served.world, served.sign_in()
    conversation = world.conversation()
    reference = world.request(conversation)
    page.goto(f"{served.address}/desk/conversations/{conversation}")
    save = page.get_by_role("button", name="Bewaar")
    page.get_by_label("Zet op").select_option("refused")
    save.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="schrijf waarom")).to_be_visible()
    expect(page.get_by_label("Toelichting")).to_be_focused()
    page.keyboard.type("Niet volledig")
    save.press("Enter")
    expect(page.locator(f"#request-{reference}")).to_be_focused()
    expect(page.locator(f"#request-{reference}")).to_contain_text("geweigerd")
    world.claim(conversation, world.officer("karim", name="Karim El Amrani"))
    page.get_by_role("button", name="Overnemen").press("Enter")
    expect(page.get_by_role("alert").filter(has_text="Karim El Amrani was net iets sneller")).to_be_visible()
    expect(page.get_by_text("Karim El Amrani heeft dit gesprek overgenomen. Je kunt meelezen.")).to_be_focused()


def test_a_request_is_not_closed_by_an_absent_minded_press(served):
    world, page = served.world, served.sign_in()
    conversation = world.conversation()
    world.request(conversation, state="in_progress")
    page.goto(f"{served.address}/desk/conversations/{conversation}")
    page.get_by_role("button", name="Bewaar").click()
    page.wait_for_timeout(300)
    expect(page.get_by_role("button", name="Bewaar")).to_be_visible()
    expect(page.locator("#requests")).to_contain_text("in behandeling")
