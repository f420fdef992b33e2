"""The page "Write policies on your own machine" works as it is written: its files, its commands, in its order."""

from __future__ import annotations

import io
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from congress.cli.authoring.main import COMMANDS
from tests.cli.authoring.conftest import CommandLine

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "authoring.md"
_BLOCK = re.compile(r"(?ms)^(?:`(?P<file>[\w.]+)`\n\n)?```(?P<kind>sh)?\n(?P<text>.*?)^```$")


def commands(block: str) -> Iterator[tuple[str, str]]:
    """Each command of a block, with what it prints."""
    for part in re.split(r"(?m)^\$ ", block)[1:]:
        command, _, printed = part.partition("\n")
        yield command, printed


def expected(printed: str) -> str:
    """What is printed, as a regular expression: `…` stands for anything, on a line of its own for any lines."""
    lines = [
        "(?:.*\n)*?" if line == "…" else re.escape(line).replace("…", ".*") + "\n" for line in printed.splitlines()
    ]
    return "".join(lines)


def test_the_page_works_as_it_is_written(congress: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = 0
    for block in _BLOCK.finditer(PAGE.read_text()):
        if block["kind"] is None:
            assert block["file"], f"a block without a name: {block['text'][:60]}"
            congress.write({block["file"]: block["text"]})
            continue
        for line, printed in commands(block["text"]):
            said = "".join(carried_out(congress, monkeypatch, one) for one in line.split(" && "))
            assert re.fullmatch(expected(printed), said), f"$ {line}\n{said}"
            ran += 1
    assert ran > 15


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
