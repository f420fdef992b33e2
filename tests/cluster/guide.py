"""The guide "From three machines to a cloud control plane" as commands to be given, and what they have to print."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from congress.cli.cluster import main
from tests.docs import pages

GUIDE = pages.ROOT / "docs" / "control-plane.md"
ROOT = "sudo"


@dataclass(frozen=True, slots=True)
class Command:
    """`printed`: what the guide shows below it, where `…` stands for anything."""

    words: tuple[str, ...]
    printed: str

    @property
    def in_the_laboratory(self) -> bool:
        """Whether it needs root: it starts machines, or does something to them."""
        return self.words[0] == ROOT

    def __str__(self) -> str:
        return " ".join(self.words)

    def fits(self, printed: str) -> bool:
        """Whether a text is what the guide shows."""
        return pages.shows(self.printed, printed.strip("\n"))


def commands() -> Iterator[Command]:
    """All of them, in order."""
    for block in pages.blocks(GUIDE):
        for step in pages.steps(block):
            yield Command(tuple(shlex.split(step.command)), step.printed)


def carry_out(command: Command, monkeypatch: pytest.MonkeyPatch, more: tuple[str, ...] = ()) -> int:
    """Give a command, here and now; the exit status. `more`: words at its end that the guide does not have."""
    words = command.words[1:] if command.in_the_laboratory else command.words
    match words:
        case ["export", setting]:
            monkeypatch.setenv(*setting.split("=", 1))
        case ["sed", "-i", expression, file]:
            _exchange(expression, Path(file))
        case ["congress-cluster", *arguments]:
            return main([*arguments, *more])
        case _:
            pytest.fail(f"nobody knows here how to do {command}")
    return 0


def _exchange(expression: str, file: Path) -> None:
    """What sed does with `LINEs/OLD/NEW/`."""
    match = re.fullmatch(r"(\d*)s/(.*)/(.*)/", expression)
    assert match
    lines = file.read_text().splitlines(keepends=True)
    at = [int(match[1]) - 1] if match[1] else range(len(lines))
    for number in at:
        lines[number] = re.sub(match[2], match[3], lines[number], count=1)
    file.write_text("".join(lines))
