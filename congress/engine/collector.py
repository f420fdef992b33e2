"""The garbage collector where there are many rows."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
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


THOROUGH_SECONDS = 3600.0
"""Between two collections that look at everything."""


class Sediment:
    """Lets a full collection look only at what came since the last one, but for one an hour.

    As soon as a process holds 100 000 rows and what is recorded of them, each full collection stops it for a fifth of
    a second, while somebody waits for an answer, and finds nothing. So what outlives one is put out of sight of the
    next ones. A cycle that falls apart there takes up room until the thorough one.
    """

    def __init__(self, seconds: float = THOROUGH_SECONDS, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._clock = seconds, clock
        self._thorough = clock() + seconds

    def __call__(self, phase: str, info: dict[str, int]) -> None:
        """As `gc.callbacks` calls it."""
        if info["generation"] < 2:
            return
        if phase == "stop":
            gc.freeze()
        elif self._clock() >= self._thorough:
            self._thorough = self._clock() + self._seconds
            gc.unfreeze()


@contextmanager
def brief_collections() -> Iterator[None]:
    """Full collections as `Sediment` lets them be, in the whole process."""
    sediment = Sediment()
    gc.callbacks.append(sediment)
    try:
        yield
    finally:
        gc.callbacks.remove(sediment)
        gc.unfreeze()


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
