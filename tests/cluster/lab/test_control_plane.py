"""The guide, followed literally on this machine: from nothing to a control plane that is broken in every way, changed
while it runs, and gone.

Each command is a test, in the order of the guide; what one of them finds does not keep the others from being given.
LAB_TIMES says how often each fault is done, LAB_RESULTS names a directory for the results. 5 GB of memory; a quarter
of an hour, and ten minutes more for each further time.
"""

from __future__ import annotations

import io
import os
import sys
import time
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from congress.cli.cluster import main
from congress.cluster.lab.laboratory import DEFAULT, Laboratory
from tests.cluster.guide import Command, carry_out, commands
from tests.cluster.lab.host import Host, host, inhabitants, left
from tests.waiting import until

pytestmark = [pytest.mark.long, pytest.mark.timeout(7200)]

UP_WITHIN = 600.0
GUIDE = tuple(commands())


@dataclass
class Followed:
    """Where the guide is followed, and what there was before."""

    directory: Path
    before: Host
    inhabitants: dict[int, str] = field(default_factory=dict)


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Followed]:
    assert not DEFAULT.exists(), f"{DEFAULT} is somebody's laboratory: `congress-cluster lab down` removes it"
    yield Followed(tmp_path_factory.mktemp("guide"), host())
    main(["lab", "down"])


@pytest.fixture(scope="module")
def environment() -> Iterator[pytest.MonkeyPatch]:
    """What the guide exports stays until its end."""
    with pytest.MonkeyPatch.context() as patch:
        yield patch


def _more(command: Command) -> tuple[str, ...]:
    if command.words[1:4] != ("congress-cluster", "lab", "faults"):
        return ()
    results = Path(os.environ.get("LAB_RESULTS", "var/lab")).absolute()
    results.mkdir(parents=True, exist_ok=True)
    times = os.environ.get("LAB_TIMES", "1")
    return ("--times", times, "--json", str(results / "faults.json"), "--page", str(results / "faults.md"))


class Heard(io.StringIO):
    """What is printed is kept, and seen at once."""

    def write(self, text: str) -> int:
        if sys.__stdout__:
            sys.__stdout__.write(text)
        return super().write(text)

    def flush(self) -> None:
        if sys.__stdout__:
            sys.__stdout__.flush()


@pytest.mark.parametrize("number", range(len(GUIDE)), ids=[str(command) for command in GUIDE])
def test_a_command_of_the_guide(
    number: int, followed: Followed, environment: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    command = GUIDE[number]
    more = _more(command)
    began = time.monotonic()
    heard = Heard()
    with pytest.MonkeyPatch.context() as patch, capfd.disabled(), redirect_stdout(heard):
        print(f"\n$ {command}", file=sys.__stdout__, flush=True)
        patch.chdir(followed.directory)
        if command.in_the_laboratory and command.words[-1] == "down" and DEFAULT.exists():
            followed.inhabitants = inhabitants(Laboratory(DEFAULT).holder())
        carry_out(command, environment, more)
    assert command.fits(heard.getvalue()), f"it printed\n{heard.getvalue()}"
    assert time.monotonic() - began < UP_WITHIN or more


def test_nothing_is_left_and_this_machine_is_as_it_was(followed: Followed) -> None:
    assert not DEFAULT.exists()
    assert len(followed.inhabitants) > 20
    until(lambda: left(followed.inhabitants) == [], lambda: f"processes {left(followed.inhabitants)} are left")
    assert followed.before.differences(host()) == []
