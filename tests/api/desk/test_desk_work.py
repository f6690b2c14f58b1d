"""What an officer sees and does: who waits, taking over, writing, handing back, requests."""

import asyncio
import re
import threading
from datetime import timedelta

import pytest

from api.desk.routes import signals_for
from api.identity.officers import note_activity
from fund.conversations import service
from fund.conversations.models import Event, Officer, OfficerSession
from fund.conversations.service import PRESENT_FOR, count_present
from fund.requests.models import Request

REASONS = (
    "distress", "wants_person", "advice", "dispute", "judicial", "out_of_scope_twice", "not_understood_twice",
    "rejected_answer", "file_disagrees", "file_unavailable", "blocked_file", "bot_unavailable",
)  # fmt: skip


def plain(html: str) -> str:
    """The text of a page, in one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def kinds(world, conversation: str) -> list[str]:
    with world.database.read() as session:
        return [event.kind for event in service.list_events(session, conversation_id=conversation)]


# --- the overview ---


def test_the_overview_tells_who_waits_and_why_the_urgent_first(world):
    officer = world.officer()
    world.conversation(reason="advice", waits=timedelta(hours=3, minutes=5))
    world.conversation(reason="judicial", topic="recovery.judicial", language="fr", waits=timedelta(minutes=1))
    world.conversation(reason="distress", topic=None, waits=timedelta(seconds=5))
    text = plain(officer.get("/desk").text)
    order = [
        "Nog geen onderwerp Wacht minder dan een minuut Dringend Er is misschien gevaar of grote nood",
        "Gerechtelijke invordering Wacht 1 minuut Dringend Het gaat over een gerechtelijke invordering Frans",
        "Aflossingsplan Wacht 3 u. 5 min. Het lid vraagt persoonlijk advies Nederlands website",
    ]
    places = [text.find(line) for line in order]
    assert -1 not in places, text
    assert places == sorted(places)
    assert "3 gesprekken wachten, waarvan 2 dringend" in text


@pytest.mark.parametrize(
    ("language", "title"), [("nl", "Wachten op een medewerker"), ("fr", "En attente d’un collaborateur")]
)
@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_has_words_in_both_languages(world, language, title, reason):
    officer = world.officer(languages=(language,))
    conversation = world.conversation(reason=reason, topic=None)
    words = world.runtime.tools.content.phrases.texts[language][f"desk.reason_{reason}"]
    overview = plain(officer.get("/desk").text)
    assert title in overview
    assert words in overview
    assert words in plain(officer.get(f"/desk/conversations/{conversation}").text)


def test_mine_and_my_colleagues_conversations_stand_apart(world):
    officer, colleague = world.officer(), world.officer("sarah", name="Sarah Dubois")
    own, other = world.conversation(topic="contributions.balance"), world.conversation(topic="pension.planning")
    officer.post(f"/desk/conversations/{own}/claim")
    colleague.post(f"/desk/conversations/{other}/claim")
    page = officer.get("/desk").text
    waiting, mine, colleagues = (page.index(f'id="{name}-heading"') for name in ("waiting", "mine", "colleagues"))
    assert waiting < mine < page.index(f'id="open-{own}"') < colleagues < page.index(f'id="open-{other}"')
    assert "Bij Sarah Dubois" in page
    assert "Het lid wacht op je antwoord" in page
    officer.post(f"/desk/conversations/{own}/lines", text="Dag", client_id="a")
    assert "Jij schreef het laatst" in officer.get("/desk").text
    world.say(own, "Nog iets")
    assert "Het lid wacht op je antwoord" in officer.get("/desk").text


def test_open_requests_stand_there_with_their_day_the_latest_first(world):
    officer = world.officer()
    for number, (due_in, state) in enumerate([(20, "registered"), (0, "in_progress"), (-2, "registered"), (5, "done")]):
        world.request(world.conversation(), reference=f"R26-000000{number}-00", due_in=due_in, state=state)
    text = plain(officer.get("/desk").text)
    assert text.index("R26-0000002-00 Te laat") < text.index("R26-0000001-00 Antwoord ten laatste vandaag")
    assert text.index("R26-0000001-00") < text.index("R26-0000000-00 Antwoord ten laatste op")
    assert "aanvraag Vrijstelling van bijdragen in behandeling" in text
    assert "R26-0000003-00" not in text


def test_the_page_asks_only_for_what_has_changed(world):
    officer = world.officer()
    page = officer.get("/desk").text
    have = dict(re.findall(r'class="have" name="(\w+)" value="([^"]+)"', page))
    assert set(have) == {"status", "lists"}
    assert officer.get("/desk/parts/overview", params=have).status_code == 204
    world.conversation()
    answer = officer.get("/desk/parts/overview", params=have)
    assert answer.status_code == 200
    assert 'id="lists" hx-swap-oob="innerHTML"' in answer.text
    assert "1 gesprek wacht" in plain(answer.text)


# --- one conversation ---


def test_a_conversation_is_shown_whole_with_sources_and_what_was_understood(world):
    officer = world.officer()
    conversation = world.conversation(reason="advice", text="Wat doe ik best?")
    world.say(
        conversation,
        "De algemene regel.\n\n- een\n- twee",
        author="bot",
        sources=[{"title": "KB nr. 38", "url": "https://www.ejustice.just.fgov.be/x", "date": "2026-03-01"}],
        buttons=[{"title": "Verder met de assistent", "value": "x"}],
        trace={
            "understood": {"topic": "contributions.payment_plan", "need": "advice", "confidence": 0.873},
            "answer": "contributions.payment_plan",
            "version": "2026",
            "file": [{"query": "balance"}],
        },
    )
    world.request(conversation)
    page = officer.get(f"/desk/conversations/{conversation}").text
    text = plain(page)
    assert "Wat doe ik best?" in text
    assert "De algemene regel.\n\n- een\n- twee" in page
    assert "1 bron KB nr. 38 , nagekeken op 1 maart 2026" in text
    assert '<a href="https://www.ejustice.just.fgov.be/x" target="_blank" rel="noopener noreferrer"' in page
    assert "Onderwerp Aflossingsplan Vraag persoonlijk advies Zekerheid 87 %" in text
    assert "De assistent keek in het dossier" in text
    assert "Aangeboden keuzes: Verder met de assistent" in text
    assert "Niet aangemeld" in text
    assert "R26-0000001-44" in text
    assert "Doorgegeven aan een medewerker" in text


def test_the_member_id_is_shown_only_while_signed_in(world):
    officer = world.officer()
    conversation = world.conversation()
    with world.database.write() as session:
        service.sign_in(
            session, conversation_id=conversation, member_id="M000101", token_id="t", token_expires_at=world.now,
            token_seen_at=world.now, now=world.now,
        )  # fmt: skip
    assert "Aangemeld, nummer M000101" in officer.get(f"/desk/conversations/{conversation}").text
    world.pass_time(minutes=31)
    assert "M000101" not in officer.get(f"/desk/conversations/{conversation}").text


HOSTILE = '<script>alert(1)</script><img src=x onerror="alert(2)"> {{ 7 * 7 }} \'"><b hx-get="/desk">'


def test_what_people_write_is_never_markup(world):
    officer = world.officer(name='An <b>"Peeters"</b>')
    conversation = world.conversation(text=HOSTILE)
    world.request(conversation, text=HOSTILE, reason=HOSTILE, state="in_progress")
    world.say(
        conversation, HOSTILE, author="bot", buttons=[{"title": HOSTILE, "value": "x"}],
        sources=[{"title": HOSTILE, "url": "javascript:alert(1)", "date": HOSTILE}],
        trace={"understood": {"topic": HOSTILE, "need": HOSTILE, "confidence": 1}, "answer": HOSTILE, "version": "<b>"},
    )  # fmt: skip
    officer.post(f"/desk/conversations/{conversation}/claim")
    officer.post(f"/desk/conversations/{conversation}/lines", text=HOSTILE, client_id="a")
    pages = [
        officer.get("/desk").text,
        officer.get(f"/desk/conversations/{conversation}").text,
        officer.get(f"/desk/parts/conversations/{conversation}").text,
    ]
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in pages[1]
    assert "{{ 7 * 7 }}" in pages[1]
    assert pages[1].count("&lt;script&gt;") >= 5
    for page in pages:
        assert "<script>" not in page
        assert "<img" not in page
        assert "<b" not in page.replace("<body", "").replace("<button", "").replace("<blockquote", "")
        assert "javascript:" not in page


def test_new_lines_come_alone_and_leave_what_is_being_written_alone(world):
    officer = world.officer()
    conversation = world.conversation(text="Eerste vraag")
    officer.post(f"/desk/conversations/{conversation}/claim")
    page = officer.get(f"/desk/conversations/{conversation}").text
    have = dict(re.findall(r'class="have"(?: id="after")? name="(\w+)" value="([^"]+)"', page))
    assert set(have) == {"status", "facts", "act", "requests", "after"}
    world.say(conversation, "Tweede vraag")
    part = officer.get(f"/desk/parts/conversations/{conversation}", params=have)
    assert "Tweede vraag" in part.text
    assert "Eerste vraag" not in part.text
    assert '<ol id="lines" hx-swap-oob="beforeend">' in part.text
    assert "<textarea" not in part.text
    newest = re.search(r'id="after" name="after" value="(\d+)"', part.text).group(1)
    again = officer.get(f"/desk/parts/conversations/{conversation}", params={**have, "after": newest})
    assert again.status_code == 204


def test_a_long_conversation_is_shown_to_its_end(world):
    officer = world.officer()
    conversation = world.conversation()
    with world.database.write() as session:
        locked = service.lock_conversation(session, conversation)
        for number in range(620):
            service.add_line(session, conversation=locked, author="bot", text=f"regel {number}.", now=world.now)
    page = officer.get(f"/desk/conversations/{conversation}").text
    assert "regel 0." in page
    assert "regel 619." in page


# --- taking over ---


@pytest.mark.parametrize(
    ("fund", "language", "line"),
    [
        ("liantis", "nl", "An Peeters van Liantis heeft het gesprek overgenomen."),
        ("liantis", "fr", "An Peeters de Liantis a pris la conversation en charge."),
    ],
)
def test_the_member_reads_who_took_over_in_their_language(world, fund, language, line):
    officer = world.officer(fund=fund)
    conversation = world.conversation(fund=fund, language=language)
    answer = officer.post(f"/desk/conversations/{conversation}/claim")
    assert answer.status_code == 200
    assert answer.headers["hx-trigger"] == "changed"
    found, lines = world.read(conversation)
    assert (found.owner, found.officer_id, found.queued_at) == ("officer", officer.id, None)
    assert (lines[-1].author, lines[-1].text) == ("system", line)
    assert kinds(world, conversation)[-1] == "claimed"
    assert world.bus.heard == [f"conversation:{conversation}", f"desk:{fund}"]


def test_who_comes_second_reads_who_was_faster(world):
    officer, colleague = world.officer(), world.officer("sarah", name="Sarah Dubois")
    conversation = world.conversation()
    colleague.post(f"/desk/conversations/{conversation}/claim")
    answer = officer.post(f"/desk/conversations/{conversation}/claim")
    assert answer.status_code == 409
    assert plain(answer.text) == "Sarah Dubois was net iets sneller en heeft het gesprek overgenomen."
    assert answer.headers["hx-retarget"] == "#notice"
    assert answer.headers["hx-trigger"] == "changed", "the page shows how things stand now"
    without_scripts = officer.post(f"/desk/conversations/{conversation}/claim", by_page=False)
    assert without_scripts.status_code == 409
    assert "Sarah Dubois was net iets sneller" in without_scripts.text
    assert world.read(conversation)[0].officer_id == colleague.id
    assert "Sarah Dubois heeft dit gesprek overgenomen" in officer.get(f"/desk/conversations/{conversation}").text


def test_taking_over_twice_is_once(world):
    officer = world.officer()
    conversation = world.conversation()
    for _ in range(2):
        assert officer.post(f"/desk/conversations/{conversation}/claim").status_code == 200
    assert [line.author for line in world.read(conversation)[1]] == ["member", "system"]
    assert kinds(world, conversation).count("claimed") == 1


def test_what_no_longer_waits_is_not_taken(world):
    officer = world.officer()
    conversation = world.conversation(reason=None)
    answer = officer.post(f"/desk/conversations/{conversation}/claim")
    assert answer.status_code == 409
    assert "ging verder met de assistent" in answer.text
    assert world.read(conversation)[0].owner == "bot"


def test_of_twenty_officers_at_once_exactly_one_wins(each_world):
    world = each_world
    officers = [world.officer(f"o{number}", name=f"Officer {number}") for number in range(20)]
    conversation = world.conversation()
    start = threading.Barrier(len(officers))
    answers: dict[str, int] = {}
    texts: list[str] = []

    def claim(officer):
        start.wait()
        answer = officer.post(f"/desk/conversations/{conversation}/claim")
        answers[officer.id] = answer.status_code
        texts.append(answer.text)

    threads = [threading.Thread(target=claim, args=(officer,)) for officer in officers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winners = [id for id, status in answers.items() if status == 200]
    assert len(answers) == 20
    assert len(winners) == 1
    assert sorted(set(answers.values())) == [200, 409]
    found, lines = world.read(conversation)
    assert found.officer_id == winners[0]
    assert [line.author for line in lines] == ["member", "system"]
    assert kinds(world, conversation).count("claimed") == 1
    assert sum("was net iets sneller" in text for text in texts) == 19


# --- writing ---


@pytest.fixture
def held(world):
    """An officer and a conversation that they hold."""
    officer = world.officer()
    conversation = world.conversation()
    officer.post(f"/desk/conversations/{conversation}/claim")
    world.bus.heard.clear()
    return officer, conversation


def test_what_an_officer_writes_reaches_the_member_once(world, held):
    officer, conversation = held
    for _ in range(3):
        answer = officer.post(
            f"/desk/conversations/{conversation}/lines", text="  Dag,\r\n\r\nik kijk het na. ", client_id="a"
        )
        assert answer.status_code == 200
    lines = world.read(conversation)[1]
    assert [(line.author, line.officer_id, line.text) for line in lines if line.author == "officer"] == [
        ("officer", officer.id, "Dag,\n\nik kijk het na.")
    ]
    assert world.bus.heard[:2] == [f"conversation:{conversation}", "desk:liantis"]
    assert re.search(r'id="client-id" name="client_id" value="desk-\w+"', answer.text), "the next line has its own id"
    assert 'value="a"' not in answer.text
    assert "></textarea>" in answer.text


def test_two_texts_under_one_id_are_not_mixed_up(world, held):
    officer, conversation = held
    officer.post(f"/desk/conversations/{conversation}/lines", text="Eerste versie", client_id="a")
    answer = officer.post(f"/desk/conversations/{conversation}/lines", text="Tweede versie", client_id="a")
    assert answer.status_code == 409
    assert "was al bij het lid" in answer.text
    fresh = re.search(r'id="client-id" name="client_id" value="([^"]+)" hx-swap-oob="true"', answer.text).group(1)
    assert (
        officer.post(f"/desk/conversations/{conversation}/lines", text="Tweede versie", client_id=fresh).status_code
        == 200
    )
    assert [line.text for line in world.read(conversation)[1]][-2:] == ["Eerste versie", "Tweede versie"]


@pytest.mark.parametrize(
    ("text", "words"), [("", "Schrijf eerst"), (" \n ", "Schrijf eerst"), ("x" * 10_001, "te lang")]
)
def test_no_empty_and_no_endless_lines(world, held, text, words):
    officer, conversation = held
    answer = officer.post(f"/desk/conversations/{conversation}/lines", text=text, client_id="a")
    assert answer.status_code == 422
    assert words in answer.text
    assert all(line.author != "officer" for line in world.read(conversation)[1])


def test_only_who_holds_the_conversation_writes_and_hands_back(world, held):
    _, conversation = held
    colleague = world.officer("sarah", name="Sarah Dubois")
    waiting = world.conversation()
    for one in (conversation, waiting):
        before = len(world.read(one)[1])
        written = colleague.post(f"/desk/conversations/{one}/lines", text="Dag", client_id="b")
        given = colleague.post(f"/desk/conversations/{one}/hand-back")
        assert (written.status_code, given.status_code) == (409, 409)
        assert "niet verstuurd" in written.text
        assert len(world.read(one)[1]) == before
    assert not world.bus.heard


def test_a_browser_without_scripts_works_too(world, held):
    officer, conversation = held
    answer = officer.post(f"/desk/conversations/{conversation}/lines", by_page=False, text="Dag", client_id="a")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/desk/conversations/{conversation}")
    assert world.read(conversation)[1][-1].text == "Dag"


# --- handing back ---


def test_a_conversation_goes_back_to_the_assistant_as_often_as_needed(world):
    officer = world.officer()
    conversation = world.conversation()
    for round in range(3):
        if round:
            world.hand_over(conversation)
        assert officer.post(f"/desk/conversations/{conversation}/claim").status_code == 200
        line = officer.post(f"/desk/conversations/{conversation}/lines", text=f"Ronde {round}", client_id=f"c{round}")
        assert line.status_code == 200
        assert officer.post(f"/desk/conversations/{conversation}/hand-back").status_code == 200
        found, lines = world.read(conversation)
        assert (found.owner, found.officer_id) == ("bot", None)
        assert lines[-1].author == "system"
        assert lines[-1].text.startswith("An Peeters heeft het gesprek afgerond.")
        assert "Heb je nog een vraag?" in lines[-1].text
    assert [line.author for line in world.read(conversation)[1]] == ["member", *["system", "officer", "system"] * 3]
    assert kinds(world, conversation).count("handed_back") == 3
    assert "De assistent antwoordt in dit gesprek" in officer.get(f"/desk/conversations/{conversation}").text


def test_handing_back_speaks_the_funds_form_of_address(world):
    formal = next(id for id, profile in world.runtime.tools.content.profiles.items() if profile.address_in("nl") == "u")
    officer = world.officer(fund=formal)
    conversation = world.conversation(fund=formal)
    officer.post(f"/desk/conversations/{conversation}/claim")
    officer.post(f"/desk/conversations/{conversation}/hand-back")
    assert "Hebt u nog een vraag?" in world.read(conversation)[1][-1].text


# --- requests ---


def test_a_request_moves_and_the_course_tells_who_moved_it(world):
    officer = world.officer()
    conversation = world.conversation()
    reference = world.request(conversation)
    assert officer.post(f"/desk/requests/{reference}/move", state="in_progress").status_code == 200
    refused = officer.post(f"/desk/requests/{reference}/move", state="refused", reason="  ")
    assert refused.status_code == 422
    assert "schrijf waarom ze geweigerd is" in refused.text
    done = officer.post(f"/desk/requests/{reference}/move", state="refused", reason="Te laat ingediend")
    assert done.status_code == 200
    closed = officer.post(f"/desk/requests/{reference}/move", state="done")
    assert closed.status_code == 409
    assert officer.post("/desk/requests/R26-0000000-00/move", state="done").status_code == 404
    with world.database.read() as session:
        request = session.get_one(Request, reference)
        moves = [event for event in session.query(Event) if event.kind == "request_moved"]
    assert (request.state, request.reason) == ("refused", "Te laat ingediend")
    assert [(move.actor, move.detail["state"]) for move in moves] == [
        (officer.id, "in_progress"),
        (officer.id, "refused"),
    ]
    text = plain(officer.get(f"/desk/conversations/{conversation}").text)
    assert f"Aanvraag {reference}: geweigerd (An Peeters)" in text
    assert "Toelichting: Te laat ingediend" in text
    assert world.bus.heard == [f"conversation:{conversation}", "desk:liantis"] * 2


@pytest.mark.parametrize("state", ["", "registered2", "verwijderd"])
def test_a_request_goes_only_into_states_that_exist(world, state):
    officer = world.officer()
    reference = world.request(world.conversation())
    assert officer.post(f"/desk/requests/{reference}/move", state=state).status_code == 409


# --- the officer's language, presence, signals ---


def test_the_officer_chooses_the_language_of_the_desk(world):
    officer = world.officer()
    assert '<html lang="nl">' in officer.get("/desk").text
    conversation = world.conversation()
    here = f"/desk/conversations/{conversation}"
    answer = officer.post("/desk/language", by_page=False, language="fr", back=here)
    assert (answer.status_code, answer.headers["location"]) == (303, here)
    page = officer.get(here).text
    assert '<html lang="fr">' in page
    assert "Prendre en charge" in page
    assert 'lang="nl">Ik wil iemand spreken' in page, "the member's words keep their own language"
    for back in ("https://elsewhere.example/desk", "//elsewhere.example", "/demo", "/desk/../api"):
        assert officer.post("/desk/language", by_page=False, language="de", back=back).headers["location"] == "/desk"
    with world.database.read() as session:
        assert session.get_one(Officer, officer.id).desk_language == "fr"


def present(world, language: str = "nl") -> int:
    with world.database.read() as session:
        return count_present(session, fund="liantis", language=language, now=world.now)


def test_an_open_page_keeps_the_officer_present_and_a_closed_one_does_not(world):
    officer = world.officer()
    assert present(world) == 1
    assert present(world, "fr") == 0
    world.pass_time(seconds=PRESENT_FOR.total_seconds() + 1)
    assert present(world) == 0
    officer.get("/desk/parts/overview")
    assert present(world) == 1
    officer.post("/desk/sign-out")
    assert present(world) == 0


def signals(world, officer, conversation: str, *, during) -> list[str]:
    """The events of a stream while `during` happens; a heartbeat is a fifth of a second."""
    with world.database.read() as session:
        kept = session.query(OfficerSession).filter_by(officer_id=officer.id).one().id
    visit = note_activity(world.runtime, kept, by_person=False)

    async def listen() -> list[str]:
        heard = []
        stream = signals_for(world.runtime, visit, ["desk:liantis", f"conversation:{conversation}"], heartbeat=0.2)
        heard.append((await anext(stream)).event)
        task = asyncio.create_task(during())
        async for event in stream:
            heard.append(event.event)
        await task
        return heard

    return asyncio.run(asyncio.wait_for(listen(), 10))


def test_a_stream_signals_each_change_and_ends_with_the_session(world):
    officer = world.officer()

    async def during() -> None:
        await asyncio.sleep(0.3)
        await world.bus.publish("conversation:abc")
        await asyncio.sleep(0.3)
        await world.bus.publish("desk:securex", "conversation:other")
        await asyncio.sleep(0.3)
        await world.bus.publish("desk:liantis")
        await asyncio.sleep(0.3)
        with world.database.write() as session:
            session.query(OfficerSession).delete()

    assert signals(world, officer, "abc", during=during) == ["changed"] * 3 + ["ended"]


def test_many_changes_at_once_are_few_signals(world):
    officer = world.officer()

    async def during() -> None:
        for _ in range(30):
            await world.bus.publish("desk:liantis")
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.3)
        with world.database.write() as session:
            session.query(OfficerSession).delete()

    heard = signals(world, officer, "abc", during=during)
    assert heard[-1] == "ended"
    assert 2 <= heard.count("changed") <= 8


def test_a_busy_desk_still_notes_presence_and_looks_at_the_session(world):
    officer = world.officer()
    world.pass_time(minutes=5)

    async def during() -> None:
        with world.database.write() as session:
            session.query(OfficerSession).delete()
        for _ in range(20):  # far longer than a heartbeat, never silent for one
            await world.bus.publish("desk:liantis")
            await asyncio.sleep(0.05)

    assert signals(world, officer, "abc", during=during)[-1] == "ended"
    assert present(world) == 1
