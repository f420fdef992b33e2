"""What the evaluation of each derived table has cost, estimated so that measuring costs nothing itself."""

from __future__ import annotations

from typing import Final

from congress.datalog.core import TableId

LARGE: Final = 1000
"""Changed rows from which on an evaluation is always timed."""
ONE_IN: Final = 17
"""Of smaller changes one in so many is timed, and counts for all. A prime, so that a cloud's rhythm is not met."""


class Costs:
    """Seconds by derived table since the start, read by anybody, added to by whoever holds the engine's lock."""

    def __init__(self) -> None:
        self._seconds: dict[TableId, float] = {}
        self._turn = 0

    def weight(self, rows: int) -> int:
        """For how many changes this one, of so many rows, is timed; 0: it is not."""
        if rows >= LARGE:
            return 1
        self._turn = (self._turn + 1) % ONE_IN
        return 0 if self._turn else ONE_IN

    def add(self, table: TableId, seconds: float) -> None:
        """An evaluation of the table's rules took so long, times its weight."""
        self._seconds[table] = self._seconds.get(table, 0.0) + seconds

    def seconds(self) -> dict[TableId, float]:
        """What was estimated so far."""
        return dict(self._seconds)
