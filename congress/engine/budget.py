"""Budgets: how evaluation is stopped."""

from __future__ import annotations

import time
from collections.abc import Sized
from dataclasses import dataclass

from congress.errors import CongressError


@dataclass(frozen=True, slots=True)
class Limits:
    """What one evaluation may use: derived rows, and seconds of wall time. Checked per batch of rows."""

    rows: int = 20_000_000
    seconds: float = 120.0


class LimitExceeded(CongressError):
    """An evaluation passed its budget and was stopped; nothing changed. `.limit` is `rows` or `seconds`."""

    def __init__(self, limit: str, allowed: float) -> None:
        super().__init__(
            f"Evaluation stopped: it needs more than the allowed {allowed:g} {limit}. "
            "Bind more columns, split the rule, or raise the limit."
        )
        self.limit = limit


class Budget:
    """The running account of one evaluation; `tick` is called from generated code once per few thousand rows."""

    __slots__ = ("_deadline", "_limits", "_rows")

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self.start()

    def start(self, limits: Limits | None = None) -> None:
        """Begin a new evaluation, with other limits if given."""
        if limits is not None:
            self._limits = limits
        self._deadline = time.monotonic() + self._limits.seconds
        self._rows = 0

    def tick(self, out: Sized) -> None:
        """Raise LimitExceeded if the time is over, or the rows so far plus those in `out` are too many."""
        if time.monotonic() > self._deadline:
            raise LimitExceeded("seconds", self._limits.seconds)
        if self._rows + len(out) > self._limits.rows:
            raise LimitExceeded("rows", self._limits.rows)

    def spend(self, out: Sized) -> None:
        """Book the rows of one finished batch, and check."""
        self.tick(out)
        self._rows += len(out)
