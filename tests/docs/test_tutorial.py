"""The tutorial, and the first ten minutes of the README, followed literally in what looks like a new clone."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import free_port
from tests.docs.pages import ROOT, Step, blocks, shows, steps

END = "-- end of what was printed --"
PORT = "1789"
BEFORE = """
exec 2>&1
make() { command make --silent --assume-old .venv/.runs "$@"; }
"""
"""The environment of the tests is installed already, and need not be compared with the files that it was made from."""


@pytest.fixture
def clone(tmp_path: Path) -> Iterator[Path]:
    """A directory in which the pages' paths lead to this repository, but state is kept apart."""
    for name in ("Makefile", "demo", "requirements", "pyproject.toml", "congress", "docs"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / ".venv").symlink_to(sys.prefix)
    (tmp_path / "var").mkdir()
    yield tmp_path
    stop = [sys.executable, str(ROOT / "demo" / "run.py"), "stop"]
    subprocess.run(stop, env={**os.environ, "DEMO_PLACE": str(tmp_path / "var" / "demo")}, check=True, timeout=60)  # noqa: S603


@pytest.mark.parametrize("page", ["docs/tutorial.md", "README.md"])
def test_it_prints_what_the_page_shows(page: str, clone: Path) -> None:
    found = [step for block in blocks(ROOT / page) if block.language == "console" for step in steps(block)]
    if not found[0].command.startswith("make demo"):
        found.insert(0, Step("make demo", "…\n"))
    assert len(found) > 3
    port = str(free_port())
    printed = told(clone, [step.command.replace(f":{PORT}", f":{port}") for step in found], port)
    assert len(printed) == len(found)
    for step, said in zip(found, printed, strict=True):
        assert shows(step.printed, said.replace(f":{port}", f":{PORT}")), f"$ {step.command}\n{said}"


def told(clone: Path, commands: list[str], port: str) -> list[str]:
    """What each command prints, in one shell that goes on after a failure, as a reader's does."""
    script = BEFORE + "".join(f"{command}\nprintf '%s\\n' {shlex.quote(END)}\n" for command in commands)
    environment = {
        **{name: value for name, value in os.environ.items() if not re.match("OS_|MAKE|VIRTUAL_ENV", name)},
        "DEMO_PLACE": str(clone / "var" / "demo"),
        "DEMO_PORT": port,
    }
    command = ["/bin/bash", "-c", script]
    ended = subprocess.run(command, cwd=clone, env=environment, capture_output=True, text=True, timeout=240, check=True)  # noqa: S603
    *said, rest = re.split(rf"\n?{re.escape(END)}\n", ended.stdout)
    assert not rest, rest
    return said


def test_a_step_that_prints_something_else_is_found() -> None:
    step = Step("say", "one\n…\nthree\n")
    assert shows(step.printed, "one\ntwo\nthree\n")
    assert not shows(step.printed, "one\ntwo\n")
