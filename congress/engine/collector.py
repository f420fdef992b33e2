"""The garbage collector during bulk work."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

ENOUGH = 200_000
"""Rows that have to arrive before they are put out of the collector's sight."""


class Settlers:
    """Counts rows that came to stay, and takes them out of the collector's later rounds.

    A full collection looks at every container there is: a third of a second for a million rows, again and again, for
    nothing. Frozen objects are freed like any other once nobody refers to them.
    """

    def __init__(self) -> None:
        self._arrived = 0

    def arrive(self, rows: int) -> None:
        """Note rows that were just committed."""
        self._arrived += rows
        if self._arrived >= ENOUGH:
            self._arrived = 0
            gc.collect()
            gc.freeze()


@contextmanager
def paused_collector() -> Iterator[None]:
    """Keep the collector from looking through millions of rows over and over while more are made.

    Rows refer to nothing that could form a cycle, so there is nothing for it to find among them.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
