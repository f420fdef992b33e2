"""How far an engine has come, and when one engine knows all that another one knew."""

from __future__ import annotations

from typing import NamedTuple


class Position(NamedTuple):
    """What an engine's tables were computed from.

    `(epoch, publication)`: all published data up to there; `revision`: of the policies; `tick`: the time of the table
    `now`, in seconds, 0 where no rule mentions it: clocks of hosts differ, and matter to nobody then. Two engines at
    one position hold the same rows. Positions are ordered partly: of two engines each may have seen something that the
    other has not.
    """

    epoch: int
    publication: int
    revision: int
    tick: int

    def reaches(self, other: Position) -> bool:
        """Whether everything known there is known here."""
        return (
            (self.epoch, self.publication) >= (other.epoch, other.publication)
            and self.revision >= other.revision
            and (self.tick >= other.tick or self.tick == 0)
        )

    def follows(self, before: Position | None) -> bool:
        """Whether this is at most one change of data and one of policies after `before`, so that none was skipped."""
        return (
            before is not None
            and self.epoch == before.epoch
            and self.publication <= before.publication + 1
            and self.revision <= before.revision + 1
        )


NOWHERE = Position(-1, -1, -1, -1)
"""Before everything: the position of what was never recorded."""
