"""Waiting for something to be so: until it is, and no longer than it may take."""

from __future__ import annotations

import time
from collections.abc import Callable

LOOK_EVERY = 0.01


def until(
    condition: Callable[[], object],
    what: str | Callable[[], str] = "the condition did not come true in time",
    *,
    seconds: float = 30.0,
    ended: Callable[[], bool] = lambda: False,
) -> None:
    """Return as soon as the condition is true. Fails, saying `what`, after so many seconds, or as soon as what could
    make it true has `ended`."""
    deadline = time.monotonic() + seconds
    while not condition():
        has_ended = ended()  # asked before the condition is looked at for the last time
        if has_ended and condition():
            return
        assert not has_ended and time.monotonic() < deadline, what if isinstance(what, str) else what()
        time.sleep(LOOK_EVERY)
