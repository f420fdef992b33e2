"""Processes that try scenarios.

Scenarios that begin alike are tried by one process, one after the other, so that what they share happens once.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import ClassVar, TypeAlias

from congress.cluster.verify.cache import Cache
from congress.cluster.verify.events import Event
from congress.cluster.verify.expectations import Expectations
from congress.cluster.verify.footprint import footprint
from congress.cluster.verify.invariants import Finding, findings
from congress.cluster.verify.scenarios import Scenario
from congress.cluster.verify.simulator import Moment, Simulator, State
from congress.cluster.verify.trial import Trial
from congress.cluster.verify.verdict import First, Verdict

Progress: TypeAlias = Callable[[int, int], None]
Task: TypeAlias = tuple[Scenario, ...]


PIECE = 40


@dataclass(frozen=True, slots=True)
class Ground:
    """What all trials start from: the cluster undisturbed, and how it came up. `remembers`: see Simulator."""

    expected: Expectations
    base: State
    cold: Moment
    directory: Path
    remembers: bool = True


class Trials:
    """Tries scenarios in this process."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        expected = ground.expected
        self._simulator = Simulator(
            expected.configuration,
            ground.directory,
            quorum_device=expected.quorum_device,
            bare=True,
            remembers=ground.remembers,
        )
        # The last path that was gone, moment by moment: the next scenario often begins alike.
        self._path: list[tuple[tuple[Event, ...], State, Moment, tuple[Finding, ...]]] = []

    def verdict(self, scenario: Scenario) -> Verdict:
        """Try one scenario, up to the first moment that breaks an invariant."""
        calls = self._simulator.calls
        if not scenario:
            return Verdict(scenario, self._judged((), self._ground.cold), 0, len(self._ground.cold.transitions), None)
        found: tuple[Finding, ...] = ()
        for number, events in enumerate(scenario):
            found = self._moment(number, events)
            if found:
                break
        _, state, moment, _ = self._path[0]
        same = state.key == self._ground.base.key
        first = First(state.key, footprint(moment), None if same else state.status)
        return Verdict(scenario, found, number, self._simulator.calls - calls, first)

    def moments(self, scenario: Scenario) -> tuple[Moment, ...]:
        """The same, for looking at."""
        self.verdict(scenario)
        return tuple(moment for _, _, moment, _ in self._path)

    def _moment(self, number: int, events: tuple[Event, ...]) -> tuple[Finding, ...]:
        if number < len(self._path) and self._path[number][0] == events:
            return self._path[number][3]
        del self._path[number:]
        state = self._path[-1][1] if self._path else self._ground.base
        before = tuple(event for moment, *_ in self._path for event in moment)
        after, moment = self._simulator.after(state, events)
        found = self._judged(before, moment)
        self._path.append((events, after, moment, found))
        return found

    def _judged(self, before: tuple[Event, ...], moment: Moment) -> tuple[Finding, ...]:
        return findings(Trial(self._ground.expected, self._ground.base.status, before, moment))


class _Process:
    """One of the crew; its trials, which it gets when it starts."""

    trials: ClassVar[Trials]

    @classmethod
    def start(cls, ground: Ground) -> None:
        threading.Thread(target=_end_with_parent, daemon=True).start()
        cls.trials = Trials(ground)

    @classmethod
    def work(cls, task: Task) -> tuple[Verdict, ...]:
        return tuple(cls.trials.verdict(scenario) for scenario in task)


def _end_with_parent() -> None:
    """A parent that is killed cannot tell, and its children would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


class Crew:
    """`jobs` processes, this one alone if that is 1. Verdicts are kept in the cache as they come."""

    def __init__(self, ground: Ground, jobs: int, cache: Cache, progress: Progress) -> None:
        self._ground = ground
        self._jobs = jobs
        self._cache = cache
        self._progress = progress
        self._trials = Trials(ground)

    def verdicts(self, scenarios: Sequence[Scenario]) -> tuple[Verdict, ...]:
        """In the order of the scenarios."""
        known: dict[Scenario, Verdict] = {}
        unknown: list[Scenario] = []
        for scenario in dict.fromkeys(scenarios):
            kept = self._cache.get(scenario)
            if kept is None:
                unknown.append(scenario)
            else:
                known[scenario] = kept
        for found in self._tried(tuple(_tasks(unknown))):
            self._cache.put(found)
            known |= {one.scenario: one for one in found}
            self._progress(len(known), len(scenarios))
        return tuple(known[scenario] for scenario in dict.fromkeys(scenarios))

    def _tried(self, tasks: tuple[Task, ...]) -> Iterator[tuple[Verdict, ...]]:
        if self._jobs < 2 or len(tasks) < 2:
            for task in tasks:
                yield tuple(self._trials.verdict(scenario) for scenario in task)
            return
        with self._executor() as executor:
            yield from executor.map(_Process.work, tasks)

    def _executor(self) -> Executor:
        # A fork costs nothing; segregated deployments have dozens of clusters, and nobody has threads here.
        context = multiprocessing.get_context("fork")
        return ProcessPoolExecutor(self._jobs, context, _Process.start, (self._ground,))


def _tasks(scenarios: Sequence[Scenario]) -> Iterator[Task]:
    """Those with the same first moment together, the long tasks first, so that no process is left alone at the end."""

    def begin(scenario: Scenario) -> str:
        return repr(scenario[:1])

    groups = [tuple(group) for _, group in groupby(sorted(scenarios, key=begin), key=begin)]
    for group in sorted(groups, key=len, reverse=True):
        # In pieces, so that what is found out is kept before long, whatever ends the run.
        yield from (group[start : start + PIECE] for start in range(0, len(group), PIECE))
