"""A whole deployment, put together from a description and the services' declarations; what checks, plans, renderings,
proofs and rehearsals start from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from congress.cluster.pacemaker.resources import Configuration
from congress.cluster.services.contract import Declaration, File, Mode


@dataclass(frozen=True, slots=True)
class Node:
    """`addresses`, `interfaces`: by the name of the network. `host`: the physical machine. `remote`: a partial member,
    run by pacemaker_remote. `id`: the number that Corosync knows a full member by; 0: from its place in the cluster."""

    name: str
    addresses: Mapping[str, str]
    interfaces: Mapping[str, str]
    host: str
    remote: bool = False
    id: int = 0


@dataclass(frozen=True, slots=True)
class Placed:
    """One service on one cluster. `resources`: the ids of its top-level resources in the cluster's configuration.
    `after`: the services of the deployment, in this cluster or others, that have to work before it can be started."""

    service: str
    mode: Mode
    cluster: str
    nodes: tuple[str, ...]
    declaration: Declaration
    resources: tuple[str, ...]
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VirtualIp:
    """`by`: who holds it, Pacemaker or keepalived."""

    name: str
    address: str
    prefix: int
    network: str
    cluster: str
    by: str = "pacemaker"


@dataclass(frozen=True, slots=True)
class Tls:
    """What the virtual addresses show to clients: names of secrets, of texts in PEM. `authority_file`: where each node
    has the authority's certificate, for its clients."""

    certificate: str = "tls.certificate"
    key: str = "tls.key"
    authority: str | None = None
    authority_file: str | None = None


@dataclass(frozen=True, slots=True)
class Cluster:
    """One Pacemaker cluster. `quorum_device`: the host of a third vote, for two nodes. Times of Corosync in seconds."""

    name: str
    nodes: tuple[Node, ...]
    services: tuple[Placed, ...]
    configuration: Configuration
    token: float
    quorum_device: str | None = None


@dataclass(frozen=True, slots=True)
class Deployment:
    """All of it. `secrets`: the names of all that the files and resources need."""

    name: str
    clusters: tuple[Cluster, ...]
    virtual_ips: tuple[VirtualIp, ...]
    secrets: frozenset[str]
    tls: Tls | None = None

    def files(self, cluster: Cluster, node: Node) -> tuple[File, ...]:
        """What services want on one node, in order of the paths."""
        wanted = [
            file
            for placed in cluster.services
            if node.name in placed.nodes
            for file in placed.declaration.files
            if file.node in (None, node.name)
        ]
        return tuple(sorted(wanted, key=lambda file: file.path))
