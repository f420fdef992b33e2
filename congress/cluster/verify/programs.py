"""Runs the tools of others."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from congress.errors import CongressError

# Where distributions keep administrators' tools, which a user's PATH lacks; and tools that came with this program.
PLACES = ("/usr/sbin", "/sbin", "/usr/local/sbin", str(Path(sys.executable).parent))


class MissingProgram(CongressError):
    """A tool that a check needs is not installed."""


class SlowProgram(CongressError):
    """A tool did not end in time."""


class Done(NamedTuple):
    """How a program ended."""

    code: int
    out: str
    err: str


def found(name: str) -> str:
    """The path of a program. Raises MissingProgram."""
    path = shutil.which(name) or next((f"{place}/{name}" for place in PLACES if Path(place, name).exists()), None)
    if path is None:
        raise MissingProgram(f"{name} is not installed; install the Debian package that has it")
    return path


def run(command: Sequence[str], *, seconds: float = 600.0, env: Mapping[str, str] | None = None) -> Done:
    """Run a program to its end, which takes a second where nothing else runs. Raises MissingProgram, SlowProgram."""
    words = [found(command[0]), *command[1:]]
    try:
        done = subprocess.run(  # noqa: S603 - the words are ours
            words, capture_output=True, text=True, timeout=seconds, check=False, env=env
        )
    except subprocess.TimeoutExpired as error:
        raise SlowProgram(
            f"{command[0]} has not ended after {seconds:g} s; run it again when the machine has less to do: a proof "
            "goes on where it was"
        ) from error
    return Done(done.returncode, done.stdout, done.stderr)
