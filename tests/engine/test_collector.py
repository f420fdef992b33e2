"""Full collections are brief, and nothing is left for good."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from congress.engine.collector import Sediment


class Cycle:
    """Refers to itself, so that only the collector frees it."""

    def __init__(self) -> None:
        self.itself = self


class Clock:
    """Moved by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Iterator[Clock]:
    """The clock of a `Sediment` at work, which has thorough collections every 100 seconds."""
    clock = Clock()
    sediment = Sediment(100.0, clock)
    gc.callbacks.append(sediment)
    yield clock
    gc.callbacks.remove(sediment)
    gc.unfreeze()


def test_what_outlives_a_full_collection_is_not_looked_at_again(clock: Clock) -> None:
    kept = [Cycle() for _ in range(1000)]
    gc.collect()
    assert len(gc.get_objects()) < len(kept)
    assert gc.get_freeze_count() >= len(kept)


def test_a_cycle_that_falls_apart_is_freed_at_once_or_by_the_next_thorough_collection(clock: Clock) -> None:
    old = Cycle()
    gc.collect()
    young = Cycle()
    seen = [weakref.ref(old), weakref.ref(young)]
    del old, young
    gc.collect()
    assert [each() is None for each in seen] == [False, True]
    clock.now = 100.0
    gc.collect()
    assert seen[0]() is None
