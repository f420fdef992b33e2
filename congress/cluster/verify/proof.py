"""The proof for one cluster: every failure alone, and every two, at one time and one after the other."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from congress.cluster.pacemaker.reading import Status
from congress.cluster.verify.cache import Cache
from congress.cluster.verify.crew import Crew, Ground, Progress, Trials
from congress.cluster.verify.doubles import Coverage, Doubles
from congress.cluster.verify.expectations import Expectations
from congress.cluster.verify.invariants import Finding
from congress.cluster.verify.scenarios import Scenario, singles, size
from congress.cluster.verify.simulator import DoesNotStart, Moment, Simulator, scratch
from congress.cluster.verify.verdict import Verdict


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
    """Try what can fail in the cluster `name`. `directory` keeps verdicts; `every_pair`: conclude nothing about a pair
    from others. Raises DoesNotStart, MissingProgram."""
    begun = time.monotonic()
    cache = Cache(directory, expected)
    with scratch() as place:
        ground = replace(ground_of(expected, Path(place)), remembers=not every_pair)
        crew = Crew(ground, jobs, cache, progress)
        coverage = Coverage()
        verdicts = list(crew.verdicts(tuple(singles(expected, ground.base.status))))
        if double and not verdicts[0].findings:
            doubles = Doubles(expected, ground.base.status, ground.base.key, verdicts, every=every_pair)
            verdicts += _of_bunches(crew, doubles)
            coverage = doubles.coverage
        stories = tuple(_stories(Trials(ground), verdicts))
    base = ground.base.status
    seconds = time.monotonic() - begun
    return Proof(name, expected, base, tuple(verdicts), coverage, cache.digest, seconds, cache.used, stories)


def _of_bunches(crew: Crew, doubles: Doubles) -> Iterator[Verdict]:
    """Try the pairs, together as far as that says the same."""
    bunches = {bunch.joint: bunch for bunch in doubles.bunches()}
    torn: list[Scenario] = []
    for verdict in crew.verdicts(tuple(bunches)):
        bunch = bunches[verdict.scenario]
        if verdict.findings and len(bunch.parts) > 1:
            # Which of them is it? More than two failures at one time are not promised to be answered.
            doubles.took_apart(bunch)
            torn.extend(bunch.parts)
        else:
            yield verdict
    yield from crew.verdicts(tuple(torn))


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
    simulator = Simulator(expected.configuration, directory, quorum_device=expected.quorum_device, bare=True)
    base, cold = simulator.cold_start()
    if not base.status.instances:
        reasons = "; ".join(cold.transitions[-1].errors) or "it starts no resource"
        raise DoesNotStart(f"Pacemaker cannot bring the configuration up: {reasons}; see crm_verify's complaints")
    return Ground(expected, base, cold, directory)
