"""What a command of `congress` is: words, options, and a function from what was given to a result."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any


class Exit(IntEnum):
    """Exit codes, which stay as they are."""

    FINE = 0
    FOUND = 1
    """The command did its work, and its answer is bad news: mistakes, failed tests, a refused bundle."""
    USAGE = 2
    """The words of the command line do not fit."""
    INPUT = 3
    """A file, or what stands in it, cannot be used."""
    SERVER = 4
    """A running Congress cannot be reached, or refuses."""
    LIMIT = 5
    """The evaluation took more rows or seconds than allowed."""


EXIT_MEANINGS: Mapping[Exit, str] = {
    Exit.FINE: "done, and nothing to complain about",
    Exit.FOUND: "done, and the answer is bad news: mistakes, failed tests, a row that is not there, a refused bundle",
    Exit.USAGE: "the words of the command line do not fit",
    Exit.INPUT: "a file, or what stands in it, cannot be used; policies with mistakes where correct ones are needed",
    Exit.SERVER: "a running Congress cannot be reached, or refuses",
    Exit.LIMIT: "the evaluation took more rows or seconds than allowed",
}


@dataclass(frozen=True, slots=True)
class Result:
    """What a command found: for people, and for programs (`--json`)."""

    text: str
    data: Mapping[str, Any] = field(default_factory=dict)
    code: Exit = Exit.FINE


def json_option(parser: ArgumentParser, *, default: Any = False) -> None:
    parser.add_argument("--json", action="store_true", default=default, help="answer with one JSON object")


@dataclass(frozen=True, slots=True)
class Command:
    """`summary`: one line for the list of commands. `description`: what help says besides. `members`: those of the JSON
    object that it answers with, beside `ok`."""

    name: str
    summary: str
    options: Callable[[ArgumentParser], None]
    run: Callable[[Namespace], Result]
    description: str
    members: Mapping[str, str]
