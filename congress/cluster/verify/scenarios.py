"""What is tried: every failure alone, with what follows it, and every two.

A scenario is a tuple of moments. The events of a moment happen at one time; the cluster comes to rest before the next.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from typing import TypeAlias

from congress.cluster.pacemaker.cib import milliseconds, primitives
from congress.cluster.pacemaker.reading import Instance, Status
from congress.cluster.pacemaker.resources import Primitive
from congress.cluster.verify.events import RESOURCE_KINDS, Event, Kind
from congress.cluster.verify.expectations import Expectations

Scenario: TypeAlias = tuple[tuple[Event, ...], ...]

RESUME = Event(Kind.RESUME)
FENCING_WORKS = Event(Kind.FENCING_WORKS)
ORDER = tuple(Kind)
COLD: Scenario = ()
"""Nothing but the start of all nodes, with which each scenario begins."""


def title(scenario: Scenario) -> str:
    """A sentence for people; also what a scenario is known by."""
    return "; then ".join(" and ".join(map(str, moment)) for moment in scenario) or "all nodes start"


def size(scenario: Scenario) -> tuple[int, int, list[int], str]:
    """For the shortest of several: the number of events, of moments; then what is least unusual."""
    kinds = [ORDER.index(event.kind) for moment in scenario for event in moment]
    return len(kinds), len(scenario), kinds, title(scenario)


def failures(expected: Expectations, status: Status) -> tuple[Event, ...]:
    """Everything that can fail in a cluster in this state."""
    members = [name for name in expected.configuration.nodes if status.nodes[name].online]
    nodes = [Event(kind, node) for node in members for kind in (Kind.CRASH, Kind.STUCK)]
    return (*nodes, *resource_failures(expected, status))


def resource_failures(expected: Expectations, status: Status) -> tuple[Event, ...]:
    """Every way in which each instance that runs can fail."""
    known = {
        primitive.id: primitive
        for primitive in (*primitives(expected.configuration.resources), *expected.configuration.fencing)
    }
    found: list[Event] = []
    for instance in status.live():
        if not instance.failed and not instance.blocked and instance.resource in known:
            found.extend(_failures(known[instance.resource], instance, expected))
    return tuple(found)


def _failures(primitive: Primitive, instance: Instance, expected: Expectations) -> Iterator[Event]:
    interval = _interval(primitive, instance.role)
    device = primitive.id in expected.devices
    for kind in RESOURCE_ORDER:
        noticed = kind is Kind.START or interval is not None
        if not noticed or (device and kind is not Kind.MONITOR):
            continue
        if kind is Kind.PROMOTE and instance.role != "Promoted":
            continue
        yield Event(kind, instance.node, primitive.id, instance.name, interval or 0)


RESOURCE_ORDER = tuple(kind for kind in Kind if kind in RESOURCE_KINDS)


def _interval(primitive: Primitive, role: str) -> int | None:
    """Of the monitor that would notice, in milliseconds; None when nothing would."""
    monitors = [op for op in primitive.operations if op.name == "monitor" and op.interval]
    own = [op for op in monitors if op.role == role] or [op for op in monitors if op.role is None]
    return milliseconds(own[0].interval) if own else None


def singles(expected: Expectations, base: Status) -> Iterator[Scenario]:
    """Each failure alone, with what comes after it: return, fencing that works again, the end of maintenance, time."""
    yield COLD
    members = expected.configuration.nodes
    for event in failures(expected, base):
        match event.kind:
            case Kind.CRASH:
                yield ((event,), (Event(Kind.BACK, event.node),))
            case Kind.STUCK:
                yield ((event,), (FENCING_WORKS,), (Event(Kind.BACK, event.node),))
            case _:
                lasts = event.kind is Kind.START or event.resource in expected.remotes
                if lasts and event.resource in expected.forgetful:
                    yield ((event,), (replace(event, kind=Kind.LATER),))
                else:
                    yield ((event,),)
    for node in members:
        yield ((Event(Kind.STANDBY, node),), (Event(Kind.LEAVE, node),), (Event(Kind.BACK, node),))
        yield ((Event(Kind.STANDBY, node),), (RESUME,))
        yield ((Event(Kind.NODE_MAINTENANCE, node),), (RESUME,))
    # A node alone: what one sees that is cut off, or all when the network is gone.
    if len(members) > 1:
        for node in members:
            others = [other for other in members if other != node]
            cut = tuple(Event(Kind.CRASH, other) for other in others)
            yield (cut, tuple(Event(Kind.BACK, other) for other in others))
    maintenance = (Event(Kind.MAINTENANCE),)
    yield (maintenance, (RESUME,))
    seen = set()
    for event in resource_failures(expected, base):
        if event.kind is Kind.MONITOR and event.resource not in seen:
            seen.add(event.resource)
            yield (maintenance, (event,), (RESUME,))


def together(one: Event, other: Event) -> bool:
    """Whether two failures can happen at one time: not to one instance, not to what is lost anyway."""
    if one.kind in RESOURCE_KINDS and other.kind in RESOURCE_KINDS:
        return (one.instance, one.node) != (other.instance, other.node)
    return one.node != other.node


def pairs(events: tuple[Event, ...]) -> Iterator[tuple[Event, Event]]:
    """All of two failures at one time."""
    for one, other in combinations(events, 2):
        if together(one, other):
            yield one, other


def returns(moment: tuple[Event, ...]) -> tuple[Event, ...]:
    """The return of all that went at a moment, where only nodes did."""
    if all(event.kind is Kind.CRASH for event in moment):
        return tuple(Event(Kind.BACK, event.node) for event in moment)
    return ()
