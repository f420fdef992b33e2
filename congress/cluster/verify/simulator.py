"""Pacemaker's own scheduler, asked by `crm_simulate` what a cluster does, until it does nothing more."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from xml.etree.ElementTree import tostring

from congress.cluster.pacemaker.cib import cib, configuration_element, primitives, remotes
from congress.cluster.pacemaker.reading import Instance, Simulated, Status, Step, parsed, simulated
from congress.cluster.pacemaker.resources import INFINITY, Clone, Configuration
from congress.cluster.verify.essence import essence
from congress.cluster.verify.events import TOLD, Event, Kind
from congress.cluster.verify.programs import run
from congress.cluster.verify.states import (
    failure_counts,
    forget_cancelled,
    has_cancelled,
    lacks_promotion_scores,
    note_fencing,
    restore,
    set_promotion_scores,
    with_quorum,
)
from congress.errors import CongressError

TRANSITIONS = 8
"""How many transitions a cluster may need to settle. A failed stop needs two, a cold start with promotions four."""

SCORE = "100"
NOW, LATER = "2020-01-01T00:00:00Z", "2100-01-01T00:00:00Z"
"""The times that the scheduler believes it is: so that no failure expires while its consequences are judged, and so
that each one has expired that ever does."""

UNCHECKED = "Pacemaker 2."
"""Versions that can be told not to compare a file with its schema; later ones always do."""

MEMORY = "/dev/shm"  # noqa: S108 - a place, not a file


def scratch() -> tempfile.TemporaryDirectory[str]:
    """A directory for simulators, in memory where there is a place for that: they write a lot."""
    return tempfile.TemporaryDirectory(prefix="congress-verify-", dir=MEMORY if os.access(MEMORY, os.W_OK) else None)


@cache
def version() -> str:
    """Of Pacemaker, as its tools say it. Raises MissingProgram."""
    return run(["crm_simulate", "--version"]).out.partition("\n")[0]


class DoesNotStart(CongressError):
    """A configuration that Pacemaker cannot bring up even when nothing fails, so that there is nothing to prove."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What events led to: `start` (before them), the transitions in order, the end. `settled`: nothing more is to be
    done. `quorate`: whether the part of the cluster that is looked at has quorum."""

    events: tuple[Event, ...]
    quorate: bool
    start: Status
    transitions: tuple[Simulated, ...]
    settled: bool

    @property
    def end(self) -> Status:
        return self.transitions[-1].after

    @property
    def lost(self) -> frozenset[str]:
        """The nodes that went without a word."""
        return frozenset(event.node for event in self.events if event.lost)


@dataclass(frozen=True, slots=True)
class State:
    """A cluster at rest: the whole `<cib>` with its status. `key`: the same for states that nothing tells apart but the
    history of what was done. `gone`: nodes that are lost or have left, which have no vote."""

    text: str
    status: Status
    key: str
    gone: frozenset[str]
    quorate: bool


@dataclass(frozen=True, slots=True)
class _Onward:
    """What a cluster does from some state until it rests."""

    transitions: tuple[Simulated, ...]
    text: str
    key: str


class Simulator:
    """Runs `crm_simulate` on files in a directory, in which others may do the same.

    `quorum_device`: whether one more vote is with those who remain. `bare`: whether the scheduler gets the essence,
    for states that began with this one's cold start. `remembers`: whether it is asked only once what happens in states
    that nothing tells apart."""

    def __init__(
        self,
        configuration: Configuration,
        directory: Path,
        *,
        quorum_device: bool = False,
        bare: bool = False,
        remembers: bool = False,
    ) -> None:
        configuration = essence(configuration) if bare else configuration
        self.configuration = configuration
        self._members = frozenset(configuration.nodes)
        self._device = quorum_device
        self._remembers = remembers
        self._promotable = {
            resource.primitive.id: SCORE
            for resource in configuration.resources
            if isinstance(resource, Clone) and resource.promotable
        }
        self._cib = cib(configuration)
        if bare and version().startswith(UNCHECKED):
            # `crm_verify` has judged the schema; to judge it in each transition takes a third of the time.
            self._cib.set("validate-with", "none")
        self._original = configuration_element(configuration)
        self._input = directory / f"{os.getpid()}-input.xml"
        self._output = directory / f"{os.getpid()}-output.xml"
        self._remotes = frozenset(remote.id for remote in remotes(configuration))
        self._counted = _failures_count(configuration)
        self._onward: dict[str, _Onward] = {}
        self.calls = 0

    def cold_start(self) -> tuple[State, Moment]:
        """All nodes come up and start what they should. Raises DoesNotStart."""
        arguments = [word for node in self.configuration.nodes for word in ("-u", node)]
        blank = Status({}, ())
        first = State(tostring(self._cib, encoding="unicode"), blank, "", frozenset(), quorate=True)
        state, moment = self._settle(first, (Event(Kind.COLD),), arguments)
        if not state.status.nodes:
            raise DoesNotStart("Pacemaker finds no node in the configuration; see the clusters' `nodes`")
        return state, moment

    def after(self, state: State, events: Sequence[Event]) -> tuple[State, Moment]:
        """What becomes of a cluster at rest when all of the events happen at one time."""
        gone = set(state.gone)
        arguments: list[str] = []
        for event in events:
            arguments.extend(event.arguments())
            if event.lost or event.kind is Kind.LEAVE:
                gone.add(event.node)
            elif event.kind is Kind.BACK:
                gone.discard(event.node)
        quorate = self.has_quorum(frozenset(gone))
        # Without quorum nobody is fenced anyway; and a cluster that has no devices is not told from one at peace.
        whole = not quorate and any(event.lost for event in events)
        text = state.text
        if whole or any(event.kind not in TOLD for event in events):
            root = parsed(text)
            for event in events:
                event.edit(root, self._original)
            if whole:
                restore(root, self._original)
            text = tostring(root, encoding="unicode")
        changed = State(with_quorum(text, quorate=quorate), state.status, "", frozenset(gone), quorate)
        return self._settle(changed, tuple(events), arguments)

    def has_quorum(self, gone: frozenset[str]) -> bool:
        """Whether those who are left have more than half of all votes."""
        device = 1 if self._device else 0
        left = len(self._members - gone)
        return left > 0 and 2 * (left + device) > len(self._members) + device

    def _settle(self, state: State, events: tuple[Event, ...], arguments: Sequence[str]) -> tuple[State, Moment]:
        text, key, settled = state.text, "", False
        now = LATER if any(event.kind is Kind.LATER for event in events) else NOW
        transitions: list[Simulated] = []
        keys: list[str] = []
        while len(transitions) < TRANSITIONS:
            injected = () if transitions else arguments
            result, text, told = self._step(text, injected, now)
            transitions.append(result)
            key = self._key(result.after, text, quorate=state.quorate)
            keys.append(key)
            onward = self._onward.get(key) if result.code == 0 and now == NOW else None
            if onward is not None:
                transitions.extend(onward.transitions)
                settled = len(transitions) <= TRANSITIONS
                if onward.transitions:
                    text, key = onward.text, onward.key
                break
            if result.code == 0 and not (result.steps or told or injected):
                settled = True
                break
            if len(transitions) > 1 and _again(transitions[-2], result):
                break
        if settled and now == NOW:
            self._remember(keys, transitions, text, key)
        new = State(text, transitions[-1].after, key, state.gone, state.quorate)
        return new, Moment(events, state.quorate, state.status, tuple(transitions), settled)

    def _remember(self, keys: Sequence[str], transitions: Sequence[Simulated], text: str, last: str) -> None:
        self._onward.setdefault(last, _Onward((), text, last))
        if self._remembers:
            for number, key in enumerate(keys, 1):
                rest = tuple(transitions[number:])
                if key != last and not any(transition.code for transition in rest):
                    self._onward.setdefault(key, _Onward(rest, text, last))

    def _step(self, text: str, arguments: Sequence[str], now: str) -> tuple[Simulated, str, bool]:
        """One transition: what it did, the `<cib>` after it, and whether agents have told something since."""
        self._input.write_text(text)
        self._output.unlink(missing_ok=True)
        self.calls += 1
        files = ("-x", str(self._input), "-O", str(self._output))
        done = run(["crm_simulate", "-S", "--output-as=xml", "-t", now, *files, *arguments])
        result = simulated(done.out, done.code)
        text = self._output.read_text() if self._output.exists() else text
        fencing = [(remote, fenced) for remote, fenced in map(_of_remote, result.steps) if remote in self._remotes]
        if not (fencing or has_cancelled(text) or lacks_promotion_scores(text, self._promotable)):
            return result, text, False
        root = parsed(text)
        forget_cancelled(root)
        for remote, fenced in fencing:
            note_fencing(root, remote, fenced=fenced)
        told = set_promotion_scores(root, self._promotable)
        return result, tostring(root, encoding="unicode"), told

    def _key(self, status: Status, text: str, *, quorate: bool) -> str:
        """States with the same key lead to the same answers: nodes, roles, where things may not run, settings."""
        settings = "".join(text[text.index("<configuration") : text.index("<status")].split())
        # What a node that will be fenced failed to do does not matter any more.
        lost = {node.name for node in status.nodes.values() if node.unclean}
        forgotten = lost if quorate and 'class="stonith"' in settings else set()
        parts: list[object] = [
            quorate,
            sorted((node.name, node.condition) for node in status.nodes.values()),
            [_essential(instance, forgotten=instance.node in forgotten) for instance in status.instances],
            sorted(
                f"{node} {name} {value}"
                for node, name, value in failure_counts(text)
                if node not in forgotten and self._counts(value)
            ),
            settings,
        ]
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:24]

    def _counts(self, failures: str) -> bool:
        """Whether so many failures change what the cluster does; two more may follow."""
        return self._counted or failures in ("INFINITY", str(INFINITY))


def _failures_count(configuration: Configuration) -> bool:
    """Whether a second failure is one too many, so that a first one is no matter of the past."""
    thresholds = [configuration.resource_defaults.get("migration-threshold")]
    thresholds += [primitive.meta.get("migration-threshold") for primitive in primitives(configuration.resources)]
    return any(threshold is not None and threshold.isdigit() and 0 < int(threshold) < 3 for threshold in thresholds)


def _of_remote(step: Step) -> tuple[str, bool]:
    """The remote node that a step may be about, and whether it is fenced (or connected to)."""
    if step.kind == "fence":
        return step.node, True
    return (step.resource if step.operation == "start" else ""), False


def _again(one: Simulated, other: Simulated) -> bool:
    """Whether a transition led to nothing but itself."""
    return one.code == other.code and one.steps == other.steps and one.after == other.after


def _essential(instance: Instance, *, forgotten: bool) -> tuple[object, ...]:
    failed = not forgotten and instance.failed
    return (instance.resource, instance.node, instance.role, failed, not forgotten and instance.blocked)
