"""The command line in this process, over a project of its own for each test."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from congress.cli.authoring import main
from tests.api.conftest import client, server

__all__ = ["client", "server"]

SHOP = """\
// Servers of strangers on networks of the shop.
error(vm) :-
  nova:servers(id=vm, user_id=owner),
  neutronv2:ports(device_id=vm, network_id=net),
  net_owner(net, group),
  not member(owner, group)

net_owner("n1", "shop")
member("u1", "shop")
"""


@dataclass(frozen=True, slots=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        return json.loads(self.out)


class CommandLine:
    """Runs `congress` in a directory; `write` makes its files."""

    def __init__(self, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.place, self._capsys = place, capsys

    def write(self, files: Mapping[str, str]) -> None:
        for name, text in files.items():
            path = self.place / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def __call__(self, *words: str) -> Said:
        self._capsys.readouterr()
        try:
            code = main.main(words)
        except SystemExit as end:
            code = int(end.code or 0)
        said = self._capsys.readouterr()
        return Said(code, said.out, said.err)


@pytest.fixture
def congress(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    monkeypatch.chdir(tmp_path)
    return CommandLine(tmp_path, capsys)


@pytest.fixture
def shop(congress: CommandLine) -> CommandLine:
    """A directory with one faultless policy."""
    congress.write({"shop.congress": SHOP})
    return congress
