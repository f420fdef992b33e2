"""How rows look in a table, and how they are given on a command line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from osc_lib.exceptions import CommandError


def row_text(row: Iterable[Any]) -> str:
    """The cells with commas between them, strings in quotes as in rules."""
    return ", ".join(json.dumps(cell, ensure_ascii=False) for cell in row)


def row_from(cells: list[str], text: str | None) -> list[Any]:
    """The row of `--row`, a JSON list, or of the words given one by one, all of them strings. Raises CommandError."""
    if text is None:
        return list(cells)
    try:
        row = json.loads(text)
    except ValueError as error:
        raise CommandError(f"--row is no JSON: {error}") from error
    if cells or not isinstance(row, list):
        raise CommandError("give the cells one by one, or all of them as a JSON list: --row '[\"vm-1\", 5]'")
    return row


def fields(shown: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[Any, ...]]:
    """One thing as the names of its fields, in their order, and its values."""
    names = tuple(sorted(shown))
    return names, tuple(shown[name] for name in names)


def preview_lines(answer: dict[str, Any]) -> tuple[Any, Any]:
    """What a change would bring about, as columns and lines of a listing."""
    rows = [
        (word, f"{one['policy']}:{one['table']}", row_text(row))
        for word in ("appear", "vanish")
        for one in answer[word]
        for row in one["rows"]
    ]
    rows += [("do", f"{one['datasource']}:{one['action']}", row_text(one["args"])) for one in answer["actions"]]
    return ("Would", "What", "Row"), rows
