"""Signs of life: what a lease that moves tells of the process that holds it."""

from __future__ import annotations

from congress.db.leases import LeaseRecord


class Signs:
    """Whether a node id's holder lives, by how its lease moves.

    What a process that is killed has sent to the database may be done when it is gone, all of it at one time. So only
    the second renewal tells that somebody lives, when there was time for another one since the first.
    """

    def __init__(self, renew: float) -> None:
        """`renew`: seconds between two renewals, of which a tenth may be missing."""
        self._least = 0.8 * renew
        self._last: tuple[str, int] | None = None
        self._moved: float | None = None

    def seen(self, record: LeaseRecord, now: float) -> bool:
        """Whether somebody lives, after this look at `now`."""
        before, self._last = self._last, (record.contender.instance, record.generation)
        if before is None or before == self._last:
            return False
        if before[0] != self._last[0]:
            return True
        first, self._moved = self._moved, now if self._moved is None else self._moved
        return first is not None and now - first >= self._least
