"""What a node's operating system is told: names of nodes, settings of the kernel, and what systemd leaves alone."""

from __future__ import annotations

from congress.cluster.deployment import Cluster, Deployment, Node
from congress.cluster.pacemaker.cib import primitives
from congress.cluster.render.errors import RenderError
from congress.cluster.secrets import mark
from congress.cluster.services.contract import File

HOSTS = "/etc/hosts"
REMOTE_KEY = "/etc/pacemaker/authkey"
UNITS = "/etc/systemd/system/"
SYSCTL = "/etc/sysctl.d/90-congress-cluster.conf"

_LOCAL = """\
127.0.0.1 localhost
::1 localhost ip6-localhost ip6-loopback
ff02::1 ip6-allnodes
ff02::2 ip6-allrouters
"""

_ONLY_PACEMAKER_STARTS = """\
# Pacemaker starts and stops this. A restart by systemd would hide failures from it.
[Service]
Restart=no
"""

_AFTER_NETWORK = """\
[Unit]
Wants=network-online.target
After=network-online.target
"""


def hosts(deployment: Deployment) -> File:
    """Every node by name, so that no cluster waits for a name server to recover."""
    lines = {f"{node.addresses['internal']} {node.name}" for cluster in deployment.clusters for node in cluster.nodes}
    return File(HOSTS, _LOCAL + "".join(f"{line}\n" for line in sorted(lines, key=_by_address)))


def authority(deployment: Deployment) -> tuple[File, ...]:
    """The certificate that clients on the node trust the virtual addresses by."""
    tls = deployment.tls
    if tls is None or tls.authority is None or tls.authority_file is None:
        return ()
    return (File(tls.authority_file, f"{mark(tls.authority)}\n"),)


def remote_key(cluster: Cluster) -> tuple[File, ...]:
    """What lets the cluster's members reach its remote nodes; on all of both."""
    if not any(node.remote for node in cluster.nodes):
        return ()
    return (File(REMOTE_KEY, mark(remote_secret(cluster)), 0o640, group="haclient", notify=("pacemaker-key",)),)


def remote_secret(cluster: Cluster) -> str:
    """The name of the secret between members and remote nodes."""
    return f"pacemaker-remote.{cluster.name}"


def sysctl(cluster: Cluster, node: Node) -> tuple[File, ...]:
    """The kernel settings of all services on the node. Raises RenderError when two services differ."""
    settings: dict[str, tuple[str, str]] = {}
    for placed in cluster.services:
        if node.name in placed.nodes:
            for name, value in placed.declaration.sysctl.items():
                by, before = settings.setdefault(name, (placed.service, value))
                if before != value:
                    raise RenderError(
                        f"{node.name}: {by} wants {name} = {before}, {placed.service} wants {value}; place them on "
                        "different nodes"
                    )
    lines = "".join(f"{name} = {value}\n" for name, (_, value) in sorted(settings.items()))
    return (File(SYSCTL, lines, notify=("sysctl",)),) if lines else ()


def units(cluster: Cluster, node: Node) -> tuple[str, ...]:
    """The units that Pacemaker runs on the node, without `.service`."""
    named = {
        primitive.unit
        for placed in cluster.services
        if node.name in placed.nodes
        for primitive in primitives(placed.declaration.resources)
    }
    return tuple(sorted(named - {""}))


def drop_ins(cluster: Cluster, node: Node) -> tuple[File, ...]:
    """What systemd is told about Pacemaker, and about the units that belong to it."""
    directory = UNITS + "{}.service.d/congress-cluster.conf"
    cluster_units = ("pacemaker_remote",) if node.remote else ("corosync", "pacemaker")
    contents = dict.fromkeys(units(cluster, node), _ONLY_PACEMAKER_STARTS)
    contents |= dict.fromkeys(cluster_units, _AFTER_NETWORK)
    return tuple(File(directory.format(unit), content) for unit, content in sorted(contents.items()))


def _by_address(line: str) -> tuple[int, ...]:
    address = line.split()[0]
    return tuple(int(part) for part in address.split(".")) if address.count(".") == 3 else ()
