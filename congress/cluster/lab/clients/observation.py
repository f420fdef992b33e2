"""What clients wrote down, and what it says about the time in which they were not served."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

LATE = {"login": 3.0}
"""Seconds after which an answer is late, though it is one; 1 for other probes. Passwords are made slow to check."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request of a probe, by the clock of this machine in seconds. `told`: the error, or what an answer said."""

    probe: str
    began: float
    ended: float
    served: bool
    told: str = ""

    @property
    def late(self) -> bool:
        """Whether it was served, and its client waited so long that it was without service meanwhile."""
        return self.served and self.ended - self.began >= LATE.get(self.probe, 1.0)

    def line(self) -> str:
        """As clients write it."""
        return json.dumps([self.probe, self.began, self.ended, self.served, self.told]) + "\n"


@dataclass(frozen=True, slots=True)
class Outage:
    """What one probe saw after a moment; an error is a request that was not served. Times are seconds.

    `span`: from the begin of the first error to the end of the last, whether or not requests between them were served;
    `gaps`: each time in which there were errors or late answers, with less than CALM seconds between them; `late`: how
    many answers were; `first`, `last`: from the moment to the begin of the first error, and to the end of the last."""

    probe: str
    requests: int
    errors: int = 0
    late: int = 0
    span: float = 0.0
    first: float = 0.0
    last: float = 0.0
    first_error: str = ""
    last_error: str = ""
    gaps: tuple[float, ...] = ()

    @property
    def longest(self) -> float:
        """The longest outage."""
        return max(self.gaps, default=0.0)


def read(path: Path) -> Iterator[Attempt]:
    """All attempts of a file; its last line may be half written."""
    for line in path.read_text().splitlines(keepends=True):
        if line.endswith("\n"):
            yield Attempt(*json.loads(line))


def outage(probe: str, attempts: Iterable[Attempt], since: float, until: float) -> Outage:
    """What happened between two moments."""
    mine = [each for each in attempts if each.probe == probe and since <= each.ended and each.began <= until]
    errors = [each for each in mine if not each.served]
    late = sum(each.late for each in mine)
    gaps = tuple(_gaps([each for each in mine if each.late or not each.served]))
    if not errors:
        return Outage(probe, len(mine), late=late, gaps=gaps)
    first, last = errors[0], errors[-1]
    return Outage(
        probe,
        len(mine),
        len(errors),
        late,
        span=last.ended - first.began,
        first=first.began - since,
        last=last.ended - since,
        first_error=first.told,
        last_error=last.told,
        gaps=gaps,
    )


def _gaps(without: Sequence[Attempt]) -> Iterator[float]:
    if not without:
        return
    began = without[0].began
    for one, then in pairwise(without):
        if then.began - one.ended >= CALM:
            yield one.ended - began
            began = then.began
    yield without[-1].ended - began


CALM = 5.0
