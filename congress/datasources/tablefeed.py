"""What a datasource has published: turns listings, parts of listings and single objects into numbered updates.

Of every table the published rows are kept once, shared with who publishes them, and beside each row the number of the
listing that found it last. So a listing of a hundred thousand unchanged rows needs no memory beyond its present part,
and what a listing did not find is known at its end.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterable, Mapping
from types import TracebackType

from congress.bus.updates import Publish, TableUpdate
from congress.datalog.values import Row, Value
from congress.datasources.contract import DriverError

MOST_ROWS = 2_000_000
"""Rows of one group of tables in one listing, unless it is set otherwise."""

Keys = Mapping[str, int]
"""Table -> position of the column with the id of the listed object that a row is of."""
Watch = Callable[[str, Iterable[Row], Iterable[Row]], None]
"""Called with a table and its rows that came and went, in the order of the updates and before they are published."""


class TableFeed:
    """The rows of each table as the receivers know them. Safe to call from any thread; updates leave in order."""

    def __init__(
        self, source: str, epoch: int, publish: Publish, *, most_rows: int = MOST_ROWS, watch: Watch | None = None
    ) -> None:
        self._source, self._epoch, self._publish = source, epoch, publish
        self.most_rows, self._watch = most_rows, watch
        self._publishing = threading.RLock()
        self._seen: dict[str, dict[Row, int]] = {}
        self._content: dict[str, frozenset[Row]] = {}
        self._sequences: dict[str, int] = {}
        self._listings = itertools.count(1)
        self._open: set[Listing] = set()
        self._objects: dict[str, ObjectIndex] = {}
        """Of the tables of which single objects were replaced: to go through a hundred thousand rows for one object
        takes longer than all the rest of a change."""
        self._whole: set[str] = set()
        """Tables whose next update must be a snapshot, because a receiver may not have got the last one."""

    def put(self, tables: Mapping[str, Iterable[Row]]) -> None:
        """Make the tables hold these rows; publishes what changed, all tables together. Raises what `publish` raises,
        and then the next `put` sends snapshots."""
        with self._publishing, self.listing(tables) as listing:
            listing.add(tables)

    def listing(self, tables: Iterable[str], keys: Keys | None = None) -> Listing:
        """Begin to compare the tables with what a cloud lists, part by part; left without an exception, the listing
        becomes the tables' content. `keys` lets single objects change meanwhile (see `replace`)."""
        return Listing(self, tuple(tables), keys or {})

    def replace(self, keys: Keys, objects: Mapping[Value, Mapping[str, Iterable[Row]]]) -> bool:
        """Make the rows of single objects (by id) these, none of those that are gone; whether that was a change.

        A listing of these tables that is under way keeps them so: what it has read of the object may be older. Tables
        that were not listed yet stay as they are, since their first listing will find the object.
        """
        with self._publishing:
            for listing in self._open:
                listing.touched.update(objects)
            changes: dict[str, tuple[set[Row], set[Row]]] = {}
            for table, place in keys.items():
                known = self._seen.get(table)
                if known is None:
                    continue
                wanted = {row for rows in objects.values() for row in rows.get(table, ())}
                if table not in self._objects:
                    self._objects[table] = ObjectIndex(place, known)
                present = self._objects[table].rows(objects)
                if wanted != present:
                    changes[table] = (wanted - present, present - wanted)
            self._send(changes)
            return bool(changes)

    def repair(self, tables: Iterable[str]) -> None:
        """Publish those of the tables again that a receiver may not have got."""
        for table in tables:
            if table in self._whole:
                self.republish(table)

    def republish(self, table: str) -> bool:
        """Publish a table again as a snapshot; False when it was never read."""
        with self._publishing:
            if table not in self._seen:
                return False
            self._whole.add(table)
            self._send({table: (set(), set())})
            return True

    def rows(self, table: str) -> frozenset[Row] | None:
        """The rows last sent to the receivers; None for a table that was not read yet."""
        return self._content.get(table)

    def sequence(self, table: str) -> tuple[int, int]:
        """Epoch and sequence of the table's last update."""
        return (self._epoch, self._sequences.get(table, 0))

    def _send(self, changes: Mapping[str, tuple[set[Row], set[Row]]], number: int = 0) -> None:
        """Publish the rows that came and went, of each table, and remember the former as seen by listing `number`."""
        if not changes:
            return
        updates = tuple(self._update(table, came, gone, number) for table, (came, gone) in changes.items())
        # NOTE: noted before it is published, because a receiver may ask for a snapshot in the middle of it
        self._whole.update(changes)
        self._publish(updates)
        self._whole.difference_update(changes)

    def _update(self, table: str, came: set[Row], gone: set[Row], number: int) -> TableUpdate:
        is_first = table not in self._seen
        known = self._seen.setdefault(table, {})
        if self._watch is not None:
            self._watch(table, came, gone)
        for row in gone:
            del known[row]
        known.update(dict.fromkeys(came, number))
        if table in self._objects:
            self._objects[table].change(came, gone)
        content = self._content[table] = frozenset(known)
        sequence = self._sequences[table] = self._sequences.get(table, 0) + 1
        if is_first or table in self._whole:
            return TableUpdate(self._source, table, self._epoch, sequence, "snapshot", content, content=content)
        delta = (frozenset(came), frozenset(gone))
        return TableUpdate(self._source, table, self._epoch, sequence, "delta", *delta, content)


class ObjectIndex:
    """The rows of a table by the id that stands at one place in them."""

    def __init__(self, place: int, rows: Iterable[Row]) -> None:
        self._place = place
        self._rows: dict[Value, tuple[Row, ...]] = {}
        self.change(rows, ())

    def rows(self, identities: Iterable[Value]) -> set[Row]:
        """Those of these objects."""
        return {row for identity in identities for row in self._rows.get(identity, ())}

    def change(self, came: Iterable[Row], gone: Iterable[Row]) -> None:
        """Follow the table."""
        for row in gone:
            left = tuple(one for one in self._rows.get(row[self._place], ()) if one != row)
            if left:
                self._rows[row[self._place]] = left
            else:
                self._rows.pop(row[self._place], None)
        for row in came:
            self._rows[row[self._place]] = (*self._rows.get(row[self._place], ()), row)


class Listing:
    """A listing on its way: `with feed.listing(tables) as listing: listing.add(part)`. Left by an exception, it has
    changed nothing."""

    def __init__(self, feed: TableFeed, tables: tuple[str, ...], keys: Keys) -> None:
        self._feed, self._tables, self._keys = feed, tables, keys
        self._new: dict[str, set[Row]] = {table: set() for table in tables}
        self._number = next(feed._listings)
        self._count = 0
        self.touched: set[Value] = set()

    def __enter__(self) -> Listing:
        with self._feed._publishing:
            self._feed._open.add(self)
        return self

    def add(self, part: Mapping[str, Iterable[Row]]) -> None:
        """Take in a part of the listing. Raises DriverError when there is no end of it."""
        for table, rows in part.items():
            new = self._new.setdefault(table, set())
            listed = rows if isinstance(rows, list | tuple | set | frozenset) else list(rows)
            self._count += len(listed)
            if self._count > self._feed.most_rows:
                raise DriverError(
                    f"the listing of table {table} has more than {self._feed.most_rows} rows; "
                    "is there an end of it? The option table_rows of group datasources says how many are taken"
                )
            with self._feed._publishing:
                known = self._feed._seen.get(table, {})
                for row in listed:
                    if row in known:
                        known[row] = self._number
                    else:
                        new.add(row)

    def __exit__(
        self, kind: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        with self._feed._publishing:
            self._feed._open.discard(self)
            if kind is None:
                self._feed._send(
                    {table: change for table in self._new if (change := self._change(table))}, self._number
                )

    def _change(self, table: str) -> tuple[set[Row], set[Row]] | None:
        """The rows of a table that came and went; None when there is nothing to tell."""
        known = self._feed._seen.get(table)
        if known is None:
            return self._new[table], set()
        came = {row for row in self._new[table] if row not in known and not self._is_touched(table, row)}
        gone = {row for row, number in known.items() if number != self._number and not self._is_touched(table, row)}
        return (came, gone) if came or gone or table in self._feed._whole else None

    def _is_touched(self, table: str, row: Row) -> bool:
        place = self._keys.get(table)
        return bool(self.touched) and place is not None and row[place] in self.touched
