"""How rows look in a table, and how they are given on a command line."""

from __future__ import annotations

import json
from collections.abc import Iterable
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
