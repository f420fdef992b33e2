"""Values and rows: what may stand in a column of a table.

A value is a string, an integer or a `Real`. Two values are the same value when type and content agree: the integer 1,
the real 1.0 and the string "1" are three values, in storage as in joins (the builtin `equal` compares numbers by size).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from operator import itemgetter
from typing import Any, TypeAlias


class Real(float):
    """A floating-point value that never equals an integer, so that rows, joins and storage agree on sameness."""

    __slots__ = ()

    def __new__(cls, number: float) -> Real:
        return float.__new__(cls, number + 0.0)  # -0.0 becomes 0.0

    def __eq__(self, other: object) -> bool:
        return other.__class__ is Real and float.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(("real", float.__hash__(self)))


Value: TypeAlias = str | int | Real
Row: TypeAlias = tuple[Value, ...]
_VALUES = frozenset((str, int, Real))


def value(raw: Any) -> Value:
    """The value that a Python object becomes at the border of the system.

    Booleans and None become the strings "True", "False" and "None", which is what existing policies compare with;
    non-finite floats and everything else become their text.
    """
    kind = raw.__class__
    if kind is str or kind is int or kind is Real:
        return raw  # type: ignore[no-any-return]
    if raw is None:
        return "None"
    if kind is float:
        return Real(raw) if math.isfinite(raw) else str(raw)
    if isinstance(raw, bool):
        return str(raw)
    if isinstance(raw, str):
        return str(raw)
    if isinstance(raw, int):
        return int(raw)
    if isinstance(raw, float):
        return Real(raw) if math.isfinite(raw) else str(raw)
    return str(raw)


def row(raw: Iterable[Any]) -> Row:
    """The row that an iterable of Python objects becomes, cell by cell (see `value`)."""
    cells = tuple(raw)
    if _VALUES.issuperset(map(type, cells)):  # most are, and this takes a third of the time
        return cells
    return tuple([value(cell) for cell in cells])


def sort_key(cell: Value) -> tuple[int, Any, int]:
    """A total order over values: numbers by size (an integer before the equal real), then strings."""
    if isinstance(cell, str):
        return (1, cell, 0)
    return (0, cell if cell.__class__ is int else float.__float__(cell), 0 if cell.__class__ is int else 1)


def row_sort_key(cells: Row) -> tuple[tuple[int, Any, int], ...]:
    """A total order over rows of mixed values; used wherever rows are listed, so that answers have a stable order."""
    return tuple([sort_key(cell) for cell in cells])


def sorted_rows(rows: Collection[Row]) -> list[Row]:
    """The rows in the order of `row_sort_key`."""
    # Strings among themselves, and integers, compare as their keys do in a fraction of the time; and where no two rows
    # begin alike, as rows that begin with an id do, nobody needs to look further.
    if len(widths := set(map(len, rows))) == 1 and widths != {0}:
        if _compare_alike(rows, 0) and len(set(map(_FIRST, rows))) == len(rows):
            return sorted(rows, key=_FIRST)
        if all(_compare_alike(rows, column) for column in range(*widths)):
            return sorted(rows)
    return sorted(rows, key=row_sort_key)


_FIRST = itemgetter(0)


def _compare_alike(rows: Collection[Row], column: int) -> bool:
    return set(map(type, map(itemgetter(column), rows))) in ({str}, {int})
