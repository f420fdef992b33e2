"""The command line keeps its manners: hostile files, long work, a reader that leaves, a missing extra."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

import pytest

from congress.cli import lsp
from congress.cli.authoring import progress
from tests.cli.authoring.conftest import CommandLine

DEEP = "[" * 5_000
LONG = "9" * 5_000


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"congress.yaml": DEEP}, ["check"]),
        ({"congress.yaml": f"name: {LONG}"}, ["check"]),
        ({"p.yaml": DEEP}, ["check", "p.yaml"]),
        (
            {"p.yaml": f"name: p\nrules: []\nparameters: [{{name: a, type: number, default: {LONG}}}]"},
            ["check", "p.yaml"],
        ),
        ({"p.congress": "ok(1)", "r.json": DEEP}, ["eval", "--rows", "r.json"]),
        ({"p.congress": "ok(1)", "r.json": f'{{"a:b": [[{LONG}]]}}'}, ["eval", "--rows", "r.json"]),
        ({"p.congress": "ok(1)", "r.yaml": f"a:b: [[{LONG}]]"}, ["eval", "--rows", "r.yaml"]),
        ({"p.congress": "ok(1)", "c.json": '{"a": 1}'}, ["eval", "--cloud", "c.json"]),
        ({"p.congress": f"ok({LONG})"}, ["eval"]),
        ({"p.congress": "ok(" * 50_000}, ["eval"]),
    ],
)
def test_hostile_files_are_refused_in_words(congress: CommandLine, files: dict[str, str], words: list[str]) -> None:
    congress.write(files)
    said = congress(*words)
    assert said.code == 3 and said.err.startswith("congress ") and len(said.err) < 5_000


def test_thousands_of_facts_are_checked_in_time(congress: CommandLine) -> None:
    facts = "".join(f'known("server-{number}")\n' for number in range(4_000))
    congress.write({"p.congress": facts + "error(x) :- known(x), gone(x)\n"})
    said = congress("check", "--json")
    assert (said.data["warnings"], said.data["errors"]) == (1, 0)


def test_long_work_shows_a_bar_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    assert progress.tracked([1, 2], "testing") == [1, 2]
    ours, theirs = pty.openpty()
    try:
        with os.fdopen(theirs, "w") as terminal:
            monkeypatch.setattr(sys, "stderr", terminal)
            assert list(progress.tracked([1, 2, 3], "testing")) == [1, 2, 3]
        assert b"testing" in os.read(ours, 65_536)
    finally:
        os.close(ours)


def test_a_reader_that_leaves_early_is_no_reason_to_complain(congress: CommandLine) -> None:
    congress.write({"p.congress": "".join(f"error({number})\n" for number in range(9_000))})
    command = f"{sys.executable} -m congress.cli.authoring.main eval | head -1"
    ended = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, timeout=120, check=False)  # noqa: S603
    assert (ended.stdout, ended.stderr) == ("p:error(0)\n", "")


def test_a_language_server_without_its_library_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "congress.languageserver.server", None)
    assert lsp.main([]) == 3
    assert "pip install 'congress[editor]'" in capsys.readouterr().err
