"""A driver that has nothing to read and can do one thing: note in a file what it was asked for.

Servers load it by `custom_driver_endpoints = probe=tests.ha.probe_driver:ProbeDriver`. A line is on the disk before the
action counts as done, and lines of several processes stand in the order in which they were written.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from congress.datalog.values import Row
from congress.datasources.contract import Action, Argument, ArgumentsInvalid, Column, Driver, Option, UnknownAction


class ProbeDriver(Driver):
    """`mark(row)` appends a line to the file named by the option `journal`."""

    id = "probe"
    description = "Notes what it is asked to do"
    options = (Option("journal", required=True, description="The file"),)
    polls = False
    _mark: ClassVar = Action("mark", (Argument("row", "What to note"),), "Append a line to the journal")

    @classmethod
    def tables(cls) -> Mapping[str, tuple[Column, ...]]:
        return {"marks": (Column("row"),)}

    @classmethod
    def actions(cls) -> tuple[Action, ...]:
        return (cls._mark,)

    def fetch(self, group: str) -> Mapping[str, Iterable[Row]]:
        return {group: frozenset()}

    def execute(self, action: str, positional: Sequence[Any], named: Mapping[str, Any]) -> None:
        if action != self._mark.name:
            raise UnknownAction(f"datasource '{self.name}' has no action '{action}'; it offers: mark")
        if len(positional) != 1 or named:
            raise ArgumentsInvalid("action 'mark' takes one argument, the row")
        line = json.dumps({"row": str(positional[0]), "pid": os.getpid(), "at": time.monotonic()}) + "\n"
        file = os.open(self.config["journal"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(file, line.encode())
            os.fsync(file)
        finally:
            os.close(file)


class Mark(NamedTuple):
    """A line of the journal; `at` is a moment of the clock that all processes of a machine share."""

    row: str
    pid: int
    at: float


def marks(journal: Path) -> list[Mark]:
    """All lines, in the order in which they were written."""
    if not journal.exists():
        return []
    return [Mark(**json.loads(line)) for line in journal.read_text().splitlines()]
