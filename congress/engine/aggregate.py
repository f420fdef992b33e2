"""Aggregates in rule heads, maintained under insertion and deletion.

The rows that come in are head rows with each aggregate's argument in place of its value, and how many derivations
of each came or went. Taking a change back is applying it with the opposite sign.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from congress.datalog.core import Aggregate, HeadTerm
from congress.datalog.values import Real, Row, Value, sort_key

SCALE = 1074
"""Every finite float is an integer multiple of 2**-1074, so a sum of scaled floats is exact in any order."""


class Accumulator(Protocol):
    """The state of one aggregate of one group."""

    def add(self, cell: Value, times: int) -> None:
        """Count a value `times` more (or, negative, fewer) times."""

    def result(self) -> Value: ...


class Count:
    """The number of distinct values."""

    __slots__ = ("cells",)

    def __init__(self) -> None:
        self.cells: dict[Value, int] = {}

    def add(self, cell: Value, times: int) -> None:
        left = self.cells.get(cell, 0) + times
        if left:
            self.cells[cell] = left
        else:
            del self.cells[cell]

    def result(self) -> Value:
        return len(self.cells)


class Sum:
    """The exact sum of the numbers, one addend for each derivation; a real if any addend is. Strings are skipped."""

    __slots__ = ("integers", "reals", "scaled")

    def __init__(self) -> None:
        self.integers = 0
        self.scaled = 0
        self.reals = 0

    def add(self, cell: Value, times: int) -> None:
        if cell.__class__ is int:
            self.integers += cell * times
        elif isinstance(cell, float):
            numerator, denominator = cell.as_integer_ratio()
            self.scaled += numerator * ((1 << SCALE) // denominator) * times
            self.reals += times

    def result(self) -> Value:
        if not self.reals:
            return self.integers
        try:
            return Real((self.scaled + (self.integers << SCALE)) / (1 << SCALE))
        except OverflowError:
            return "overflow"


class _Backwards:
    """A sort key in reverse order."""

    __slots__ = ("key",)

    def __init__(self, key: Any) -> None:
        self.key = key

    def __lt__(self, other: _Backwards) -> bool:
        return bool(other.key < self.key)


class Extreme(Count):
    """The smallest or the largest value in the order of `values.sort_key`; a heap whose dead entries leave lazily."""

    __slots__ = ("heap", "largest")

    def __init__(self, largest: bool) -> None:
        super().__init__()
        self.largest = largest
        self.heap: list[tuple[Any, Value]] = []

    def add(self, cell: Value, times: int) -> None:
        if cell not in self.cells:
            key = sort_key(cell)
            heapq.heappush(self.heap, (_Backwards(key) if self.largest else key, cell))
        super().add(cell, times)

    def result(self) -> Value:
        while self.heap[0][1] not in self.cells:
            heapq.heappop(self.heap)
        return self.heap[0][1]


def accumulator(function: str) -> Accumulator:
    """A new accumulator for `count`, `sum`, `min` or `max`."""
    if function == "count":
        return Count()
    if function == "sum":
        return Sum()
    return Extreme(largest=function == "max")


class _Group:
    __slots__ = ("accumulators", "size")

    def __init__(self, functions: Iterable[str]) -> None:
        self.size = 0
        self.accumulators = [accumulator(function) for function in functions]


class Groups:
    """All groups of one rule."""

    def __init__(self, head: tuple[HeadTerm, ...]) -> None:
        self._head = head
        self._at = tuple([i for i, term in enumerate(head) if isinstance(term, Aggregate)])
        self._by = tuple([i for i in range(len(head)) if i not in self._at])
        self._functions = [term.function for term in head if isinstance(term, Aggregate)]
        self._groups: dict[Row, _Group] = {}

    def update(self, changes: Mapping[Row, int], out: dict[Row, int]) -> None:
        """Apply derivation changes; add to `out` the head rows that appear (+1) and disappear (-1)."""
        by, groups = self._by, self._groups
        touched: dict[Row, Row | None] = {}
        for row, times in changes.items():
            if not times:
                continue
            key = tuple([row[i] for i in by])
            group = groups.get(key)
            if key not in touched:
                touched[key] = self._row(key, group) if group else None
            if group is None:
                group = groups[key] = _Group(self._functions)
            group.size += times
            for i, state in zip(self._at, group.accumulators, strict=True):
                state.add(row[i], times)
            if not group.size:
                del groups[key]
        for key, before in touched.items():
            group = groups.get(key)
            after = self._row(key, group) if group else None
            if before == after:
                continue
            if before is not None:
                out[before] = out.get(before, 0) - 1
            if after is not None:
                out[after] = out.get(after, 0) + 1

    def rows(self) -> list[Row]:
        """The head rows of all groups."""
        return [self._row(key, group) for key, group in self._groups.items()]

    def _row(self, key: Row, group: _Group) -> Row:
        cells: list[Value] = [0] * len(self._head)
        for i, cell in zip(self._by, key, strict=True):
            cells[i] = cell
        for i, state in zip(self._at, group.accumulators, strict=True):
            cells[i] = state.result()
        return tuple(cells)
