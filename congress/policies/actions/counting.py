"""How many entries of the action ledger are in which state, as the node that may act has them for its metrics."""

from __future__ import annotations

import time
from collections.abc import Callable

from congress.policies.actions.ledger import Ledger
from congress.telemetry import metrics

PERIOD = 10.0
"""Seconds between two countings: a large ledger takes a while to count."""

_ENTRIES = metrics.observed(
    "congress_actions", "Entries of the action ledger by state, told by the node that may act.", "state"
)
_PAUSED = metrics.observed("congress_actions_paused", "1 while actions are paused everywhere, else 0.")


class Counting:
    """Counts now and then; what was counted is told while this node may act."""

    def __init__(self, ledger: Ledger, held: Callable[[], int | None], clock: Callable[[], float] = time.monotonic):
        self._ledger, self._held, self._clock = ledger, held, clock
        self._counts: dict[str, int] = {}
        self._due = float("-inf")

    def start(self, paused: Callable[[], bool]) -> None:
        """Tell from now on."""
        _ENTRIES.follow(lambda: {(state,): float(number) for state, number in self._counts.items()})
        _PAUSED.follow(lambda: {(): float(paused())})

    def look(self) -> None:
        """Count if it is time. Raises what the database raises."""
        if self._held() is None:
            self._counts = {}
        elif self._clock() >= self._due:
            self._due = self._clock() + PERIOD
            # A state that nothing is in any longer is told as 0, lest its last number stays on the screen.
            self._counts = dict.fromkeys(self._counts, 0) | self._ledger.counts()
