"""Tables in order, for readers who look at them in pages.

A table is sorted once for each of its states, which a *stamp* tells apart, and not at all when it was listed before:
its rows of now are put into its order of then, which costs little more than looking at each of them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Collection, Hashable
from itertools import chain
from threading import Lock

from congress.datalog.values import Row, row_sort_key, sorted_rows

MOST_ROWS = 1_000_000
"""Rows of all tables whose order is kept, beside the table that was listed last, however large that is. Of a table
that is stored as a whole a row in its order costs eight bytes; one that is computed has its rows only here."""
_FEW = 8
"""So many times more rows are there already than come, when each is inserted instead of all being sorted."""


class Listings:
    """The order of the tables that were listed last. Safe to call from any thread."""

    def __init__(self, most_rows: int = MOST_ROWS) -> None:
        self._most_rows = most_rows
        self._listings: OrderedDict[Hashable, _Listing] = OrderedDict()
        self._lock = Lock()

    def rows(self, table: Hashable, stamp: Hashable) -> list[Row] | None:
        """The rows of a table in the state of this stamp, None when they are not known. Not to be changed."""
        with self._lock:
            listing = self._listings.get(table)
            if listing is None:
                return None
            self._listings.move_to_end(table)
            known, rows = listing.state
            return rows if known == stamp else None

    def arrange(self, table: Hashable, stamp: Hashable, found: Collection[Row]) -> list[Row]:
        """The same, of rows that were found to be there; each is there once. Not to be changed."""
        with self._lock:
            listing = self._listings.setdefault(table, _Listing())
            self._listings.move_to_end(table)
        with listing.sorting:  # who asks meanwhile for the same finds it done
            known, rows = listing.state
            if known != stamp:
                rows = rearranged(rows, found)
                listing.state = (stamp, rows)
        self._forget()
        return rows

    def _forget(self) -> None:
        with self._lock:
            total = sum(len(listing.state[1]) for listing in self._listings.values())
            while total > self._most_rows and len(self._listings) > 1:
                total -= len(self._listings.popitem(last=False)[1].state[1])


class _Listing:
    """One table: its rows in order, with the stamp of the state in which it had them."""

    __slots__ = ("sorting", "state")

    def __init__(self) -> None:
        self.sorting = Lock()
        self.state: tuple[Hashable, list[Row]] = (None, [])


def rearranged(before: list[Row], found: Collection[Row]) -> list[Row]:
    """`found` in the order of `row_sort_key`, where the rows of `before` stand in that order already."""
    if len(before) <= len(found) // 2:
        return sorted_rows(found)
    coming = set(found)
    rows = list(filter(coming.__contains__, before))
    if len(rows) == len(coming):
        return rows
    coming.difference_update(rows)
    if len(coming) * _FEW > len(rows):
        return sorted_rows([*rows, *coming])
    pieces, begin = [], 0
    for row in sorted_rows(coming):
        place = bisect_left(rows, row_sort_key(row), begin, key=row_sort_key)
        pieces += [rows[begin:place], (row,)]
        begin = place
    return list(chain.from_iterable([*pieces, rows[begin:]]))
