"""The one type that crosses from datasources to engines: an update of one table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from congress.datalog.values import Row


@dataclass(frozen=True, slots=True)
class TableUpdate:
    """Rows of one table that appeared and disappeared, or the whole table.

    A `snapshot` carries the table's full content in `inserted` and nothing in `deleted`. A `delta` carries the
    difference to the update before it. `epoch` says under whose authority the datasource publishes (it grows whenever
    another node or a restarted one takes over); within an epoch, `sequence` of a table starts at 1 with a snapshot and
    grows by one with every update, so that a receiver knows when it missed one.
    """

    source: str
    table: str
    epoch: int
    sequence: int
    kind: Literal["snapshot", "delta"]
    inserted: frozenset[Row]
    deleted: frozenset[Row] = frozenset()
    content: frozenset[Row] | None = field(default=None, compare=False, repr=False)
    """All rows after the update, if the sender has them at hand; does not leave the process."""


Publish: TypeAlias = Callable[[tuple[TableUpdate, ...]], None]
"""What a datasource calls with the updates of one poll; receivers apply them in one transaction, all or none."""
