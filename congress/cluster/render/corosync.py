"""/etc/corosync: who is in the cluster, over which links, and what a majority is (corosync.conf(5), votequorum(5))."""

from __future__ import annotations

from congress.cluster.deployment import Cluster, Node
from congress.cluster.secrets import mark
from congress.cluster.services.contract import File

CONFIGURATION = "/etc/corosync/corosync.conf"
KEY = "/etc/corosync/authkey"
LINKS = ("cluster", "internal")
"""Networks that become links, in order of preference, when all members have an address in them."""

KEY_REPEATED = 8
"""Corosync wants a key of 128 octets or more; a secret of 16 characters and more, repeated, is one."""


def key_secret(cluster: Cluster) -> str:
    """The name of the secret that lets a node into the cluster."""
    return f"corosync.{cluster.name}"


def members(cluster: Cluster) -> tuple[Node, ...]:
    """The full members: those that run Corosync."""
    return tuple(node for node in cluster.nodes if not node.remote)


def ids(cluster: Cluster) -> dict[str, int]:
    """The number of each full member: its own, or the smallest that is free."""
    full = members(cluster)
    taken = {node.id for node in full}
    free = (number for number in range(1, 2 * len(full) + 1) if number not in taken)
    return {node.name: node.id or next(free) for node in full}


def links(cluster: Cluster) -> tuple[str, ...]:
    """The networks that members hear each other on."""
    return tuple(name for name in LINKS if all(name in node.addresses for node in members(cluster)))


def configuration(cluster: Cluster) -> str:
    """corosync.conf; the same on all members."""
    numbers = ids(cluster)
    lines = [
        "totem {",
        "    version: 2",
        f"    cluster_name: {cluster.name}",
        "    transport: knet",
        "    link_mode: passive",
        "    crypto_cipher: aes256",
        "    crypto_hash: sha256",
        f"    token: {round(cluster.token * 1000)}",
        "}",
        "",
        "nodelist {",
    ]
    for node in members(cluster):
        lines += ["    node {", f"        name: {node.name}", f"        nodeid: {numbers[node.name]}"]
        for number, network in enumerate(links(cluster)):
            lines.append(f"        ring{number}_addr: {node.addresses[network]}")
        lines.append("    }")
    lines += ["}", "", "quorum {", "    provider: corosync_votequorum"]
    if cluster.quorum_device:
        lines += [
            "    device {",
            "        model: net",
            "        votes: 1",
            "        net {",
            f"            host: {cluster.quorum_device}",
            "            algorithm: ffsplit",
            "            tls: on",
            "        }",
            "    }",
        ]
    lines += ["}", "", "logging {", "    to_syslog: yes", "    to_stderr: no", "    timestamp: hires", "}", ""]
    return "\n".join(lines)


def files(cluster: Cluster) -> tuple[File, ...]:
    """What each full member has."""
    key = mark(key_secret(cluster)) * KEY_REPEATED
    return (
        File(KEY, key, 0o400, notify=("corosync-key",)),
        File(CONFIGURATION, configuration(cluster), notify=("corosync",)),
    )
