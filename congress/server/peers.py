"""Whether another engine knows more than this one: old rows are worse than none while somebody has newer ones."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from congress.bus.publications import Position


class BehindPeers:
    """A readiness check. An engine whose stream was cut cannot know by itself that there is something to miss; the
    others' signs of life tell. Where all are cut off alike nobody is ahead, and all go on with what they have.

    `mine`: the publication that is shown here, None while that is not certain; `peers`: node id -> the one that it
    shows; `seconds`: for so long a peer may be ahead, 0 for ever.
    """

    def __init__(
        self,
        mine: Callable[[], Position | None],
        peers: Callable[[], Mapping[str, Position]],
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._mine, self._peers, self._seconds, self._clock = mine, peers, seconds, clock
        self._ahead: tuple[str, Position, float] | None = None

    def __call__(self) -> str | None:
        if self._seconds <= 0:
            return None
        mine, peers, now = self._mine() or Position(0, 0), self._peers(), self._clock()
        if self._ahead is not None and (self._ahead[0] not in peers or mine >= self._ahead[1]):
            self._ahead = None
        if self._ahead is None:
            name = max(peers, key=lambda each: peers[each], default=None)
            if name is None or peers[name] <= mine:
                return None
            self._ahead = name, peers[name], now
        name, _position, since = self._ahead
        if now - since < self._seconds:
            return None
        return f"node {name} has shown newer data for {now - since:.0f} s"
