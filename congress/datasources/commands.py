"""The commands that drivers may run on their node: only those that its own configuration file names.

A datasource is made through the API, by somebody who need not have an account on the node. So its configuration names a
command, and the words behind the name are the host's administrator's: `driver_commands` in congress.conf.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Final

from congress.datasources.contract import DriverError
from congress.errors import CongressError

LOCAL: Final = "local"
"""The name of no command at all: the driver's own words are run as they are."""
_AFTER_KILL = 5.0
_LONGEST = 300
# Drivers are made of a name and a configuration; what the node permits reaches them here.
_permitted: dict[str, tuple[str, ...]] = {}


class BadDriverCommand(CongressError):
    """An entry of `driver_commands` is no command."""


def permit(entries: Iterable[str]) -> None:
    """Let drivers run these commands and no others; each is `name=words of a shell`. Raises BadDriverCommand."""
    found = {}
    for entry in entries:
        name, _, text = entry.partition("=")
        try:
            words = tuple(shlex.split(text))
        except ValueError as error:
            raise BadDriverCommand(f"driver_commands: '{entry}' cannot be split into words: {error}") from error
        if not name.strip() or name.strip() == LOCAL or not words:
            raise BadDriverCommand(f"driver_commands: '{entry}' is not of the form name=words, name not '{LOCAL}'")
        found[name.strip()] = words
    _permitted.clear()
    _permitted.update(found)


def output(name: str, words: Sequence[str], timeout: float) -> str:
    """What `words` print when the command `name` is run with them at its end. Raises DriverError."""
    if name != LOCAL and name not in _permitted:
        raise DriverError(
            f"this node may not run a command '{name}'; driver_commands in its congress.conf names "
            f"{', '.join(sorted(_permitted)) or 'none'}"
        )
    command = [*_permitted.get(name, ()), *words]
    try:
        process = subprocess.Popen(  # noqa: S603 - words of the administrator and of the driver
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            env={**os.environ, "LC_ALL": "C.UTF-8"},
            start_new_session=True,
        )
    except OSError as error:
        raise DriverError(f"{command[0]} cannot be run: {error.strerror or error}") from error
    with process:
        try:
            told, complained = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired as error:
            _end(process)
            raise DriverError(f"{shlex.join(words)} took more than {timeout:g} s") from error
    if process.returncode:
        reason = " ".join((complained.strip() or told.strip()).split())[-_LONGEST:] or "it says nothing"
        raise DriverError(f"{shlex.join(words)} ended with {process.returncode}: {reason}")
    return told


def _end(process: subprocess.Popen[str]) -> None:
    """End a command and what it started. What runs as somebody else (sudo) cannot be ended, and is not waited for."""
    with suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)
    with suppress(subprocess.TimeoutExpired):
        process.communicate(timeout=_AFTER_KILL)
    for pipe in (process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()
