"""`./relais seed`, run as it is called, on files of its own."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from api.commands import seed
from api.settings import Settings
from fund.file.models import Contribution, Member


@pytest.fixture
def settings(tmp_path, monkeypatch):
    """Demo settings with a file in a directory of its own and a fixed day."""
    found = Settings(file_database_url=f"sqlite:///{tmp_path}/file.db", now=datetime(2026, 11, 20, 9, tzinfo=UTC))
    monkeypatch.setattr(seed, "load_settings", lambda: found)
    return found


def test_it_fills_an_empty_file_once(settings, migrate, tmp_path, capsys):
    database = migrate(tmp_path / "file.db")
    assert seed.main(["--members", "5", "--seed", "3"]) == 0
    assert "19 members" in capsys.readouterr().out
    assert seed.main(["--members", "5"]) == 1
    assert capsys.readouterr().err.count("\n") == 1
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Member)) == 19
        assert session.scalar(select(func.max(Contribution.quarter))) == "2026Q4"


def test_a_file_without_tables_is_an_error_that_says_what_to_do(settings, capsys):
    assert seed.main([]) == 1
    assert "./relais prepare" in capsys.readouterr().err


def test_an_unreachable_file_is_one_clear_line(settings, tmp_path, monkeypatch, capsys):
    gone = settings.model_copy(update={"file_database_url": f"sqlite:///{tmp_path}/nowhere/file.db"})
    monkeypatch.setattr(seed, "load_settings", lambda: gone)
    assert seed.main([]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_a_real_file_gets_no_invented_members(settings, migrate, tmp_path, monkeypatch, capsys):
    database = migrate(tmp_path / "file.db")
    monkeypatch.setattr(seed, "load_settings", lambda: settings.model_copy(update={"mode": "production"}))
    assert seed.main([]) == 2
    assert "demo mode only" in capsys.readouterr().err
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Member)) == 0


@pytest.mark.parametrize("words", [["--members", "many"], ["--members", "-1"], ["--seed", "x"], ["--count", "3"]])
def test_wrong_use_is_one_line_and_status_2(settings, capsys, words):
    with pytest.raises(SystemExit) as left:
        seed.main(words)
    assert left.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1
