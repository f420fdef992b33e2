"""congress-manage stops actions, lets them go on, and says how things are."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from congress.cli import manage
from congress.db import migration
from congress.db.session import Database
from congress.policies.content import NewPolicy
from congress.policies.library import PACKAGED, Library
from congress.policies.libraryitems import NewItem


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


def filled(tmp_path: Path) -> Library:
    """The library of an installation that has loaded the files."""
    library = Library(Database(f"sqlite:///{tmp_path}/congress.sqlite"))
    library.load_files([PACKAGED])
    return library


def forgotten(library: Library, *names: str) -> None:
    for name in names:
        found = library.named(name)
        assert found is not None
        library.remove(found.id)


def test_policies_that_came_with_a_newer_version_are_told_and_taken_in(
    place: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    library = filled(tmp_path)
    forgotten(library, "BadFlavors", "ControlPlane")
    assert manage.main([*place, "library"]) == 0
    assert capsys.readouterr().out.splitlines()[:2] == ["BadFlavors: missing", "ControlPlane: missing"]
    assert library.named("BadFlavors") is None, "asking changes nothing"
    assert manage.main([*place, "library", "--add-missing"]) == 0
    assert manage.main([*place, "library", "--add-missing"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "the library has now, as files have it: BadFlavors, ControlPlane",
        "nothing is missing",
    ]


def test_one_is_taken_in_with_what_it_depends_on_and_what_was_deleted_stays_so(
    place: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    library = filled(tmp_path)
    forgotten(library, "BadFlavors", "ControlPlane", "ControlPlaneMessaging")
    assert manage.main([*place, "library", "--add", "ControlPlane"]) == 0
    assert capsys.readouterr().out.endswith(": ControlPlane, ControlPlaneMessaging\n")
    assert library.named("BadFlavors") is None


def test_what_an_operator_changed_is_told_and_overwritten_only_by_name(
    place: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    library = filled(tmp_path)
    found = library.named("BadFlavors")
    assert found is not None
    library.replace(found.id, NewItem(NewPolicy("BadFlavors", "nonrecursive", None, "ours"), []))
    for words in (["library", "--add-missing"], ["library"], ["library", "--add", "BadFlavors"], ["library"]):
        assert manage.main([*place, *words]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[:2] == ["nothing is missing", "BadFlavors: other than in the files"]
    assert told[3] == "the library has now, as files have it: BadFlavors"
    assert told[4].endswith(" 0 of them missing or other in the library")
    again = library.named("BadFlavors")
    assert again is not None and again.id == found.id


def test_a_name_that_no_file_has_changes_nothing(
    place: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    filled(tmp_path)
    assert manage.main([*place, "library", "--add", "BadFlavours"]) == 1
    assert "no file has BadFlavours; there are BadFlavors" in capsys.readouterr().err


def test_every_command_is_documented() -> None:
    pages = "".join(page.read_text(encoding="utf-8") for page in (Path(__file__).parents[2] / "docs").glob("*.md"))
    told = set(re.findall(r"congress-manage (?:--config-file \S+ )?([a-z-]+)", pages))
    assert manage.COMMANDS.keys() <= told
