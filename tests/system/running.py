"""The whole product as its users start it, `./relais up`, and a member who writes to it."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 40.0
"""Seconds within which a reply must come, also after a crash; a broken system, not a slow one, runs out of them."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class System:
    """One running Relais with databases of its own."""

    url: str
    process: subprocess.Popen
    environment: dict[str, str]
    output: list[str] = field(default_factory=list)

    def child(self, word: str) -> int:
        """The process id of the child whose command line holds the word (`bot.serve`, `api.commands api`)."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        for pid in children:
            with contextlib.suppress(OSError):
                if word in Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " "):
                    return int(pid)
        raise AssertionError(f"no child runs {word}")

    def kill(self, word: str) -> None:
        """kill -9."""
        os.kill(self.child(word), signal.SIGKILL)

    def wait_until_healthy(self) -> None:
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{self.url}/health", timeout=3) as answer:
                if answer.status == 200:
                    return
            time.sleep(0.2)
        raise AssertionError("the system did not become healthy:\n" + "\n".join(self.output[-20:]))

    def demo_token(self, member: str | None = None) -> str:
        """What `./relais demo-token` prints."""
        command = [sys.executable, "-m", "api.commands", "demo-token", *([member] if member else [])]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=True)
        return done.stdout.strip()


@contextlib.contextmanager
def start_relais(directory: Path, **more: str) -> Iterator[System]:
    """Start everything with databases in `directory`; stop it with Ctrl-C and check that it stopped cleanly."""
    port = free_port()
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "RELAIS_PORT": str(port),
        "DATABASE_URL": f"sqlite:///{directory}/relais.db",
        "FILE_DATABASE_URL": f"sqlite:///{directory}/file.db",
        **more,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "api.commands", "up"],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip
    system = System(f"http://127.0.0.1:{port}", process, environment)
    threading.Thread(target=lambda: system.output.extend(process.stdout), daemon=True).start()
    try:
        while process.poll() is None and not any("ready in" in line for line in system.output):
            time.sleep(0.1)
        assert process.poll() is None, "".join(system.output)
        yield system
    finally:
        process.send_signal(signal.SIGINT)
        code = process.wait(40)
    assert code == 0, "".join(system.output)


@dataclass
class Chat:
    """One member in one conversation on the website."""

    client: httpx.Client
    id: str
    token: str
    seen: int = 0

    @classmethod
    def start(cls, url: str, **body: Any) -> "Chat":
        client = httpx.Client(base_url=url, timeout=20)
        answer = client.post("/api/conversations", json=body)
        assert answer.status_code == 201, answer.text
        opened = answer.json()
        client.headers["Authorization"] = f"Bearer {opened['token']}"
        return cls(client, opened["id"], opened["token"])

    @property
    def path(self) -> str:
        return f"/api/conversations/{self.id}"

    def send(self, text: str, client_id: str | None = None) -> httpx.Response:
        return self.client.post(
            f"{self.path}/messages", json={"client_id": client_id or str(uuid.uuid4()), "text": text}
        )

    def say(self, text: str) -> dict[str, Any]:
        """Send a line and wait for the reply to it."""
        sent = self.send(text)
        assert sent.status_code == 202, sent.text
        return self.reply_to(sent.json()["id"])

    def reply_to(self, message: int, *, after: int = 0) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            for line in self.messages(after):
                if line["in_reply_to"] == message and line["from"] != "member":
                    self.seen = max(self.seen, line["id"])
                    return line
            time.sleep(0.03)
        raise AssertionError(f"no reply within {PATIENCE} s; the state is {self.state()}")

    def messages(self, after: int = 0) -> list[dict[str, Any]]:
        answer = self.client.get(f"{self.path}/messages", params={"after": after})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def wait_idle(self) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            state = self.state()
            if not state["busy"]:
                return state
            time.sleep(0.05)
        raise AssertionError("still busy")

    def state(self) -> dict[str, Any]:
        answer = self.client.get(self.path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def last(self) -> dict[str, Any]:
        return self.state()["last"]

    def sign_in(self, token: str) -> httpx.Response:
        return self.client.post(f"{self.path}/sign-in", json={"token": token})

    def events(self, *, after: int = 0, count: int) -> list[tuple[str, str | None, dict[str, Any]]]:
        """The first `count` server-sent events: (kind, id, data)."""
        found, kind, number = [], None, None
        headers = {"Last-Event-ID": str(after)} if after else {}
        with self.client.stream("GET", f"{self.path}/events", headers=headers) as stream:
            for line in stream.iter_lines():
                name, _, value = line.partition(": ")
                if not line:
                    kind, number = None, None
                elif name == "event":
                    kind = value
                elif name == "id":
                    number = value
                elif name == "data":
                    found.append((kind, number, json.loads(value)))
                    if len(found) == count:
                        break
        return found
