"""What a deployment wants of machines and clusters, in the terms of a State."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from congress.cluster import secrets
from congress.cluster.deployment import Cluster, Deployment, Node, Placed
from congress.cluster.pacemaker.cib import configuration_element
from congress.cluster.plan import readers
from congress.cluster.plan.elements import elements, filled
from congress.cluster.plan.state import Found, digest
from congress.cluster.render import system
from congress.cluster.render.node import node_files
from congress.cluster.services.contract import File

MANIFEST = "/var/lib/congress-cluster/manifest"
"""Where a node keeps the paths of the files that it was given."""

MANAGER_PACKAGES = frozenset({"corosync", "pacemaker", "pacemaker-cli-utils", "resource-agents", "fence-agents"})
REMOTE_PACKAGES = frozenset({"pacemaker-remote", "resource-agents", "pacemaker-cli-utils"})

Secret = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Machine:
    """What is wanted of one node. `units`: the cluster manager's own; `not_at_boot`: those that it starts itself;
    `by_systemd`: those that are none of its business; `reads`: for each reader of files, what stands for all that it
    reads."""

    node: Node
    cluster: str
    packages: frozenset[str]
    accounts: frozenset[str]
    files: tuple[File, ...]
    secret: Secret
    units: frozenset[str]
    not_at_boot: frozenset[str]
    by_systemd: frozenset[str]
    reads: Mapping[str, str]

    def found(self, file: File) -> Found:
        """How a file is found that was written as wanted."""
        return _found(file, self.secret)


@dataclass(frozen=True, slots=True)
class Desired:
    """All of it. `secret`: the value of a secret by its name."""

    deployment: Deployment
    machines: Mapping[str, Machine]
    secret: Secret

    def elements(self, cluster: Cluster, element: Element | None = None) -> Mapping[str, str]:
        """The parts of a cluster's configuration, or of another one meant for it."""
        whole = configuration_element(cluster.configuration) if element is None else element
        return elements(filled(whole, self.secret))


def desired(deployment: Deployment, secret: Secret) -> Desired:
    """Raises congress.cluster.render.errors.RenderError when the deployment cannot be written down."""
    machines = {
        node.name: _machine(deployment, cluster, node, secret)
        for cluster in deployment.clusters
        for node in cluster.nodes
    }
    return Desired(deployment, machines, secret)


def _machine(deployment: Deployment, cluster: Cluster, node: Node, secret: Secret) -> Machine:
    files = node_files(deployment, cluster, node)
    here = [placed for placed in cluster.services if node.name in placed.nodes]
    packages = {package for placed in here for package in placed.declaration.packages}
    units = {"pacemaker_remote"} if node.remote else {"corosync", "pacemaker"}
    if cluster.quorum_device and not node.remote:
        units.add("corosync-qdevice")
        packages.add("corosync-qdevice")
    reads = _reads(files, secret)
    return Machine(
        node=node,
        cluster=cluster.name,
        packages=frozenset(packages | (REMOTE_PACKAGES if node.remote else MANAGER_PACKAGES)),
        accounts=frozenset(account for placed in here for account in placed.declaration.accounts),
        files=files,
        secret=secret,
        units=frozenset(units),
        not_at_boot=frozenset(system.units(cluster, node)) | _named(here),
        by_systemd=frozenset(reader for reader in reads if readers.is_unit_of_systemd(cluster, reader)),
        reads=reads,
    )


def manifest_of(paths: Iterable[str]) -> File:
    """The list of the files that a node is given."""
    return File(MANIFEST, "".join(f"{path}\n" for path in sorted(paths)))


def _found(file: File, secret: Secret) -> Found:
    return Found(digest(secrets.filled(file.content, secret)), file.mode, file.owner, file.group)


def _named(here: Iterable[Placed]) -> frozenset[str]:
    return frozenset(unit for placed in here for unit in placed.declaration.not_at_boot)


def _reads(files: Iterable[File], secret: Secret) -> Mapping[str, str]:
    texts: dict[str, str] = {}
    for file in files:
        for reader in file.notify:
            texts[reader] = texts.get(reader, "") + f"{file.path} {_found(file, secret).digest}\n"
    return {reader: digest(text) for reader, text in sorted(texts.items())}
