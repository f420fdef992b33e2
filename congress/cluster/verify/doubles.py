"""Which pairs of failures are tried, so that the answer to every pair is known.

Not tried are pairs whose answer is known already, for one of three reasons. `same`: the first failure leaves a state
that nothing tells from another one, from which the second is tried. `apart`: the two have nothing to do with each other
(see `footprint`), so that each of them is answered as it is alone. `alike`: another pair is the same but for the names
of the nodes, or, of stops that fail beside the loss of a node, but for the name of a resource that nothing depends on.

And pairs of the loss of one node with failures on another one, which have nothing to do with each other, are tried
together: in a `Bunch`. One that breaks something is taken apart, and its pairs tried alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from congress.cluster.pacemaker.reading import Status
from congress.cluster.pacemaker.resources import Location
from congress.cluster.verify.events import Event, Kind
from congress.cluster.verify.expectations import Expectations
from congress.cluster.verify.footprint import Ties, meet
from congress.cluster.verify.scenarios import Scenario, failures, pairs, returns, together
from congress.cluster.verify.verdict import Verdict


@dataclass(slots=True)
class Coverage:
    """How many pairs of failures were tried alone, how many with others at one time, and how many not, by reason."""

    tried: int = 0
    bunched: int = 0
    same: int = 0
    apart: int = 0
    alike: int = 0

    @property
    def pairs(self) -> int:
        return self.tried + self.bunched + self.same + self.apart + self.alike


class Bunch(NamedTuple):
    """`joint`: all of the pairs at one time; the pair itself where there is but one."""

    joint: Scenario
    parts: tuple[Scenario, ...]


class Pair(NamedTuple):
    """Two failures at one time (`later` is None), or `later` after the cluster has answered the first."""

    one: Event
    other: Event
    later: bool

    @property
    def scenario(self) -> Scenario:
        if self.later:
            return ((self.one,), (self.other,))
        moment = (self.one, self.other)
        back = returns(moment)
        return (moment, back) if back else (moment,)


class Doubles:
    """`alone`: the verdicts about single failures. `every`: leave out only what is the same, and bunch nothing."""

    def __init__(
        self, expected: Expectations, base: Status, key: str, alone: Sequence[Verdict], *, every: bool
    ) -> None:
        self.coverage = Coverage()
        self._expected = expected
        self._base = base
        self._key = key
        self._every = every
        self._events = failures(expected, base)
        self._ties = Ties(expected)
        self._roles = {(instance.resource, instance.node): instance.role for instance in base.live()}
        first = [verdict for verdict in alone if verdict.scenario and len(verdict.scenario[0]) == 1]
        self._first = {verdict.scenario[0][0]: verdict.first for verdict in first if verdict.first is not None}
        for event, found in tuple(self._first.items()):
            alike = replace(event, kind=Kind.MONITOR)
            if event.kind is Kind.STOP and alike in self._first:
                # What comes before the node is fenced.
                self._first[event] = replace(found, concerned=self._first[alike].concerned)
        # After a state that breaks something already, nothing more is asked.
        self._sound = {v.scenario[0][0] for v in first if not (v.findings and v.moment == 0)}
        self._around = {event: self._ties.around(found.concerned) for event, found in self._first.items()}
        self._everywhere = _everywhere(expected)
        self._inside = {event: self._is_inside(event) for event in self._first}

    def bunches(self) -> tuple[Bunch, ...]:
        """All that has to be tried."""
        left = [pair for pair in (*self._at_one_time(), *self._one_after_the_other()) if not self._known(pair)]
        if self._every:
            self.coverage.tried += len(left)
            return tuple(Bunch(pair.scenario, (pair.scenario,)) for pair in left)
        chosen = self._without_alike(left)
        groups: dict[object, list[Pair]] = {}
        for pair in chosen:
            groups.setdefault(self._group(pair), []).append(pair)
        alone = groups.pop(None, [])
        found = [Bunch(pair.scenario, (pair.scenario,)) for pair in alone]
        for group in groups.values():
            found.extend(_bunch(together) for together in self._split(group))
        self.coverage.tried += sum(len(bunch.parts) == 1 for bunch in found)
        self.coverage.bunched += sum(len(bunch.parts) for bunch in found if len(bunch.parts) > 1)
        return tuple(found)

    def took_apart(self, bunch: Bunch) -> None:
        """Count the pairs of a bunch as tried alone."""
        self.coverage.bunched -= len(bunch.parts)
        self.coverage.tried += len(bunch.parts)

    def _at_one_time(self) -> Iterator[Pair]:
        for one, other in pairs(self._events):
            yield Pair(one, other, later=False)

    def _one_after_the_other(self) -> Iterator[Pair]:
        seen = {self._key}
        for one in self._events:
            first = self._first.get(one)
            if first is None or one not in self._sound:
                continue
            status = first.status if first.status is not None else self._base
            for other in failures(self._expected, status):
                if one.kind is not Kind.START and not together(one, other) and other.kind is not Kind.MONITOR:
                    continue
                if first.key in seen:
                    self.coverage.same += 1
                else:
                    yield Pair(one, other, later=True)
            seen.add(first.key)

    def _known(self, pair: Pair) -> bool:
        if self._every or self._touch(pair.one, pair.other):
            return False
        self.coverage.apart += 1
        return True

    def _touch(self, one: Event, other: Event) -> bool:
        if not (one.resource and other.resource):
            # The loss of a node concerns everything.
            return True
        first, second = self._first.get(one), self._first.get(other)
        if first is None or second is None:
            return True
        return meet(self._around[one], second.concerned) or meet(first.concerned, self._around[other])

    def _without_alike(self, pairs: Sequence[Pair]) -> Iterator[Pair]:
        """The first of those that are alike."""
        seen = set()
        for pair in pairs:
            kind = self._kind(pair)
            if kind is None or kind not in seen:
                yield pair
            else:
                self.coverage.alike += 1
            seen.add(kind)

    def _kind(self, pair: Pair) -> object:
        """Equal for pairs that are answered alike; None for a pair like no other."""
        one, other, later = pair
        if one.resource:
            alike = one.node == other.node and self._inside.get(one) and self._inside.get(other)
            if not alike or self._shared_abroad(one, other):
                return None
            return (later, one.kind, one.resource, other.kind, other.resource, self._surroundings(pair))
        # The state that a failed stop leaves tells nothing of what it was, once its node is lost.
        if other.kind is Kind.STOP and self._beside(one, other) and len(self._first[other].concerned) == 1:
            return (later, one, other.node, self._first[other].key)
        return None

    def _surroundings(self, pair: Pair) -> object:
        """All that differs from node to node."""
        near = self._around[pair.one] | self._around[pair.other]
        return tuple(sorted((name, self._roles.get((name, node), "")) for name, node in near if node == pair.one.node))

    def _shared_abroad(self, one: Event, other: Event) -> bool:
        """Whether both are tied to something that is not a matter of the node alone, and may have to follow them."""
        shared = {name for name, _ in self._around[one]} & {name for name, _ in self._around[other]}
        concerned = {name for event in (one, other) for name, _ in self._first[event].concerned}
        return any(self._ties.follows(name, concerned) for name in shared - self._everywhere)

    def _is_inside(self, event: Event) -> bool:
        """Whether a failure concerns nothing but clones on its own node, a full member."""
        concerned = self._first[event].concerned
        return event.node in self._expected.configuration.nodes and all(
            node == event.node and name in self._everywhere for name, node in concerned
        )

    def _group(self, pair: Pair) -> object:
        """Of pairs that may be tried together; None for one that may not."""
        one, other, later = pair
        if one.resource and not other.resource:
            one, other = other, one
        elif one.resource or not other.resource:
            return None
        if other.kind not in (Kind.MONITOR, Kind.START) or not self._beside(one, other):
            return None
        return (later, one, other.node, pair.one.resource != "")

    def _beside(self, lost: Event, other: Event) -> bool:
        """Whether a failure on a node that stays has nothing to do with what the loss of another one changes there."""
        first = self._first.get(lost)
        if first is None or lost.node == other.node or not self._inside.get(other):
            return False
        changes = frozenset((name, node) for name, node in first.concerned if node != lost.node)
        return not meet(changes, self._around[other])

    def _split(self, group: Sequence[Pair]) -> Iterator[tuple[Pair, ...]]:
        """In parts of which no two have to do with each other."""
        parts: list[list[Pair]] = []
        for pair in group:
            mine = _small(pair)
            fit = next((part for part in parts if not any(self._touch(mine, _small(it)) for it in part)), None)
            if fit is None:
                parts.append([pair])
            else:
                fit.append(pair)
        yield from map(tuple, parts)


def _small(pair: Pair) -> Event:
    return pair.one if pair.one.resource else pair.other


def _bunch(pairs: Sequence[Pair]) -> Bunch:
    parts = tuple(pair.scenario for pair in pairs)
    if len(parts) == 1:
        return Bunch(parts[0], parts)
    first = pairs[0]
    small = tuple(_small(pair) for pair in pairs)
    if not first.later:
        return Bunch(((first.one, *small),), parts)
    return Bunch((small, (first.other,)) if first.one.resource else ((first.one,), small), parts)


def _everywhere(expected: Expectations) -> frozenset[str]:
    """The clones of which each node has its own instance, which answers to nothing on other nodes. Where all may be
    promoted, none is chosen."""
    members = len(expected.configuration.nodes)
    placed = {
        constraint.resource
        for constraint in expected.configuration.constraints
        if isinstance(constraint, Location) and constraint.node is not None
    }
    return frozenset(
        name
        for name, clone in expected.clones.items()
        if clone.interleave
        and not clone.globally_unique
        and (not clone.promotable or clone.promoted_max >= members)
        and clone.clone_max is None
        and not {name, clone.id} & placed
    )
