"""Waiting for something to be so: until it is, and no longer than it may take."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

LOOK_EVERY = 0.01


def until(
    condition: Callable[[], T],
    what: str | Callable[[], str] = "the condition did not come true in time",
    *,
    seconds: float = 60.0,
    ended: Callable[[], bool] = lambda: False,
    every: float = LOOK_EVERY,
) -> T:
    """Answer what the condition says as soon as that is true; it is looked at `every` so many seconds. Fails, saying
    `what`, after so many seconds, or as soon as what could make it true has `ended`."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        has_ended = ended()  # asked before the condition is looked at for the last time
        if has_ended and (found := condition()):
            return found
        assert not has_ended and time.monotonic() < deadline, what if isinstance(what, str) else what()
        time.sleep(every)
    return found
