"""When the groups of a datasource are listed next, and how it went so far. No I/O, no threads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

FIRST_RETRY = 1.0
LONGEST_RETRY = 60.0
JITTER = 0.1
"""The share of a period by which datasources of the same period drift apart."""
UNREACHABLE_AFTER = 3
"""Failures in a row that make a datasource unreachable, unless it is set otherwise."""


def delay(period: float, failures: int, chance: float) -> float | None:
    """Seconds until the next poll, None for "when somebody asks".

    Usually up to a tenth less than the period, so that datasources that began together do not ask together for ever.
    After a failure polls come soon again and then ever more rarely, at most every minute or every `period`, whichever
    is longer. `chance` in [0, 1) takes up to half of it away, lest all datasources of a recovered cloud ask at once.
    """
    if period == 0:
        return None
    if failures == 0:
        return period * (1 - JITTER * chance)
    longest = max(period, LONGEST_RETRY)
    return min(longest, FIRST_RETRY * 2.0 ** min(failures - 1, 30)) * (1 - chance / 2)


@dataclass(slots=True)
class Turn:
    """One group: `due` and `read_at` on the monotonic clock; `due` is None while it waits to be asked for."""

    name: str
    tables: tuple[str, ...]
    period: float
    lazy: bool = False
    due: float | None = 0.0
    failures: int = 0
    read_at: float | None = None
    succeeded: datetime | None = None
    error: str | None = None
    duration: float | None = None

    def worked(self, now: float, at: datetime, took: float, chance: float) -> None:
        """It was listed."""
        self.read_at, self.succeeded, self.duration = now, at, took
        self.failures, self.error = 0, None
        self._plan(now, chance)

    def failed(self, now: float, error: str, took: float | None, chance: float) -> None:
        """It was not; `took` is None when it was not even tried."""
        self.failures, self.error = self.failures + 1, error
        self.duration = self.duration if took is None else took
        self._plan(now, chance)

    def _plan(self, now: float, chance: float) -> None:
        wait = delay(self.period, self.failures, chance)
        self.due = None if wait is None else now + wait

    def state(self, unreachable_after: int = UNREACHABLE_AFTER) -> str:
        """`lazy`, `starting`, `ok`, `failing` or `unreachable`."""
        if self.lazy:
            return "lazy"
        if self.failures:
            return "unreachable" if self.failures >= unreachable_after else "failing"
        return "starting" if self.read_at is None else "ok"


STATES = ("unreachable", "failing", "starting", "ok")
"""From the worst on; a datasource is as its worst group is."""


def worst(states: Mapping[str, str]) -> str:
    """The state of a datasource whose groups have these; lazy ones do not count."""
    return next((state for state in STATES if state in states.values()), "ok")


def written(moment: datetime | None) -> str:
    """A time as states of datasources show it; "None" for none."""
    return "None" if moment is None else moment.strftime("%F %T.%f")
