"""What steps presume and what they bring about.

A condition can be judged against a State, and says which State it leads to: so a plan can be followed without machines.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from congress.cluster.plan.state import FirstStep, Found, Instance, State


class Condition(Protocol):
    """A frozen value; its text says what is the case when it holds."""

    def holds(self, state: State) -> bool: ...

    def made(self, state: State) -> State:
        """The state after somebody saw to it."""


@dataclass(frozen=True, slots=True)
class Installed:
    node: str
    packages: frozenset[str]

    def holds(self, state: State) -> bool:
        return self.packages <= state.node(self.node).packages

    def made(self, state: State) -> State:
        node = state.node(self.node)
        return state.with_node(self.node, replace(node, packages=node.packages | self.packages))

    def __str__(self) -> str:
        return f"{self.node} has {', '.join(sorted(self.packages))}"


@dataclass(frozen=True, slots=True)
class HasAccounts:
    node: str
    accounts: frozenset[str]

    def holds(self, state: State) -> bool:
        return self.accounts <= state.node(self.node).accounts

    def made(self, state: State) -> State:
        node = state.node(self.node)
        return state.with_node(self.node, replace(node, accounts=node.accounts | self.accounts))

    def __str__(self) -> str:
        return f"{self.node} has the accounts {', '.join(sorted(self.accounts))}"


@dataclass(frozen=True, slots=True)
class AtBoot:
    """`units` start by themselves, or do not."""

    node: str
    units: frozenset[str]
    wanted: bool

    def holds(self, state: State) -> bool:
        present = state.node(self.node).at_boot
        return self.units <= present if self.wanted else not self.units & present

    def made(self, state: State) -> State:
        node = state.node(self.node)
        at_boot = node.at_boot | self.units if self.wanted else node.at_boot - self.units
        return state.with_node(self.node, replace(node, at_boot=at_boot))

    def __str__(self) -> str:
        return f"{', '.join(sorted(self.units))} {'start' if self.wanted else 'do not start'} with {self.node}"


@dataclass(frozen=True, slots=True)
class FileIs:
    """`found`: as it has to be; None: it is not there."""

    node: str
    path: str
    found: Found | None

    def holds(self, state: State) -> bool:
        return state.node(self.node).files.get(self.path) == self.found

    def made(self, state: State) -> State:
        node = state.node(self.node)
        files = {path: found for path, found in node.files.items() if path != self.path}
        owned = node.owned - {self.path}
        if self.found is not None:
            files, owned = {**files, self.path: self.found}, owned | {self.path}
        return state.with_node(self.node, replace(node, files=files, owned=owned))

    def __str__(self) -> str:
        return f"{self.path} on {self.node} is " + ("as wanted" if self.found else "gone")


@dataclass(frozen=True, slots=True)
class HasRead:
    """Whoever is called `reader` has read its files, whose digest is `version`."""

    node: str
    reader: str
    version: str

    def holds(self, state: State) -> bool:
        return state.node(self.node).read.get(self.reader) == self.version

    def made(self, state: State) -> State:
        node = state.node(self.node)
        return state.with_node(self.node, replace(node, read={**node.read, self.reader: self.version}))

    def __str__(self) -> str:
        return f"{self.reader} on {self.node} has read its files"


@dataclass(frozen=True, slots=True)
class Runs:
    """Units of the cluster manager run, or do not."""

    node: str
    units: frozenset[str]
    wanted: bool = True

    def holds(self, state: State) -> bool:
        running = state.node(self.node).running
        return self.units <= running if self.wanted else not self.units & running

    def made(self, state: State) -> State:
        node = state.node(self.node)
        if self.wanted:
            keeps = node.keeps or "pacemaker" in self.units
            return state.with_node(self.node, replace(node, running=node.running | self.units, keeps=keeps))
        for name, cluster in state.clusters.items():
            left = cluster.online - {self.node}
            state = state.with_cluster(name, replace(cluster, online=left, quorate=cluster.quorate and bool(left)))
        return state.with_node(self.node, replace(node, running=node.running - self.units))

    def __str__(self) -> str:
        return f"{', '.join(sorted(self.units))} {'run' if self.wanted else 'do not run'} on {self.node}"


@dataclass(frozen=True, slots=True)
class Blank:
    """The node has no copy of a cluster's configuration."""

    node: str

    def holds(self, state: State) -> bool:
        return not state.node(self.node).keeps

    def made(self, state: State) -> State:
        return state.with_node(self.node, replace(state.node(self.node), keeps=False))

    def __str__(self) -> str:
        return f"{self.node} has no configuration of a cluster"


@dataclass(frozen=True, slots=True)
class Online:
    """These members are online in a cluster with quorum."""

    cluster: str
    nodes: frozenset[str]

    def holds(self, state: State) -> bool:
        cluster = state.cluster(self.cluster)
        return cluster.quorate and self.nodes <= cluster.online

    def made(self, state: State) -> State:
        cluster = state.cluster(self.cluster)
        grown = replace(
            cluster,
            quorate=True,
            online=cluster.online | self.nodes,
            known=cluster.known | self.nodes,
            # What starts now runs nothing yet.
            empty=cluster.empty | (self.nodes - cluster.online),
        )
        return state.with_cluster(self.cluster, grown)

    def __str__(self) -> str:
        return f"{', '.join(sorted(self.nodes))} are online in cluster {self.cluster}, which has quorum"


@dataclass(frozen=True, slots=True)
class Gone:
    """The cluster runs without a node: it is offline, or even forgotten."""

    cluster: str
    node: str
    forgotten: bool = False

    def holds(self, state: State) -> bool:
        cluster = state.cluster(self.cluster)
        return self.node not in (cluster.online | cluster.known if self.forgotten else cluster.online)

    def made(self, state: State) -> State:
        cluster = state.cluster(self.cluster)
        known = cluster.known - {self.node} if self.forgotten else cluster.known
        left = replace(
            cluster,
            online=cluster.online - {self.node},
            known=known,
            standby=cluster.standby & known,
            empty=cluster.empty & known,
        )
        return state.with_cluster(self.cluster, left)

    def __str__(self) -> str:
        return f"{self.node} is {'not part of' if self.forgotten else 'offline in'} cluster {self.cluster}"


@dataclass(frozen=True, slots=True)
class Unlisted:
    """A service that keeps a list of its members does not count on a node any more."""

    cluster: str
    service: str
    node: str

    def holds(self, state: State) -> bool:
        return self.node not in state.cluster(self.cluster).listed.get(self.service, frozenset())

    def made(self, state: State) -> State:
        cluster = state.cluster(self.cluster)
        left = {name: nodes - {self.node} if name == self.service else nodes for name, nodes in cluster.listed.items()}
        return state.with_cluster(self.cluster, replace(cluster, listed=left))

    def __str__(self) -> str:
        return f"{self.service} in cluster {self.cluster} does not count on {self.node}"


@dataclass(frozen=True, slots=True)
class Standby:
    """The node may run nothing, and runs nothing (or may again)."""

    cluster: str
    node: str
    wanted: bool

    def holds(self, state: State) -> bool:
        cluster = state.cluster(self.cluster)
        if self.wanted:
            return self.node in cluster.standby and self.node in cluster.empty
        return self.node not in cluster.standby

    def made(self, state: State) -> State:
        cluster = state.cluster(self.cluster)
        alone = frozenset({self.node})
        if self.wanted:
            changed = replace(cluster, standby=cluster.standby | alone, empty=cluster.empty | alone)
            state = replace(state, working=frozenset(each for each in state.working if each.node != self.node))
        else:
            changed = replace(cluster, standby=cluster.standby - alone, empty=cluster.empty - alone)
        return state.with_cluster(self.cluster, changed)

    def __str__(self) -> str:
        return f"{self.node} {'runs nothing and may not' if self.wanted else 'may run resources'}"


@dataclass(frozen=True, slots=True)
class Maintenance:
    """Pacemaker leaves everything of the cluster as it is."""

    cluster: str
    wanted: bool

    def holds(self, state: State) -> bool:
        return state.cluster(self.cluster).maintenance == self.wanted

    def made(self, state: State) -> State:
        return state.with_cluster(self.cluster, replace(state.cluster(self.cluster), maintenance=self.wanted))

    def __str__(self) -> str:
        return f"cluster {self.cluster} is {'in' if self.wanted else 'out of'} maintenance"


@dataclass(frozen=True, slots=True)
class Loaded:
    """The cluster's configuration consists of these elements."""

    cluster: str
    elements: Mapping[str, str] = field(repr=False)

    def holds(self, state: State) -> bool:
        return state.cluster(self.cluster).elements == self.elements

    def made(self, state: State) -> State:
        return state.with_cluster(self.cluster, replace(state.cluster(self.cluster), elements=dict(self.elements)))

    def __str__(self) -> str:
        return f"cluster {self.cluster} has {len(self.elements)} elements of configuration, as wanted"


@dataclass(frozen=True, slots=True)
class Done:
    step: FirstStep

    def holds(self, state: State) -> bool:
        return self.step in state.done

    def made(self, state: State) -> State:
        return replace(state, done=state.done | {self.step})

    def __str__(self) -> str:
        return f"{self.step.name} of {self.step.service} was done on {self.step.node}"


@dataclass(frozen=True, slots=True)
class Works:
    """All of these instances of one service pass its health test, or at least one does."""

    instances: frozenset[Instance]
    all_of_them: bool = True

    def holds(self, state: State) -> bool:
        return self.instances <= state.working if self.all_of_them else bool(self.instances & state.working)

    def made(self, state: State) -> State:
        return replace(state, working=state.working | self.instances)

    def __str__(self) -> str:
        nodes = ", ".join(sorted(instance.node for instance in self.instances))
        service = next(iter(self.instances)).service
        return f"{service} works on {nodes if self.all_of_them else f'one of {nodes}'}"
