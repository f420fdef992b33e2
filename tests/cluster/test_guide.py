"""The guide's commands print what it says, as far as they touch no machine."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from congress.cli.cluster import main

GUIDE = Path(__file__).parents[2] / "docs" / "control-plane.md"


def steps() -> Iterator[tuple[list[str], list[str]]]:
    """Each command of the guide, and the lines after it."""
    for block in re.findall(r"```console\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL):
        for step in re.split(r"(?m)^\$ ", block)[1:]:
            command, *printed = step.splitlines()
            yield shlex.split(command), printed


def fits(wanted: list[str], printed: str) -> bool:
    """Whether a text is what the guide shows; there `...` stands for anything."""
    pattern = re.escape("\n".join(wanted)).replace(re.escape("..."), ".*")
    return re.fullmatch(pattern, printed.rstrip("\n"), re.DOTALL) is not None


def exchange(expression: str, file: Path) -> None:
    """What sed does with `LINEs/OLD/NEW/`."""
    match = re.fullmatch(r"(\d*)s/(.*)/(.*)/", expression)
    assert match
    lines = file.read_text().splitlines(keepends=True)
    at = [int(match[1]) - 1] if match[1] else range(len(lines))
    for number in at:
        lines[number] = re.sub(match[2], match[3], lines[number], count=1)
    file.write_text("".join(lines))


def test_the_guide(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    done = 0
    for command, wanted in steps():
        match command:
            case ["export", setting]:
                monkeypatch.setenv(*setting.split("=", 1))
            case ["sed", "-i", expression, file]:
                exchange(expression, tmp_path / file)
            case ["congress-cluster", *arguments]:
                main(arguments)
                printed = capsys.readouterr().out
                assert fits(wanted, printed), f"{command} printed\n{printed}"
                done += 1
            case _:
                pytest.fail(f"nobody knows here how to do {command}")
    assert done == 6
