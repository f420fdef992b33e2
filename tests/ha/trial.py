"""One trial: clients work, something breaks, is healed, the clients stop, and everything is judged."""

from __future__ import annotations

import time
from typing import NamedTuple

from tests.ha.faults import Fault, until
from tests.ha.place import Place
from tests.ha.tap import Tap
from tests.ha.verdict import judge
from tests.ha.workload import Workload

BEFORE, AFTER = 5, 5
"""So many writes of a workload succeed before anything is broken, and after it was healed."""


class Outcome(NamedTuple):
    """`problems`: in words; `seconds` until everything was as it must be; `work`: what clients saw; `broken` and
    `healed`: when."""

    problems: list[str]
    seconds: float
    work: Workload
    broken: float
    healed: float


def trial(place: Place, tap: Tap | None, *faults: Fault, hold: float | None = None, judging: float = 60.0) -> Outcome:
    """Break all of the faults one after the other, let them be for `hold` seconds (by default, what they need), lift
    them, wait until all works, judge."""
    replicas = {name: node.url for name, node in place.site.nodes.items() if name.startswith("api")}
    work = Workload(place.site.proxy.url, replicas, journal=str(place.journal))
    work.prepare()
    work.start()
    try:
        for fault in faults:
            fault.aim(place)
        await_successes(work, BEFORE)
        broken = time.monotonic()
        healed = broken
        injected: list[Fault] = []
        try:
            for fault in faults:
                fault.inject(place)
                injected.append(fault)
            _work_for(work, max(fault.hold for fault in faults) if hold is None else hold)
        finally:
            for fault in injected:
                fault.lift(place)
            for fault in injected:
                fault.await_back(place)
            healed = time.monotonic()
        await_successes(work, AFTER)
    finally:
        work.stop()
    verdict = judge(place, work, tap, judging)
    if not verdict.problems:
        work.remove()
    return Outcome(verdict.problems, verdict.seconds, work, broken, healed)


def await_successes(work: Workload, number: int) -> None:
    """Wait until so many writes, pushes and readings that begin from now on have succeeded."""
    since = time.monotonic()

    def enough() -> bool:
        done = [event for event in work.history if event.outcome == "ok" and event.began >= since]
        return all(sum(event.kind == kind for event in done) >= number for kind in ("rule", "rows", "read"))

    until(f"{number} writes, pushes and readings succeed", enough)


def _work_for(work: Workload, seconds: float) -> None:
    work.stopping.wait(seconds)
