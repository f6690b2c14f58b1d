"""Starting: when something is missing or wrong, one clear sentence and a failure, never a traceback."""

import errno
import importlib.machinery
import importlib.util
import os
import socket
import subprocess
import sys

import pytest

from api.commands import train
from tests.system.running import ROOT, free_port


@pytest.fixture
def launcher():
    """The file `relais`, which is no module by name."""
    loader = importlib.machinery.SourceFileLoader("launcher", str(ROOT / "relais"))
    spec = importlib.util.spec_from_loader("launcher", loader)
    module = importlib.util.module_from_spec(spec)
    sys.dont_write_bytecode, before = True, sys.dont_write_bytecode
    loader.exec_module(module)
    sys.dont_write_bytecode = before
    return module


def _up(**environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "api.commands", "up"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


def _one_sentence(done: subprocess.CompletedProcess, *words: str) -> None:
    assert done.returncode != 0
    assert "Traceback" not in done.stderr + done.stdout
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("relais: ")
    for word in words:
        assert word in last, last


def test_a_port_in_use():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        _one_sentence(_up(RELAIS_PORT=str(port)), str(port), "in use")


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"RELAIS_PORT": "eight"}, ("port", "integer")),
        ({"RELAIS_FUND": "nowhere"}, ("nowhere",)),
        ({"RELAIS_SEAM_SECRET": "${SECRET}"}, ("seam_secret",)),
        ({"RELAIS_MODE": "production"}, ("production needs", "RELAIS_PORTAL_ISSUER")),
        ({"RELAIS_OIDC_ISSUER": "https://login.example.be"}, ("demo mode refuses",)),
        ({"DATABASE_URL": "postgresql+psycopg://nobody@127.0.0.1:1/none"}, ("database",)),
        ({"DATABASE_URL": "nonsense"}, ("database",)),
    ],
)
def test_a_wrong_setting(environment, words, tmp_path):
    defaults = {
        "RELAIS_PORT": str(free_port()),
        "DATABASE_URL": f"sqlite:///{tmp_path}/relais.db",
        "FILE_DATABASE_URL": f"sqlite:///{tmp_path}/file.db",
    }
    _one_sentence(_up(**{**defaults, **environment}), *words)


def test_an_unknown_command():
    done = subprocess.run(
        [sys.executable, "-m", "api.commands", "fly"], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    _one_sentence(done, "fly", "help")


@pytest.mark.parametrize("variable", ["RELAIS_PYTHON", "RELAIS_BOT_PYTHON"])
def test_a_missing_python(launcher, monkeypatch, variable):
    monkeypatch.setenv(variable, "/nowhere/python")
    with pytest.raises(launcher.Stop, match=variable):
        launcher.find_python(variable, (10,))


def test_a_shim_that_exists_and_fails_is_passed_over(launcher, monkeypatch, tmp_path):
    shim = tmp_path / "python3.10"
    shim.write_text("#!/bin/sh\necho 'pyenv: python3.10: command not found' >&2\nexit 127\n")
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "none"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("RELAIS_BOT_PYTHON", raising=False)
    assert launcher.version_of(shim) is None
    assert launcher.find_python("RELAIS_BOT_PYTHON", (10,)) is None


def test_no_python_to_be_had_anywhere(launcher, monkeypatch, tmp_path):
    monkeypatch.setattr(launcher.subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 1, "", "no"))
    with pytest.raises(launcher.Stop, match=r"Python 3\.10 is missing"):
        launcher.fetch_python_310(tmp_path / "uv")


def test_too_little_room(launcher, monkeypatch, tmp_path):
    monkeypatch.setattr(launcher, "ENVIRONMENTS", tmp_path)
    monkeypatch.setattr(launcher.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 1_000})())
    with pytest.raises(launcher.Stop, match="room on the disk"):
        launcher.make_environment("api", sys.executable, tmp_path / "uv", "the libraries")


def test_a_disk_that_fills_up_on_the_way(launcher):
    script = "import sys; sys.exit('error: No space left on device (os error 28)')"
    with pytest.raises(launcher.Stop, match="the disk is full"):
        launcher.run([sys.executable, "-c", script], "installing")


def test_a_full_disk_in_a_command(monkeypatch, capsys):
    from api.commands import __main__ as commands

    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(train, "main", full)
    assert commands.main(["train"]) == 1
    assert capsys.readouterr().err.strip() == "relais: the disk is full"


def test_a_training_that_fails(monkeypatch, tmp_path):
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho 'YamlException: line 3 of contributions.yml' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setattr(train, "BOT_PYTHON", broken)
    monkeypatch.setattr(train, "MODELS", tmp_path / "model")
    with pytest.raises(train.TrainingFailed, match="training the model failed: YamlException: line 3"):
        train.ensure_model()
    assert not list((tmp_path / "model").glob("*.tar.gz"))


def test_the_model_is_trained_again_only_when_its_inputs_change(monkeypatch, tmp_path):
    (tmp_path / "data/nl/training").mkdir(parents=True)
    example = tmp_path / "data/nl/training/start.yml"
    example.write_text("a")
    monkeypatch.setattr(train, "ROOT", tmp_path)
    first = train.model_file()
    (tmp_path / "README.md").write_text("no input")
    assert train.model_file() == first
    example.write_text("b")
    assert train.model_file() != first
