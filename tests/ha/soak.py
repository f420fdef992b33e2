"""Breaks things for hours: single faults and pairs in random order, each judged; writes a report as text.

python -m tests.ha.soak --hours 2 --report docs/soak.txt
"""

from __future__ import annotations

import argparse
import random
import signal
import statistics
import sys
import time
from collections import defaultdict
from contextlib import suppress
from pathlib import Path

import psutil

from demo.ha.machines import NotStarted
from tests.ha import faults
from tests.ha.faults import Fault
from tests.ha.place import QUICK, Place, place
from tests.ha.tap import Tap
from tests.ha.trial import Outcome, trial


class Report:
    """What was tried and how it ended, line by line; also printed."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._times: dict[str, list[float]] = defaultdict(list)
        self._bad: dict[str, int] = defaultdict(int)
        if file is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("")

    def say(self, text: str) -> None:
        print(text, flush=True)
        if self._file is not None:
            with self._file.open("a") as file:
                file.write(text + "\n")

    def trial(self, name: str, outcome: Outcome) -> None:
        """Add a trial."""
        done = [event for event in outcome.work.history if event.outcome == "ok"]
        counts = ", ".join(f"{sum(event.kind == kind for event in done)} {kind}" for kind in ("rule", "rows", "read"))
        unknown = sum(event.outcome == "unknown" for event in outcome.work.history)
        gaps = ", ".join(
            f"{kind} {outcome.work.history.gap(kind, outcome.broken):.1f}" for kind in ("rule", "rows", "read")
        )
        verdict = "ok" if not outcome.problems else f"{len(outcome.problems)} PROBLEMS"
        self.say(
            f"{verdict:12} {name}: {counts}, {unknown} without an answer; longest waits in s: {gaps}; "
            f"healed after {outcome.healed - outcome.broken:.0f} s, right {outcome.seconds:.1f} s later"
        )
        for problem in outcome.problems[:10]:
            self.say(f"             {problem[:600]}")
        self._times[name].append(outcome.seconds)
        self._bad[name] += bool(outcome.problems)

    def failed(self, name: str, error: Exception) -> None:
        """Add a trial that could not be finished."""
        self.say(f"NOT FINISHED {name}: {type(error).__name__}: {str(error)[:1500]}")
        self._bad[name] += 1

    def summary(self) -> int:
        """Say how often what was tried; the number of trials with problems."""
        trials, bad = sum(map(len, self._times.values())), sum(self._bad.values())
        self.say(f"\n{trials} trials of {len(self._times)} faults and pairs, {bad} with problems")
        for name, times in sorted(self._times.items()):
            self.say(
                f"  {name}: {len(times)} times, right after {statistics.median(times):.1f} s, worst {max(times):.1f} s"
            )
        return bad


def _memory(site: Place) -> str:
    """What each process of Congress holds, and since how many minutes it runs."""
    found = []
    for name, node in site.site.nodes.items():
        with suppress(psutil.Error):
            process = psutil.Process(node.process.pid)
            minutes = (time.time() - process.create_time()) / 60
            found.append(f"{name} {process.memory_info().rss / 2**20:.0f} ({minutes:.0f} min)")
    return ", ".join(found)


def _try(site: Place, tap: Tap, report: Report, broken: tuple[Fault, ...]) -> None:
    name = " + ".join(fault.name for fault in broken)
    try:
        report.trial(name, trial(site, tap, *broken))
        report.say(f"             memory in MiB: {_memory(site)}")
    except Exception as error:  # the next one may show more
        report.failed(name, error)
        site.network.heal()
        with suppress(AssertionError, NotStarted):  # what stays away is said by the next trial
            faults.await_works(site, "all")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=2.0, help="how long new trials are begun")
    parser.add_argument("--report", type=Path, help="a file for what is printed")
    parser.add_argument("--only", nargs="*", help="names of single faults, each tried once in this order")
    parser.add_argument("--seed", type=int, default=0, help="of the order")
    parser.add_argument("--defaults", action="store_true", help="with the times of the defaults instead of short ones")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the site is taken down then, too
    report, chance = Report(options.report), random.Random(options.seed)  # noqa: S311 - no secret
    began = time.monotonic()
    with place("" if options.defaults else QUICK, report.say) as site, Tap(site.transport_url) as tap:
        if options.only:
            for name in options.only:
                _try(site, tap, report, tuple(faults.single(each) for each in name.split(" + ")))
            return report.summary()
        while time.monotonic() - began < 3600 * options.hours:
            rounds: list[tuple[Fault, ...]] = [(fault,) for fault in faults.singles()]
            rounds += chance.sample(faults.all_pairs(), len(rounds))
            chance.shuffle(rounds)
            for broken in rounds:
                if time.monotonic() - began > 3600 * options.hours:
                    break
                _try(site, tap, report, broken)
    return report.summary()


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
