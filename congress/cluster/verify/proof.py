"""The proof for one cluster: every failure alone, and every two, at one time and one after the other.

Of the pairs only those are tried whose answer is not known already, for one of two reasons. `same`: the first failure
leaves a state that nothing tells from another one, from which the second is tried. `apart`: the two have nothing to do
with each other (see `footprint`), so that each of them is answered as it is alone. `every_pair` tries the latter, too.

A stop that fails concerns what the failure concerns, in the first transition; in the next one its node is fenced, which
is the loss of that node, and tried with everything else as such.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from congress.cluster.pacemaker.reading import Status
from congress.cluster.verify.cache import Cache
from congress.cluster.verify.crew import Crew, Ground, Progress, Trials
from congress.cluster.verify.events import Event, Kind
from congress.cluster.verify.expectations import Expectations
from congress.cluster.verify.footprint import Ties, meet
from congress.cluster.verify.invariants import Finding
from congress.cluster.verify.scenarios import Scenario, failures, pairs, returns, singles, size, together
from congress.cluster.verify.simulator import DoesNotStart, Moment, Simulator, scratch
from congress.cluster.verify.verdict import First, Verdict


@dataclass(slots=True)
class Coverage:
    """How many pairs of failures were tried, and how many not, by reason."""

    tried: int = 0
    same: int = 0
    apart: int = 0

    @property
    def pairs(self) -> int:
        return self.tried + self.same + self.apart


@dataclass(frozen=True, slots=True)
class Story:
    """A scenario with all that happened, for people."""

    scenario: Scenario
    findings: tuple[Finding, ...]
    moments: tuple[Moment, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """All verdicts about one cluster. `seconds` of waiting; `cached`: verdicts known from before."""

    name: str
    expected: Expectations
    base: Status
    verdicts: tuple[Verdict, ...]
    coverage: Coverage
    digest: str
    seconds: float
    cached: int
    stories: tuple[Story, ...]

    @property
    def broken(self) -> tuple[Verdict, ...]:
        """The scenarios that break an invariant, the shortest first."""
        return tuple(sorted((v for v in self.verdicts if v.findings), key=lambda verdict: size(verdict.failing)))

    @property
    def calls(self) -> int:
        return sum(verdict.calls for verdict in self.verdicts)

    def shortest(self, code: str) -> Verdict | None:
        """The shortest scenario that breaks an invariant."""
        return next((verdict for verdict in self.broken if any(f.code == code for f in verdict.findings)), None)


def prove(
    name: str,
    expected: Expectations,
    *,
    jobs: int = 2,
    directory: Path | None = None,
    progress: Progress = lambda done, of: None,
    every_pair: bool = False,
    double: bool = True,
) -> Proof:
    """Try what can fail in the cluster `name`. `directory` keeps verdicts. Raises DoesNotStart, MissingProgram."""
    begun = time.monotonic()
    cache = Cache(directory, expected)
    with scratch() as place:
        ground = ground_of(expected, Path(place))
        crew = Crew(ground, jobs, cache, progress)
        coverage = Coverage()
        verdicts = list(crew.verdicts(tuple(singles(expected, ground.base.status))))
        if double and not verdicts[0].findings:
            doubles = _Doubles(ground, verdicts, coverage, every_pair=every_pair)
            verdicts += crew.verdicts((*doubles.at_one_time(), *doubles.one_after_the_other()))
        stories = tuple(_stories(Trials(ground), verdicts))
    base = ground.base.status
    seconds = time.monotonic() - begun
    return Proof(name, expected, base, tuple(verdicts), coverage, cache.digest, seconds, cache.used, stories)


def _stories(trials: Trials, verdicts: Sequence[Verdict]) -> Iterator[Story]:
    """The shortest scenarios that break an invariant, one for each; then one of each kind of what happens to nodes."""
    told: set[object] = set()
    for verdict in sorted(verdicts, key=lambda verdict: size(verdict.failing)):
        new = {finding.code for finding in verdict.findings} - told
        if new:
            told |= new
            yield Story(verdict.failing, verdict.findings, trials.moments(verdict.failing))
    for verdict in verdicts:
        kinds = tuple(tuple(event.kind for event in moment) for moment in verdict.scenario)
        of_nodes = not any(event.resource for moment in verdict.scenario for event in moment)
        if of_nodes and verdict.scenario and kinds not in told and not verdict.findings:
            told.add(kinds)
            yield Story(verdict.scenario, (), trials.moments(verdict.scenario))


def ground_of(expected: Expectations, directory: Path) -> Ground:
    """The cluster after a start of all nodes. Raises DoesNotStart."""
    simulator = Simulator(expected.configuration, directory, quorum_device=expected.quorum_device)
    base, cold = simulator.cold_start()
    if not base.status.instances:
        reasons = "; ".join(cold.transitions[-1].errors) or "it starts no resource"
        raise DoesNotStart(f"Pacemaker cannot bring the configuration up: {reasons}; see crm_verify's complaints")
    return Ground(expected, base, cold, directory)


class _Doubles:
    """Which pairs are tried."""

    def __init__(self, ground: Ground, alone: list[Verdict], coverage: Coverage, *, every_pair: bool) -> None:
        self._expected = ground.expected
        self._base = ground.base
        self._coverage = coverage
        self._every = every_pair
        self._events = failures(ground.expected, ground.base.status)
        self._ties = Ties(ground.expected)
        self._first: dict[Event, First] = {
            verdict.scenario[0][0]: verdict.first
            for verdict in alone
            if verdict.first is not None and len(verdict.scenario[0]) == 1
        }
        for event, first in tuple(self._first.items()):
            alike = replace(event, kind=Kind.MONITOR)
            if event.kind is Kind.STOP and alike in self._first:
                self._first[event] = replace(first, concerned=self._first[alike].concerned)
        # After a state that breaks something already, nothing more is asked.
        self._sound = {
            verdict.scenario[0][0]
            for verdict in alone
            if verdict.scenario and len(verdict.scenario[0]) == 1 and not (verdict.findings and verdict.moment == 0)
        }
        self._around = {event: self._ties.around(first.concerned) for event, first in self._first.items()}

    def at_one_time(self) -> Iterator[Scenario]:
        for one, other in pairs(self._events):
            if not (self._every or self._touch(one, other)):
                self._coverage.apart += 1
                continue
            self._coverage.tried += 1
            moment = (one, other)
            back = returns(moment)
            yield (moment, back) if back else (moment,)

    def one_after_the_other(self) -> Iterator[Scenario]:
        seen = {self._base.key}
        for one in self._events:
            first = self._first.get(one)
            if first is None or one not in self._sound:
                continue
            status = first.status if first.status is not None else self._base.status
            for other in failures(self._expected, status):
                if one.kind is not Kind.START and not together(one, other) and other.kind is not Kind.MONITOR:
                    continue
                if first.key in seen:
                    self._coverage.same += 1
                elif not (self._every or self._touch(one, other)):
                    self._coverage.apart += 1
                else:
                    self._coverage.tried += 1
                    yield ((one,), (other,))
            seen.add(first.key)

    def _touch(self, one: Event, other: Event) -> bool:
        if not (one.resource and other.resource):
            # The loss of a node concerns everything.
            return True
        first, second = self._first.get(one), self._first.get(other)
        if first is None or second is None:
            return True
        return meet(self._around[one], second.concerned) or meet(first.concerned, self._around[other])
