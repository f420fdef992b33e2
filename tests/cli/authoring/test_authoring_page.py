"""The page "Write policies on your own machine" works as it is written: its files, its commands, in its order."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from congress.cli.authoring.main import COMMANDS

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


def test_the_page_works_as_it_is_written(tmp_path: Path) -> None:
    programs, place = tmp_path / "bin", tmp_path / "policies"
    programs.mkdir()
    place.mkdir()
    program = programs / "congress"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m congress.cli.authoring.main "$@"\n')
    program.chmod(0o755)
    environment = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    ran = 0
    for block in _BLOCK.finditer(PAGE.read_text()):
        if block["kind"] is None:
            assert block["file"], f"a block without a name: {block['text'][:60]}"
            (place / block["file"]).write_text(block["text"])
            continue
        for command, printed in commands(block["text"]):
            ended = subprocess.run(  # noqa: S603
                ["/bin/bash", "-c", command], cwd=place, env=environment, capture_output=True, text=True, timeout=120,
                check=False,
            )  # fmt: skip
            said = ended.stdout + ended.stderr
            assert re.fullmatch(expected(printed), said), f"$ {command}\n{said}"
            ran += 1
    assert ran > 15


def test_every_command_has_its_place_on_the_page() -> None:
    text = PAGE.read_text()
    assert [
        each.name for each in COMMANDS if f"congress {each.name}" not in text and f"`{each.name} " not in text
    ] == []
