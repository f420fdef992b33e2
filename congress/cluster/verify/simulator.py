"""Pacemaker's own scheduler, asked by `crm_simulate` what a cluster does, until it does nothing more."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import tostring

from congress.cluster.pacemaker.cib import cib, configuration_element, primitives, remotes
from congress.cluster.pacemaker.reading import Instance, Simulated, Status, parsed, simulated
from congress.cluster.pacemaker.resources import INFINITY, Clone, Configuration
from congress.cluster.verify.events import (
    Event,
    Kind,
    forget_cancelled,
    note_fencing,
    restore,
    set_promotion_scores,
    set_quorum,
)
from congress.cluster.verify.programs import run
from congress.errors import CongressError

TRANSITIONS = 8
"""How many transitions a cluster may need to settle. A failed stop needs two, a cold start with promotions four."""

SCORE = "100"
NOW, LATER = "2020-01-01T00:00:00Z", "2100-01-01T00:00:00Z"
"""The times that the scheduler believes it is: so that no failure expires while its consequences are judged, and so
that each one has expired that ever does."""

MEMORY = "/dev/shm"  # noqa: S108 - a place, not a file


def scratch() -> tempfile.TemporaryDirectory[str]:
    """A directory for simulators, in memory where there is a place for that: they write a lot."""
    return tempfile.TemporaryDirectory(prefix="congress-verify-", dir=MEMORY if os.access(MEMORY, os.W_OK) else None)


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


class Simulator:
    """Runs `crm_simulate` on files in a directory, in which others may do the same.

    `quorum_device`: whether one more vote is with those who remain."""

    def __init__(self, configuration: Configuration, directory: Path, *, quorum_device: bool = False) -> None:
        self.configuration = configuration
        self._members = frozenset(configuration.nodes)
        self._device = quorum_device
        self._promotable = {
            resource.primitive.id: SCORE
            for resource in configuration.resources
            if isinstance(resource, Clone) and resource.promotable
        }
        self._cib = cib(configuration)
        self._original = configuration_element(configuration)
        self._input = directory / f"{os.getpid()}-input.xml"
        self._output = directory / f"{os.getpid()}-output.xml"
        self._remotes = frozenset(remote.id for remote in remotes(configuration))
        self._counted = _failures_count(configuration)
        self._at_rest: set[str] = set()
        self.calls = 0

    def cold_start(self) -> tuple[State, Moment]:
        """All nodes come up and start what they should. Raises DoesNotStart."""
        arguments = [word for node in self.configuration.nodes for word in ("-u", node)]
        blank = Status({}, ())
        first = State(tostring(self._cib, encoding="unicode"), blank, "", frozenset(), quorate=True)
        state, moment = self._settle(first, (Event(Kind.COLD),), arguments, frozenset(), quorate=True)
        if not state.status.nodes:
            raise DoesNotStart("Pacemaker finds no node in the configuration; see the clusters' `nodes`")
        return state, moment

    def after(self, state: State, events: Sequence[Event]) -> tuple[State, Moment]:
        """What becomes of a cluster at rest when all of the events happen at one time."""
        root = parsed(state.text)
        gone = set(state.gone)
        arguments: list[str] = []
        for event in events:
            arguments.extend(event.arguments())
            if event.lost or event.kind is Kind.LEAVE:
                gone.add(event.node)
            elif event.kind is Kind.BACK:
                gone.discard(event.node)
        quorate = self.has_quorum(frozenset(gone))
        for event in events:
            event.edit(root, self._original)
        if not quorate and any(event.lost for event in events):
            # Without quorum nobody is fenced anyway; and a cluster that has no devices is not told from one at peace.
            restore(root, self._original)
        set_quorum(root, quorate)
        changed = State(tostring(root, encoding="unicode"), state.status, "", frozenset(gone), quorate)
        return self._settle(changed, tuple(events), arguments, frozenset(gone), quorate=quorate)

    def has_quorum(self, gone: frozenset[str]) -> bool:
        """Whether those who are left have more than half of all votes."""
        device = 1 if self._device else 0
        left = len(self._members - gone)
        return left > 0 and 2 * (left + device) > len(self._members) + device

    def _settle(
        self, state: State, events: tuple[Event, ...], arguments: Sequence[str], gone: frozenset[str], *, quorate: bool
    ) -> tuple[State, Moment]:
        text, start = state.text, state.status
        now = LATER if any(event.kind is Kind.LATER for event in events) else NOW
        transitions: list[Simulated] = []
        settled = False
        key = ""
        for number in range(TRANSITIONS):
            result, text, told = self._step(text, () if number else arguments, now)
            transitions.append(result)
            key = self._key(result.after, text, quorate=quorate)
            injected = number == 0 and bool(arguments)
            known = now == NOW and key in self._at_rest
            if result.code == 0 and (known or not (result.steps or told or injected)):
                settled = True
                break
            if number and _again(transitions[-2], result):
                break
        if settled and now == NOW:
            self._at_rest.add(key)
        new = State(text, transitions[-1].after, key, gone, quorate)
        return new, Moment(events, quorate, start, tuple(transitions), settled)

    def _step(self, text: str, arguments: Sequence[str], now: str) -> tuple[Simulated, str, bool]:
        """One transition: what it did, the `<cib>` after it, and whether agents have told something since."""
        self._input.write_text(text)
        self._output.unlink(missing_ok=True)
        self.calls += 1
        files = ("-x", str(self._input), "-O", str(self._output))
        done = run(["crm_simulate", "-S", "--output-as=xml", "-t", now, *files, *arguments])
        result = simulated(done.out, done.code)
        root = parsed(self._output.read_text() if self._output.exists() else text)
        forget_cancelled(root)
        for step in result.steps:
            if step.node in self._remotes and step.kind == "fence":
                note_fencing(root, step.node, fenced=True)
            elif step.resource in self._remotes and step.operation == "start":
                note_fencing(root, step.resource, fenced=False)
        told = set_promotion_scores(root, self._promotable)
        return result, tostring(root, encoding="unicode"), told


    def _key(self, status: Status, text: str, *, quorate: bool) -> str:
        """States with the same key lead to the same answers: nodes, roles, where things may not run, settings."""
        root = parsed(text)
        failures = sorted(
            f"{node.get('uname')} {value.get('name')} {value.get('value')}"
            for node in root.iterfind("status/node_state")
            for value in node.iter("nvpair")
            if (value.get("name") or "").startswith("fail-count-") and self._counts(value.get("value") or "")
        )
        configuration = root.find("configuration")
        settings = tostring(configuration, encoding="unicode") if configuration is not None else ""
        parts: list[object] = [
            quorate,
            sorted((node.name, node.condition) for node in status.nodes.values()),
            [_essential(instance) for instance in status.instances],
            failures,
            "".join(settings.split()),
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


def _again(one: Simulated, other: Simulated) -> bool:
    """Whether a transition led to nothing but itself."""
    return one.code == other.code and one.steps == other.steps and one.after == other.after


def _essential(instance: Instance) -> tuple[object, ...]:
    return (instance.resource, instance.node, instance.role, instance.failed, instance.blocked)
