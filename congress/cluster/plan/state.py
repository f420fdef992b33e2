"""What is known about machines and clusters, as plain values: what plans start from, and what their steps lead to."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple


class Found(NamedTuple):
    """A file as it is on a node."""

    digest: str
    mode: int
    owner: str
    group: str


class Instance(NamedTuple):
    """A service on one node of a cluster."""

    cluster: str
    service: str
    node: str


class FirstStep(NamedTuple):
    """A step of the first installation, by where it is done."""

    cluster: str
    service: str
    name: str
    node: str


def digest(text: str) -> str:
    """What stands for a content."""
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class NodeState:
    """`owned`: the paths of files that were written here on somebody's behalf; `at_boot`: units that start by
    themselves; `running`: those of the cluster manager; `read`: for each reader of files what it has read last;
    `keeps`: whether it has a copy of a cluster's configuration."""

    packages: frozenset[str] = frozenset()
    accounts: frozenset[str] = frozenset()
    files: Mapping[str, Found] = field(default_factory=dict)
    owned: frozenset[str] = frozenset()
    at_boot: frozenset[str] = frozenset()
    running: frozenset[str] = frozenset()
    read: Mapping[str, str] = field(default_factory=dict)
    keeps: bool = False


@dataclass(frozen=True, slots=True)
class ClusterState:
    """`known`: the members and remote nodes that its configuration knows; `online`: those that are there; `empty`:
    those on which it runs nothing; `elements`: each part of the configuration by its path, see `plan.elements`;
    `listed`: for each service that keeps a list of its members by itself, the nodes that are on it."""

    known: frozenset[str] = frozenset()
    online: frozenset[str] = frozenset()
    empty: frozenset[str] = frozenset()
    standby: frozenset[str] = frozenset()
    quorate: bool = False
    maintenance: bool = False
    elements: Mapping[str, str] = field(default_factory=dict)
    listed: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class State:
    """All of it. `done`: steps of the first installation; `working`: instances whose health test succeeds."""

    nodes: Mapping[str, NodeState] = field(default_factory=dict)
    clusters: Mapping[str, ClusterState] = field(default_factory=dict)
    done: frozenset[FirstStep] = frozenset()
    working: frozenset[Instance] = frozenset()

    def node(self, name: str) -> NodeState:
        return self.nodes.get(name, NodeState())

    def cluster(self, name: str) -> ClusterState:
        return self.clusters.get(name, ClusterState())

    def with_node(self, name: str, node: NodeState) -> State:
        return replace(self, nodes={**self.nodes, name: node})

    def with_cluster(self, name: str, cluster: ClusterState) -> State:
        return replace(self, clusters={**self.clusters, name: cluster})
