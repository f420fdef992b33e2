"""Values and rows: what may stand in a column of a table.

A value is a string, an integer or a `Real`. Two values are the same value when type and content agree: the integer 1,
the real 1.0 and the string "1" are three values, in storage as in joins (the builtin `equal` compares numbers by size).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
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
    return tuple([value(cell) for cell in raw])


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
    # Where each column holds strings only, or integers only, tuples compare alike and in a quarter of the time.
    kinds = [set(map(type, column)) for column in zip(*rows, strict=False)]
    if len(set(map(len, rows))) == 1 and all(kind in _COMPARABLE for kind in kinds):
        return sorted(rows)
    return sorted(rows, key=row_sort_key)


_COMPARABLE: tuple[set[type], ...] = ({str}, {int})
