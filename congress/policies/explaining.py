"""Explanations as they are stored and shown: what the engine says, with the age of every row that it rests on."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple, TypeAlias

from congress.datalog.core import TableId
from congress.datalog.values import Row
from congress.engine.workspace import Absence, Bounds, Explanation, Workspace
from congress.errors import CongressError

Age: TypeAlias = Callable[[str], float | None]
"""Seconds since a datasource was read; None when it never was."""
Asked: TypeAlias = tuple[TableId, Row, bool]
"""A row of a table, and whether it is there."""

_MOST_CHARACTERS = 256 * 1024


class Answer(NamedTuple):
    """Why a row `holds`, or why it does not: the other one is None. `text` is for people."""

    holds: bool
    explanation: dict[str, Any] | None
    absence: dict[str, Any] | None
    text: str


def why(workspace: Workspace, age: Age, table: TableId, row: Row, bounds: Bounds | None = None) -> Answer:
    """Why the row is there. Raises UnknownPolicy, UnknownTable, RowMissing, LimitExceeded."""
    found: Explanation = workspace.explain(*table, row, bounds)
    return Answer(True, with_ages(found.to_data(), age), None, found.to_text())


def why_not(workspace: Workspace, age: Age, table: TableId, row: Row, bounds: Bounds | None = None) -> Answer:
    """Why the row is not there. Raises UnknownPolicy, UnknownTable, InvalidRow if it is, LimitExceeded."""
    found: Absence = workspace.explain_absence(*table, row, bounds)
    return Answer(False, None, with_ages(found.to_data(), age), found.to_text())


def with_ages(data: dict[str, Any], age: Age) -> dict[str, Any]:
    """The same data; each row of a datasource says how old it is, in seconds."""
    for source in sources(data):
        seconds = age(source["datasource"])
        source["age"] = None if seconds is None else round(seconds, 1)
    return data


def sources(data: Any) -> Iterator[dict[str, Any]]:
    """The descriptions of rows of datasources in an explanation as data, wherever they are in it."""
    if isinstance(data, dict):
        if "datasource" in data:
            yield data
            return
        data = data.values()
    elif not isinstance(data, list):
        return
    for each in data:
        yield from sources(each)


class Moments:
    """Explains what has just come and gone, before the workspace moves on. Whoever asks holds it still meanwhile."""

    def __init__(self, workspace: Workspace, age: Age, nodes: int = 200, seconds: float = 0.02) -> None:
        """`nodes` that one explanation may have; `seconds` after which no other one of a moment is begun."""
        self._workspace, self._age, self._seconds = workspace, age, seconds
        # Longer than that a single one takes on a busy machine only, or where it is very costly.
        self._bounds = Bounds(nodes=nodes, depth=20, seconds=max(10 * seconds, 0.01))

    def explain(self, rows: Iterable[Asked]) -> dict[tuple[TableId, Row], str]:
        """Explanations, as JSON, of as many of these rows as there is time for; some cannot be told."""
        found: dict[tuple[TableId, Row], str] = {}
        deadline = time.monotonic() + self._seconds
        for table, row, is_there in rows:
            if time.monotonic() >= deadline:
                break
            try:
                answer = (why if is_there else why_not)(self._workspace, self._age, table, row, self._bounds)
            except CongressError:  # it takes too long, or its policy is gone
                continue
            text = json.dumps(answer.explanation or answer.absence, separators=(",", ":"))
            if len(text) <= _MOST_CHARACTERS:
                found[table, row] = text
        return found
