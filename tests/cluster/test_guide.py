"""The guide's commands print what it says, as far as they need no machines; tests/cluster/lab has the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cluster.guide import Command, carry_out, commands


def test_the_guide(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    here = [command for command in commands() if not command.in_the_laboratory]
    for command in here:
        carry_out(command, monkeypatch)
        printed = capsys.readouterr().out
        assert command.fits(printed), f"{command} printed\n{printed}"
    assert len(here) == 9


def test_dots_of_the_guide_stand_for_anything_and_nothing_else_does() -> None:
    command = Command(("say",), "one\n…\n3 of … done")

    assert command.fits("one\ntwo\nthree\n3 of 7 done\n")
    assert not command.fits("one\ntwo\n3 of 7 done, and more\n")
    assert not command.fits("one two\n3 of 7 done\n")
