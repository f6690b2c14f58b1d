"""The website chat's contract, point by point, over real HTTP."""

import json

import httpx
import pytest

from tests.system.running import Chat


@pytest.fixture
def system(each_system):
    """Every test of this module runs on both databases."""
    return each_system


def test_a_conversation_starts_in_the_language_that_is_asked_or_preferred(system):
    for body, header, language in (
        ({"language": "fr"}, "nl", "fr"),
        ({}, "fr-BE,fr;q=0.9,nl;q=0.8", "fr"),
        ({}, "de-DE,de;q=0.9", "nl"),
        ({}, "nl;q=0.3, fr;q=0.7", "fr"),
    ):
        answer = httpx.post(f"{system.url}/api/conversations", json=body, headers={"Accept-Language": header})
        assert answer.status_code == 201
        opened = answer.json()
        assert set(opened) == {"id", "token"}
        state = httpx.get(
            f"{system.url}/api/conversations/{opened['id']}", headers={"Authorization": f"Bearer {opened['token']}"}
        ).json()
        assert state == {"owner": "bot", "language": language, "signed_in": False, "busy": False, "last": None}


def test_a_message_is_answered_with_all_that_the_contract_names(chat):
    member = chat("nl")
    sent = member.send("wanneer moet ik mijn sociale bijdragen betalen?", client_id="een")
    assert sent.status_code == 202
    reply = member.reply_to(sent.json()["id"])
    assert set(reply) == {"id", "in_reply_to", "from", "text", "buttons", "sources", "at"}
    assert reply["from"] == "bot"
    assert all(set(source) == {"title", "url", "date"} for source in reply["sources"])
    assert reply["sources"]
    state = member.wait_idle()
    assert state["last"] == {
        "message": sent.json()["id"],
        "topic": "contributions.due_dates",
        "need": "information",
        "language": "nl",
        "outcome": "answered",
        "reason": None,
    }
    lines = member.messages()
    assert [line["from"] for line in lines] == ["member", "bot"]
    assert [line["id"] for line in lines] == sorted(line["id"] for line in lines)
    assert member.messages(after=lines[0]["id"]) == lines[1:]


def test_the_same_client_id_again_is_the_same_message_and_another_text_is_refused(chat):
    member = chat("fr")
    first = member.send("bonjour", client_id="a")
    again = member.send("bonjour", client_id="a")
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json() == again.json()
    other = member.send("au revoir", client_id="a")
    assert other.status_code == 409
    assert other.json()["error"]["code"] == "conflict"
    member.wait_idle()
    assert [line["from"] for line in member.messages()] == ["member", "bot"]


def test_events_bring_the_same_lines_and_resume_where_they_stopped(chat):
    member = chat("nl")
    member.say("goeiedag")
    lines = member.messages()
    events = member.events(count=3)
    assert [data for kind, _, data in events if kind == "message"] == lines
    assert [number for kind, number, _ in events if kind == "message"] == [str(line["id"]) for line in lines]
    (kind, number, data), *_ = member.events(after=lines[0]["id"], count=1)
    assert (kind, number, data) == ("message", str(lines[1]["id"]), lines[1])


@pytest.mark.parametrize(
    ("language", "content", "status", "code"),
    [
        ("nl", b"{", 400, "malformed"),
        ("fr", b'{"client_id": "x", "text": "\xff\xfe"}', 400, "malformed"),
        ("nl", b'["a"]', 422, "invalid"),
        ("fr", b'{"client_id": "x"}', 422, "empty"),
        ("nl", b'{"client_id": "x", "text": ""}', 422, "empty"),
        ("fr", b'{"client_id": "x", "text": " \\n\\t "}', 422, "empty"),
        ("nl", b'{"client_id": "", "text": "hallo"}', 422, "invalid"),
        ("nl", b'{"client_id": "x", "text": "hallo", "member": "M1"}', 422, "invalid"),
        ("fr", b'{"client_id": 7, "text": "bonjour"}', 422, "invalid"),
        ("nl", json.dumps({"client_id": "x", "text": "a" * 10_001}).encode(), 422, "too_long"),
        ("fr", json.dumps({"client_id": "x", "text": "a" * 100_000}).encode(), 413, "too_large"),
    ],
)
def test_bad_input_gets_a_clear_error_in_the_language_of_the_conversation(chat, language, content, status, code):
    member = chat(language)
    answer = member.client.post(
        f"{member.path}/messages", content=content, headers={"Content-Type": "application/json"}
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    message = answer.json()["error"]["message"]
    french = {"Ce", "Le", "Écrivez", "message", "n'est", "pas", "trop"}
    assert bool(french & set(message.split())) == (language == "fr"), message
    assert member.messages() == []


def test_a_body_without_announced_length_is_limited_too(chat):
    member = chat("nl")

    def endless():
        for _ in range(200):
            yield b" " * 1024

    answer = member.client.post(f"{member.path}/messages", content=endless())
    assert answer.status_code == 413


def test_text_that_no_database_keeps_is_cleaned_or_refused(chat):
    member = chat("nl")

    def post(content):
        headers = {"Content-Type": "application/json"}
        return member.client.post(f"{member.path}/messages", content=content, headers=headers)

    assert post(b'{"client_id": "x", "text": "half a pair: \\ud800"}').status_code == 422
    sent = post(b'{"client_id": "x", "text": "dag \\u0000 hallo"}')
    assert sent.status_code == 202
    member.reply_to(sent.json()["id"])
    assert member.messages()[0]["text"] == "dag  hallo"


def test_nobody_reads_a_conversation_without_its_own_token(chat, system):
    mine, other = chat("nl"), chat("fr")
    paths = ("", "/messages", "/events")
    for path in paths:
        for headers in (
            {},
            {"Authorization": "Bearer"},
            {"Authorization": "Bearer wrong"},
            {"Authorization": "Basic x"},
        ):
            assert httpx.get(f"{system.url}{mine.path}{path}", headers=headers).status_code == 401
        assert httpx.get(f"{system.url}{mine.path}{path}?token={mine.token}").status_code == 401
        assert other.client.get(f"{mine.path}{path}").status_code == 404
    assert other.client.post(f"{mine.path}/messages", json={"client_id": "x", "text": "hallo"}).status_code == 404
    assert other.client.post(f"{mine.path}/sign-in", json={"token": "x"}).status_code == 404
    assert mine.client.get("/api/conversations/' or 1=1 --/messages").status_code == 404


def test_a_flood_is_slowed_down_and_loses_nothing_that_was_accepted(chat):
    member = chat("fr")
    answers = [member.send("merci", client_id=str(number)) for number in range(40)]
    accepted = [answer for answer in answers if answer.status_code == 202]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(accepted) + len(refused) == 40
    assert refused
    assert int(refused[0].headers["Retry-After"]) > 0
    assert "rapide" in refused[0].json()["error"]["message"]
    member.wait_idle()
    lines = member.messages()
    assert [line["id"] for line in lines if line["from"] == "member"] == [answer.json()["id"] for answer in accepted]
    assert len([line for line in lines if line["from"] != "member"]) == len(accepted)


def test_wrong_query_and_unknown_fund_are_refused(chat, system):
    member = chat("nl")
    assert member.client.get(f"{member.path}/messages?after=x").status_code == 422
    assert member.client.get(f"{member.path}/messages?after=-1").status_code == 422
    assert member.client.get(f"{member.path}/messages?after=9{'9' * 40}").status_code == 422
    answer = httpx.post(f"{system.url}/api/conversations", json={"fund": "nowhere"})
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "fund")
    answer = httpx.post(f"{system.url}/api/conversations", json={"colour": "red"})
    assert answer.status_code == 422


def test_only_the_funds_own_pages_may_call_from_a_browser(system):
    for origin, allowed in (("http://localhost:8000", True), ("https://evil.example", False)):
        answer = httpx.options(
            f"{system.url}/api/conversations",
            headers={"Origin": origin, "Access-Control-Request-Method": "POST"},
        )
        assert (answer.headers.get("access-control-allow-origin") == origin) == allowed
        assert answer.headers.get("access-control-allow-origin") != "*"


def test_health_names_what_answers(system):
    assert httpx.get(f"{system.url}/health").json() == {
        "status": "ok", "database": True, "rasa": True, "actions": True,
    }  # fmt: skip


def test_every_fund_speaks_in_its_own_voice(chat):
    je, u = chat("nl", fund="liantis"), chat("nl", fund="securex")
    first, second = je.say("goeiedag")["text"], u.say("goeiedag")["text"]
    assert " je helpen" in first and "Liantis" in first
    assert " u helpen" in second and "Securex" in second


def test_numbers_that_identify_a_person_are_masked_before_they_are_stored(chat: "type[Chat]"):
    member = chat("nl")
    reply = member.say("mijn rijksregisternummer is 85.07.30-033.28 en mijn rekening BE68 5390 0754 7034")
    stored = member.messages()[0]["text"]
    assert "85.07.30" not in stored and "5390" not in stored
    assert "onleesbaar" in reply["text"]
