"""What has to be true of a cluster whatever happens to it. Each invariant looks at one moment of a scenario and says
where it is broken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from congress.cluster.verify.events import RESOURCE_KINDS, Kind
from congress.cluster.verify.trial import CHANGES, Roles, Trial, replay, roles

NEVER = frozenset(("I1", "I2", "I3"))


class Invariant(NamedTuple):
    """`sentence`: what is proven, for people."""

    code: str
    sentence: str
    check: Callable[[Trial], Iterator[str]]


class Finding(NamedTuple):
    """Where an invariant is broken."""

    code: str
    what: str


def findings(trial: Trial) -> tuple[Finding, ...]:
    """All that is wrong at a moment."""
    # A cluster whose devices are taken away, as a failure of fencing is tried, starts nothing at all. What else fails
    # then waits for that reason alone; only what must never happen is judged.
    waits = bool(trial.stuck) and trial.now.quorate and any(event.kind in RESOURCE_KINDS for event in trial.events)
    invariants = [invariant for invariant in INVARIANTS if not waits or invariant.code in NEVER]
    return tuple(
        Finding(invariant.code, what) for invariant in invariants for what in dict.fromkeys(invariant.check(trial))
    )


def _one_at_a_time(trial: Trial) -> Iterator[str]:
    expected = trial.expected
    for transition in trial.now.transitions:
        for step, now in replay(transition):
            if step.kind != "action" or step.operation != "start" or not expected.single(step.resource):
                continue
            others = set(now.get(step.resource, {})) - {step.node} - trial.now.lost
            if others:
                yield f"{step.resource} starts on {step.node} while it runs on {_list(others)}"
    live: Roles = {}
    for instance in trial.now.end.live():
        live.setdefault(instance.resource, {})[instance.node] = instance.role
    for resource, nodes in live.items():
        if expected.single(resource) and len(nodes) > 1:
            yield f"{resource} runs on {_list(nodes)}"
        promoted = [node for node, role in nodes.items() if role == "Promoted"]
        if len(promoted) > expected.promoted.get(resource, len(promoted)):
            yield f"{resource} is promoted on {_list(promoted)}"


def _fenced_first(trial: Trial) -> Iterator[str]:
    if not trial.now.quorate:
        return
    fenced: set[str] = set()
    down = trial.now.lost | trial.stuck
    for transition in trial.now.transitions:
        for step, now in replay(transition):
            if step.kind == "fence":
                fenced.add(step.node)
            elif step.operation == "start" and not trial.expected.clones.get(step.resource):
                unsafe = (set(now.get(step.resource, {})) & down) - fenced
                if unsafe and step.resource not in trial.expected.devices:
                    yield f"{step.resource} starts on {step.node} before {_list(unsafe)}, where it may run, is fenced"
    members = set(trial.expected.configuration.nodes)
    forgotten = (trial.now.lost & members) - fenced - trial.stuck
    if forgotten and not trial.maintained:
        yield f"{_list(forgotten)} is lost, and is not fenced"
    for node in trial.stuck & set(trial.now.end.nodes):
        if not trial.now.end.nodes[node].unclean and node not in fenced:
            yield f"{node} is taken for dead though nobody fenced it"


def _nothing_without_quorum(trial: Trial) -> Iterator[str]:
    if trial.now.quorate:
        return
    for transition in trial.now.transitions:
        for step in transition.steps:
            if step.kind == "fence":
                # A node may end itself, and nobody else.
                if step.node not in trial.now.end.nodes or step.node in trial.now.lost:
                    yield f"{step.node} is fenced without quorum"
            elif step.operation in ("start", "promote"):
                yield f"{step.operation} of {step.resource} on {step.node} without quorum"


def _settles(trial: Trial) -> Iterator[str]:
    if trial.now.settled:
        return
    refused = next((t for t in trial.now.transitions if t.code), None)
    if refused is not None:
        reason = "; ".join(refused.errors) or f"status {refused.code}"
        yield f"a transition cannot be carried out ({reason}): something waits for what cannot happen"
        return
    last = trial.now.transitions[-1]
    again = sorted({step.resource for step in last.steps if step.operation in CHANGES})
    yield f"after {len(trial.now.transitions)} transitions there is still something to do: {', '.join(again)}"


def _restored(trial: Trial) -> Iterator[str]:
    if not trial.now.quorate or trial.maintained:
        return
    end = roles(trial.now.end)
    works = {name for name, node in trial.now.end.nodes.items() if node.works}
    members = set(trial.expected.configuration.nodes)
    barred = trial.barred
    waiting = _waits_for_fencing(trial)
    for resource, nodes in roles(trial.base).items():
        if resource in trial.expected.devices:
            continue
        now = {node for node in end.get(resource, {}) if node in works}
        if trial.expected.single(resource):
            possible = {node for node in works & members if (resource, node) not in barred}
            if not now and possible and resource not in waiting:
                yield f"{resource} runs nowhere, though {_list(possible)} could run it"
            continue
        missing = {node for node in nodes if node in works and (resource, node) not in barred} - now
        if missing and resource not in waiting:
            yield f"{resource} is not back on {_list(missing)}"
        promoted = {node for node in now if end[resource][node] == "Promoted"}
        if now and not promoted and "Promoted" in nodes.values() and resource not in waiting:
            yield f"{resource} is promoted nowhere"


def _waits_for_fencing(trial: Trial) -> frozenset[str]:
    """What may be missing while a node that ran it, or ran what it needs, cannot be fenced; and all that changes then,
    since a cluster whose devices do not work starts nothing."""
    if not trial.stuck:
        return frozenset()
    kept = {resource for resource, nodes in roles(trial.now.start).items() if set(nodes) & trial.stuck}
    kept |= {event.resource for event in trial.events if event.kind in RESOURCE_KINDS}
    return frozenset(kept.union(*(trial.expected.dependents(resource) for resource in kept)))


def _empty_without_quorum(trial: Trial) -> Iterator[str]:
    if trial.now.quorate or trial.maintained:
        return
    # A partial member whose connection is lost with the node that had it is out of reach; what it runs is its own.
    reached = set(trial.expected.configuration.nodes)
    start = roles(trial.now.start)
    gone = {event.node for event in trial.events if event.lost}
    reached |= {remote for remote in trial.expected.remotes if set(start.get(remote, {})) - gone}
    left = sorted({i.resource for i in trial.now.end.live() if i.node in reached} - trial.expected.devices)
    if left:
        yield f"{len(left)} resources still run without quorum: {', '.join(left)}"


def _addresses_at_proxies(trial: Trial) -> Iterator[str]:
    if trial.maintained:
        return
    live: dict[str, set[str]] = {}
    for instance in trial.now.end.live():
        if not instance.failed:
            live.setdefault(instance.resource, set()).add(instance.node)
    for address, proxies in trial.expected.proxied.items():
        served = set().union(*(live.get(proxy, set()) for proxy in proxies))
        for node in live.get(address, set()) - served:
            yield f"{address} is on {node}, where {_list(proxies)} does not run"


def _in_order(trial: Trial) -> Iterator[str]:
    if trial.maintained:
        return
    for transition in trial.now.transitions:
        started = {(step.resource, step.node, step.operation): index for index, step in enumerate(transition.steps)}
        for index, (step, now) in enumerate(replay(transition)):
            if step.kind != "action" or step.operation != "start":
                continue
            for need in trial.expected.needs:
                if need.then != step.resource or not need.ordered:
                    continue
                first = now.get(need.first, {})
                if need.local and need.first in trial.expected.clones:
                    first = {node: role for node, role in first.items() if node == step.node}
                have = any(role == "Promoted" or not need.promoted for role in first.values())
                later = started.get((need.first, step.node, "promote" if need.promoted else "start"), -1) > index
                if not have and later:
                    yield f"{step.resource} starts on {step.node} before {need.first}, which it needs"


def _undisturbed(trial: Trial) -> Iterator[str]:
    """Instances of clones only: what is single moves."""
    if not trial.now.quorate or trial.maintained or any(e.kind is Kind.RESUME for e in trial.now.events):
        return
    expected = trial.expected
    concerned = {event.node for event in trial.events}
    if not concerned:
        return
    # What needs something that is single, or promoted on one node only, goes where that goes.
    follows: set[str] = set()
    for resource in roles(trial.now.start):
        if expected.single(resource) or expected.promoted.get(resource, 0) == 1:
            follows |= expected.dependents(resource) | {resource}
    for transition in trial.now.transitions:
        for step in transition.steps:
            disturbing = step.kind == "action" and step.operation in ("stop", "demote")
            independent = step.resource in expected.clones and step.resource not in follows
            if disturbing and independent and step.node not in concerned:
                yield f"{step.resource} is stopped on {step.node}, where nothing happened"


def _maintenance(trial: Trial) -> Iterator[str]:
    nodes = trial.maintained
    if not nodes:
        return
    for transition in trial.now.transitions:
        for step in transition.steps:
            if step.kind == "action" and step.operation in CHANGES and step.node in nodes:
                yield f"{step.operation} of {step.resource} on {step.node}, which is in maintenance"


def _list(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


INVARIANTS = (
    Invariant(
        "I1",
        "What may run once runs on one node at most, at each step; no more instances are promoted than may be.",
        _one_at_a_time,
    ),
    Invariant(
        "I2",
        "A lost node is fenced, and nothing that it ran starts elsewhere before that; or at all, while fencing fails.",
        _fenced_first,
    ),
    Invariant("I3", "Without quorum nothing is started, promoted or fenced.", _nothing_without_quorum),
    Invariant("I4", "The cluster comes to rest: each transition can be carried out, and few are needed.", _settles),
    Invariant(
        "I5",
        "With quorum each service works again on every node that is left to run it, and each single one on some node.",
        _restored,
    ),
    Invariant("I6", "Without quorum everything stops.", _empty_without_quorum),
    Invariant("I7", "A virtual address is where a live proxy is.", _addresses_at_proxies),
    Invariant("I8", "Nothing starts before what it needs.", _in_order),
    Invariant("I9", "A failure on one node stops no instance on another.", _undisturbed),
    Invariant("I10", "In maintenance nothing is started or stopped.", _maintenance),
)
