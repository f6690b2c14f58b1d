"""The two private doors between API and Rasa are closed to everybody else."""

import os
import re
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.system.running import ROOT, free_port


def _environment_of(system, word: str) -> dict[str, str]:
    raw = Path(f"/proc/{system.child(word)}/environ").read_bytes().split(b"\0")
    return dict(pair.decode().split("=", 1) for pair in raw if b"=" in pair)


@pytest.fixture
def seam(system):
    return _environment_of(system, "bot.serve")


def test_the_channel_wants_the_secret(seam):
    url = f"{seam['RELAIS_RASA_URL']}/webhooks/relais/webhook"
    body = {"sender": "x", "message": "hallo", "metadata": {}}
    for headers in (
        {},
        {"X-Relais-Secret": ""},
        {"X-Relais-Secret": "x" * 64},
        {"X-Relais-Secret": "${RELAIS_SEAM_SECRET}"},
    ):
        assert httpx.post(url, json=body, headers=headers).status_code == 401


def test_no_other_channel_and_no_http_api_is_open(seam):
    for path in ("/webhooks/rest/webhook", "/conversations/x/tracker", "/model", "/domain", "/status"):
        assert httpx.get(f"{seam['RELAIS_RASA_URL']}{path}").status_code == 404
        assert httpx.post(f"{seam['RELAIS_RASA_URL']}{path}", json={}).status_code in (404, 405)


def test_the_actions_want_the_secret_and_a_turn(seam):
    url = seam["RELAIS_ACTIONS_URL"]
    call = {
        "next_action": "action_turn",
        "sender_id": "x",
        "tracker": {
            "sender_id": "x", "slots": {}, "events": [], "latest_message": {"metadata": {"turn_key": "guess"}},
            "latest_event_time": 0, "paused": False, "active_loop": {}, "latest_action_name": None,
        },
        "domain": {},
    }  # fmt: skip
    assert httpx.post(url, json=call).status_code == 401
    assert httpx.post(url, json=call, headers={"X-Relais-Secret": "x" * 64}).status_code == 401
    secret = {"X-Relais-Secret": seam["RELAIS_SEAM_SECRET"]}
    assert httpx.post(url, json=call, headers=secret).status_code == 403
    call["tracker"]["latest_message"] = {}
    assert httpx.post(url, json=call, headers=secret).status_code == 403
    assert httpx.post(url, json={**call, "next_action": "action_unknown"}, headers=secret).status_code == 404
    assert httpx.post(url, content=b"{", headers=secret).status_code == 422


def test_with_the_secret_but_no_turn_rasa_says_nothing(seam):
    answer = httpx.post(
        f"{seam['RELAIS_RASA_URL']}/webhooks/relais/webhook",
        json={"sender": "x", "message": "hoeveel moet ik betalen", "metadata": {"turn_key": "guess"}},
        headers={"X-Relais-Secret": seam["RELAIS_SEAM_SECRET"]},
        timeout=20,
    )
    assert answer.status_code == 500 or answer.json() == []


def test_the_actions_are_not_on_the_public_door(system):
    assert httpx.post(f"{system.url}/actions", json={}).status_code == 404
    assert httpx.post(f"{system.url}/webhooks/relais/webhook", json={}).status_code == 404


def test_a_start_without_real_secret_model_or_address_is_refused():
    python = ROOT / "var" / "environments" / "bot" / "bin" / "python"
    model = next((ROOT / "var" / "model").glob("*.tar.gz"))
    good = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "RELAIS_SEAM_SECRET": "s" * 40,
        "RELAIS_ACTIONS_URL": "http://127.0.0.1:1/actions",
    }
    for change, path, word in (
        ({}, ROOT / "var" / "model" / "missing.tar.gz", "no model"),
        ({"RELAIS_SEAM_SECRET": ""}, model, "SECRET"),
        ({"RELAIS_SEAM_SECRET": "${RELAIS_SEAM_SECRET}" * 2}, model, "SECRET"),
        ({"RELAIS_ACTIONS_URL": "${X}"}, model, "ACTIONS_URL"),
    ):
        done = subprocess.run(
            [python, "-m", "bot.serve", path, "1"], cwd=ROOT, env={**good, **change}, capture_output=True, text=True
        )
        assert done.returncode != 0
        assert re.search(word, done.stderr), done.stderr
        assert "Traceback" not in done.stderr


def test_a_model_that_cannot_be_loaded_stops_the_start(tmp_path):
    """Rasa itself would only warn and go on without a model."""
    broken = tmp_path / "model.tar.gz"
    broken.write_bytes(b"no model")
    seam = {"RELAIS_SEAM_SECRET": "s" * 40, "RELAIS_ACTIONS_URL": "http://127.0.0.1:1/actions"}
    done = subprocess.run(
        [ROOT / "var" / "environments" / "bot" / "bin" / "python", "-m", "bot.serve", broken, str(free_port())],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT), **seam}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode != 0
    assert "the model could not be loaded" in done.stderr
