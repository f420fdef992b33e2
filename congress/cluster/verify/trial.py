"""What one scenario led to, as the invariants look at it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from congress.cluster.pacemaker.reading import Simulated, Status, Step
from congress.cluster.verify.events import Event, Kind
from congress.cluster.verify.expectations import Expectations
from congress.cluster.verify.simulator import Moment

Roles = dict[str, dict[str, str]]
"""primitive -> node -> role, as a transition goes on."""

CHANGES = frozenset(("start", "stop", "promote", "demote"))
UP = {"start": "Started", "promote": "Promoted", "demote": "Unpromoted"}


@dataclass(frozen=True, slots=True)
class Trial:
    """`base`: the undisturbed cluster; `before`: all events of earlier moments; `now`: what is judged."""

    expected: Expectations
    base: Status
    before: tuple[Event, ...]
    now: Moment

    @property
    def events(self) -> tuple[Event, ...]:
        return (*self.before, *self.now.events)

    @property
    def maintained(self) -> frozenset[str]:
        """The nodes in maintenance."""
        nodes: set[str] = set()
        for event in self.events:
            if event.kind is Kind.MAINTENANCE:
                nodes |= set(self.base.nodes)
            elif event.kind is Kind.NODE_MAINTENANCE:
                nodes.add(event.node)
            elif event.kind is Kind.RESUME:
                nodes.clear()
        return frozenset(nodes)

    @property
    def stuck(self) -> frozenset[str]:
        """The nodes that are lost and cannot be fenced."""
        nodes: set[str] = set()
        fencing = True
        for event in self.events:
            if event.kind is Kind.STUCK:
                fencing = False
            elif event.kind is Kind.FENCING_WORKS:
                fencing = True
                nodes.clear()
            if event.lost and not fencing:
                nodes.add(event.node)
        # Several at one time: none of them can be fenced.
        if not fencing:
            nodes |= {event.node for event in self.now.events if event.lost}
        return frozenset(nodes)

    @property
    def barred(self) -> frozenset[tuple[str, str]]:
        """(primitive, node): what cannot work there, because it failed for good, or needs what did."""
        failed: set[tuple[str, str]] = set()
        for event in self.events:
            if event.kind is Kind.LATER:
                failed = {(resource, node) for resource, node in failed if resource != event.resource}
            elif event.resource in self.expected.remotes:
                # A connection that was lost is not tried again before its time.
                failed |= {(event.resource, node) for node in self.expected.configuration.nodes}
            elif event.kind in (Kind.START, Kind.PROMOTE):
                failed.add((event.resource, event.node))
            elif event.kind is Kind.BACK:
                failed = {(resource, node) for resource, node in failed if node != event.node}
        after = {(then, node) for resource, node in failed for then in self.expected.dependents(resource)}
        return frozenset(failed | after)


def roles(status: Status) -> Roles:
    found: Roles = {}
    for instance in status.instances:
        if instance.active:
            found.setdefault(instance.resource, {})[instance.node] = instance.role
    return found


def replay(transition: Simulated) -> Iterator[tuple[Step, Roles]]:
    """Each step with the roles just before it. The roles are one value that changes."""
    now = roles(transition.before)
    for step in transition.steps:
        yield step, now
        if step.kind == "fence":
            for nodes in now.values():
                nodes.pop(step.node, None)
        elif step.operation in UP:
            now.setdefault(step.resource, {})[step.node] = UP[step.operation]
        elif step.operation == "stop":
            now.get(step.resource, {}).pop(step.node, None)


def unlike(base: Status, end: Status) -> Mapping[str, str]:
    """For people: resource -> where it ran and where it runs now, for all that changed."""
    first, last = roles(base), roles(end)
    changed = {}
    for resource in sorted({*first, *last}):
        if first.get(resource) != last.get(resource):
            changed[resource] = f"{_places(first.get(resource, {}))} -> {_places(last.get(resource, {}))}"
    return changed


def _places(nodes: Mapping[str, str]) -> str:
    return ", ".join(sorted(nodes)) or "nowhere"
