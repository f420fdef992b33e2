"""The digest of a table: equal for equal sets of rows, in whatever order they came, and kept up by differences."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from typing import Final

from congress.datalog.values import Row

EMPTY: Final = 0
_MASK: Final = 2**64 - 1


def digest(rows: Iterable[Row]) -> int:
    """The sum of the rows' hashes modulo 2**64; by `ascii`, which no version of Python writes differently."""
    total = 0
    for row in rows:
        total += int.from_bytes(blake2b(ascii(row).encode("ascii"), digest_size=8).digest())
    return total & _MASK


def changed(before: int, inserted: Iterable[Row], deleted: Iterable[Row]) -> int:
    """The digest after rows that were absent came and rows that were present went."""
    return (before + digest(inserted) - digest(deleted)) & _MASK


def text(value: int | None) -> str:
    """As it travels; empty when it was not computed."""
    return "" if value is None else f"{value:016x}"
