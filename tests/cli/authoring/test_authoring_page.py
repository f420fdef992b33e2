"""The pages about writing policies work as they are written: their files, their commands, in their order."""

from __future__ import annotations

import io
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from congress.cli.authoring.main import COMMANDS
from tests.cli.authoring.conftest import CommandLine
from tests.docs.pages import ROOT, blocks, shows, steps

PAGE = ROOT / "docs" / "authoring.md"


@pytest.mark.parametrize(("page", "at_least"), [("authoring.md", 15), ("write-a-policy.md", 3)])
def test_a_page_works_as_it_is_written(
    page: str, at_least: int, congress: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = 0
    for block in blocks(ROOT / "docs" / page):
        if block.file:
            congress.write({block.file: block.text})
        for command, printed in steps(block):
            said = "".join(carried_out(congress, monkeypatch, one) for one in command.split(" && "))
            assert shows(printed, said), f"$ {command}\n{said}"
            ran += 1
    assert ran >= at_least


def carried_out(congress: CommandLine, monkeypatch: pytest.MonkeyPatch, command: str) -> str:
    """What a command prints: `congress` in this process, what others pipe into it, and others by the shell."""
    before, pipe, ours = command.partition(" | ")
    given = shell(before, congress.place) if pipe or not command.startswith("congress ") else ""
    words = shlex.split(ours or command)
    if words[0] != "congress":
        return given
    monkeypatch.setattr(sys, "stdin", io.StringIO(given))
    said = congress(*words[1:])
    return said.out + said.err


def shell(command: str, place: Path) -> str:
    ended = subprocess.run(  # noqa: S603
        ["/bin/sh", "-c", command], cwd=place, capture_output=True, text=True, timeout=60, check=True
    )
    return ended.stdout


def test_every_command_has_its_place_on_the_page() -> None:
    text = PAGE.read_text()
    assert [
        each.name for each in COMMANDS if f"congress {each.name}" not in text and f"`{each.name} " not in text
    ] == []
