"""What clients wrote down, and what it says about the time in which they were not served."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request of a probe, by the clock of this machine in seconds. `told`: the error, or what an answer said."""

    probe: str
    began: float
    ended: float
    served: bool
    told: str = ""

    def line(self) -> str:
        """As clients write it."""
        return json.dumps([self.probe, self.began, self.ended, self.served, self.told]) + "\n"


@dataclass(frozen=True, slots=True)
class Outage:
    """What one probe saw after a moment. Times are seconds. `errors`: how many requests were not served; `down`: the
    longest outage, or the slowest request when that is longer; `last`: from the moment to the end of the last error;
    `slowest`: the longest wait for an answer; `gaps`: each outage, from the begin of its first error to the end of its
    last. Errors with less than five seconds without one between them are one outage."""

    probe: str
    requests: int
    errors: int
    down: float
    last: float
    slowest: float
    first_error: str = ""
    gaps: tuple[float, ...] = ()


def read(path: Path) -> Iterator[Attempt]:
    """All attempts of a file; its last line may be half written."""
    for line in path.read_text().splitlines(keepends=True):
        if line.endswith("\n"):
            yield Attempt(*json.loads(line))


def outage(probe: str, attempts: Iterable[Attempt], since: float, until: float) -> Outage:
    """What happened between two moments."""
    mine = [each for each in attempts if each.probe == probe and since <= each.ended and each.began <= until]
    failed = [each for each in mine if not each.served]
    slowest = max((each.ended - each.began for each in mine), default=0.0)
    if not failed:
        return Outage(probe, len(mine), 0, slowest if slowest >= NOTICED else 0.0, 0.0, slowest)
    gaps = tuple(_gaps(failed))
    down = max(*gaps, slowest if slowest >= NOTICED else 0.0)
    last = failed[-1].ended - since
    return Outage(probe, len(mine), len(failed), down, last, slowest, failed[0].told, gaps)


def _gaps(failed: Sequence[Attempt]) -> Iterator[float]:
    """A node that goes makes one outage, and sometimes another one when it comes back."""
    began = failed[0].began
    for one, then in pairwise(failed):
        if then.began - one.ended >= CALM:
            yield one.ended - began
            began = then.began
    yield failed[-1].ended - began


CALM = 5.0
NOTICED = 1.0
"""A request that waits longer counts as time without service, though it is served in the end."""
