"""Nobody sees or does anything at the desk without being an officer of that fund with a session of their own."""

import re
from pathlib import Path

import pytest

from api.desk.pages import HERE, asset
from api.identity.officers import IDLE, LONGEST, SESSION_COOKIE
from fund.conversations.models import Officer, OfficerSession
from fund.conversations.service import count_present

OPEN = {
    ("get", "/desk/static/{name}"),
    ("get", "/desk/sign-in"),
    ("get", "/desk/callback"),
    ("get", "/desk/signed-out"),
}
"""What needs no session: style, and the way to a session. Anything else at the desk must deny."""


def desk_routes(world) -> list[tuple[str, str]]:
    paths = world.app.openapi()["paths"]
    return [(method, path) for path, methods in paths.items() if path.startswith("/desk") for method in methods]


def filled(path: str, conversation: str = "0" * 32) -> str:
    return path.replace("{conversation_id}", conversation).replace("{reference}", "R26-0000001-44")


def test_the_walk_sees_the_routes(world):
    routes = desk_routes(world)
    assert set(routes) >= OPEN
    assert len(routes) >= 15
    assert ("post", "/desk/conversations/{conversation_id}/claim") in routes


@pytest.mark.parametrize("cookie", [None, "invented", ""])
def test_every_route_denies_without_a_session(world, cookie):
    conversation = world.conversation()
    world.request(conversation)
    for method, path in desk_routes(world):
        if (method, path) in OPEN:
            continue
        browser = world.browser()
        if cookie is not None:
            browser.cookies.set(SESSION_COOKIE, cookie, path="/desk")
        answer = browser.request(method, filled(path, conversation))
        by_page = browser.request(method, filled(path, conversation), headers={"HX-Request": "true"})
        if "/parts/" in path:
            assert answer.status_code == 401, path
        else:
            assert answer.status_code == 303, path
            assert answer.headers["location"].startswith("http://127.0.0.1:8000/desk/sign-in?back=/desk"), path
        assert by_page.status_code == 401, path
        assert conversation not in by_page.text
    assert world.read(conversation)[0].owner == "queue"


def test_every_form_is_refused_without_the_token_of_its_page(world):
    officer = world.officer()
    conversation = world.conversation()
    world.request(conversation)
    forms = [path for method, path in desk_routes(world) if method == "post"]
    assert len(forms) >= 6
    for path in forms:
        for token in ({}, {"csrf": ""}, {"csrf": "x" * 43}):
            answer = officer.browser.post(filled(path, conversation), data={"state": "done", "language": "fr", **token})
            assert answer.status_code == 403, path
        missing = officer.browser.post(
            filled(path, conversation), content=b"{}", headers={"Content-Type": "application/json"}
        )
        assert missing.status_code == 403, path
    found, lines = world.read(conversation)
    assert found.owner == "queue"
    assert len(lines) == 1
    assert officer.get("/desk").status_code == 200, "the session is still there: not even a sign-out was accepted"


def test_the_token_of_another_session_does_not_do(world):
    officer, colleague = world.officer(), world.officer("sarah", name="Sarah Dubois")
    conversation = world.conversation()
    answer = officer.browser.post(f"/desk/conversations/{conversation}/claim", data={"csrf": colleague.csrf})
    assert answer.status_code == 403
    assert world.read(conversation)[0].owner == "queue"


@pytest.mark.parametrize("roles", [("editor",), ("operator",), ("editor", "operator")])
def test_other_roles_stay_outside(world, roles):
    officer = world.officer(roles=roles)
    conversation = world.conversation()
    assert officer.get("/desk").status_code == 403
    assert officer.get(f"/desk/conversations/{conversation}").status_code == 403
    assert officer.get("/desk/parts/overview").status_code == 403
    world.pass_time(minutes=5)
    officer.get("/desk")
    with world.database.read() as session:
        assert count_present(session, fund="liantis", language="nl", now=world.now) == 0, "no help for members"


def test_a_supervisor_works_at_the_desk(world):
    assert world.officer(roles=("supervisor",)).get("/desk").status_code == 200


def test_another_funds_conversation_does_not_exist(world):
    officer = world.officer()
    foreign = world.conversation(fund="securex", text="Geheim van Securex")
    world.request(foreign, reference="R26-0000009-11")
    answers = [
        officer.get(f"/desk/conversations/{foreign}"),
        officer.get(f"/desk/parts/conversations/{foreign}"),
        officer.get("/desk/parts/events", params={"conversation": foreign}),
        officer.post(f"/desk/conversations/{foreign}/claim"),
        officer.post(f"/desk/conversations/{foreign}/lines", text="Dag", client_id="a"),
        officer.post(f"/desk/conversations/{foreign}/hand-back"),
        officer.post("/desk/requests/R26-0000009-11/move", state="done"),
        officer.get("/desk/conversations/unknown"),
    ]
    assert [answer.status_code for answer in answers] == [404] * len(answers)
    assert not any("Securex" in answer.text for answer in answers)
    overview = officer.get("/desk").text
    assert foreign not in overview
    assert "R26-0000009-11" not in overview
    found, lines = world.read(foreign)
    assert found.owner == "queue"
    assert len(lines) == 1
    assert not world.bus.heard


def test_a_session_ends_after_idleness_which_an_open_page_does_not_prevent(world):
    officer = world.officer()
    world.pass_time(seconds=IDLE.total_seconds() - 60)
    assert officer.get("/desk/parts/overview").status_code == 200
    world.pass_time(seconds=61)
    assert officer.get("/desk/parts/overview").status_code == 401
    assert officer.get("/desk").status_code == 303


def test_a_session_lives_on_with_what_the_officer_does_but_not_for_ever(world):
    officer = world.officer()
    began = world.now
    while world.now + IDLE / 2 < began + LONGEST:
        world.pass_time(seconds=IDLE.total_seconds() / 2)
        assert officer.get("/desk").status_code == 200
    world.pass_time(seconds=IDLE.total_seconds() / 2)
    assert officer.get("/desk").status_code == 303


def test_a_sign_out_ends_the_session_on_the_server(world):
    officer = world.officer()
    secret = officer.browser.cookies.get(SESSION_COOKIE)
    answer = officer.post("/desk/sign-out", by_page=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk/signed-out")
    again = world.browser()
    again.cookies.set(SESSION_COOKIE, secret, path="/desk")
    assert again.get("/desk").status_code == 303
    with world.database.read() as session:
        assert session.query(OfficerSession).count() == 0
        assert session.get_one(Officer, officer.id).seen_at is None
    page = world.browser().get("/desk/signed-out", headers={"Accept-Language": "fr-BE"})
    assert page.status_code == 200
    assert "Votre session est fermée" in page.text


def test_the_secret_of_a_session_is_not_in_the_database(world):
    officer = world.officer()
    with world.database.read() as session:
        kept = session.query(OfficerSession).one()
    assert officer.browser.cookies.get(SESSION_COOKIE) not in (kept.id, kept.csrf_token)


def test_every_answer_of_the_desk_forbids_foreign_scripts_and_keeping(world):
    officer = world.officer()
    conversation = world.conversation()
    for path in ("/desk", f"/desk/conversations/{conversation}", "/desk/parts/overview", "/desk/conversations/none"):
        headers = officer.get(path).headers
        policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == "'self'"
        assert policy["frame-ancestors"] == "'none'"
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"


def test_no_page_needs_more_than_the_policy_allows():
    for template in (HERE / "templates").glob("*.html"):
        text = template.read_text(encoding="utf-8")
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|hx-on|js:|javascript:", text), (
            template.name
        )


def test_style_and_scripts_are_there_for_everybody_and_nothing_else_is(world):
    browser = world.browser()
    for name in ("desk.css", "desk.js", "htmx-2.0.11.min.js", "htmx-ext-sse-2.2.4.min.js", "icon.svg"):
        answer = browser.get(asset(name))
        assert answer.status_code == 200
        assert answer.content == (HERE / "static" / name).read_bytes()
    for name in ("routes.py", "..%2Froutes.py", "README.md", "none.css"):
        assert browser.get(f"/desk/static/{name}").status_code == 404


def test_what_others_wrote_has_its_licence_and_version_beside_it():
    readme = (HERE / "static" / "README.md").read_text(encoding="utf-8")
    for script in Path(HERE / "static").glob("*.min.js"):
        version = re.search(r"\d+\.\d+\.\d+", script.name).group()
        assert f"`{script.name}`" in readme
        assert version in readme
        assert (HERE / "static" / script.name.replace(".min.js", ".LICENSE.txt")).exists()
