"""congress-manage stops actions, lets them go on, and says how things are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from congress.cli import manage
from congress.db import migration
from congress.db.session import Database


@pytest.fixture
def place(tmp_path: Path) -> list[str]:
    database = Database(f"sqlite:///{tmp_path}/congress.sqlite")
    migration.upgrade(database)
    database.close()
    return ["--state-dir", str(tmp_path)]


def test_a_pause_is_told_with_who_and_why(place: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert manage.main([*place, "status"]) == 0
    assert capsys.readouterr().out == "actions: not paused\n"
    assert manage.main([*place, "pause", "--reason", "change window"]) == 0
    assert manage.main([*place, "pause"]) == 0
    assert capsys.readouterr().out == "actions are paused everywhere\nactions were paused already\n"
    assert manage.main([*place, "status"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("actions: paused since ") and told.endswith(": change window\n")


def test_actions_go_on_after_a_resume(place: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("pause", "resume", "resume"):
        assert manage.main([*place, command]) == 0
    assert capsys.readouterr().out.splitlines()[2] == "actions go on already"
    assert manage.main([*place, "status", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["paused"] is False


def test_a_database_of_another_version_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert manage.main(["--state-dir", str(tmp_path), "pause"]) == 1
    assert "is at revision none" in capsys.readouterr().err
