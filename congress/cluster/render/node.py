"""All files of one node: what its services declare, and what follows from the whole of the deployment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from congress.cluster import secrets
from congress.cluster.deployment import Cluster, Deployment, Node
from congress.cluster.render import corosync, haproxy, rabbitmq, system
from congress.cluster.render.errors import RenderError
from congress.cluster.services.contract import File

READ_BY_OTHERS = 0o007


def node_files(deployment: Deployment, cluster: Cluster, node: Node) -> tuple[File, ...]:
    """What is to be on a node, in order of the paths; each File names the node, secrets are marks.

    Raises RenderError when two parts want different contents of one path, or when others may read a secret.
    """
    wanted = [*deployment.files(cluster, node), system.hosts(deployment)]
    wanted += system.authority(deployment)
    wanted += system.remote_key(cluster)
    wanted += system.sysctl(cluster, node)
    wanted += system.drop_ins(cluster, node)
    if not node.remote:
        wanted += corosync.files(cluster)
    wanted += haproxy.files(deployment, cluster, node)
    wanted += rabbitmq.files(deployment, cluster, node)
    return _one_of_each_path(node, wanted, public_secrets(deployment))


def public_secrets(deployment: Deployment) -> frozenset[str]:
    """Values that come the way of secrets and are none: a certificate is shown to everybody."""
    tls = deployment.tls
    return frozenset() if tls is None or tls.authority is None else frozenset({tls.authority})


def needed_secrets(deployment: Deployment) -> frozenset[str]:
    """The names of the secrets in all files."""
    return frozenset(
        name
        for cluster in deployment.clusters
        for node in cluster.nodes
        for file in node_files(deployment, cluster, node)
        for name in secrets.names(file.content)
    )


def _one_of_each_path(node: Node, wanted: Iterable[File], public: frozenset[str]) -> tuple[File, ...]:
    found: dict[str, File] = {}
    for file in wanted:
        before = found.get(file.path)
        if before is None:
            found[file.path] = _own(node, file, file.notify, public)
        elif (before.content, before.mode, before.owner, before.group) != (
            file.content,
            file.mode,
            file.owner,
            file.group,
        ):
            raise RenderError(
                f"{node.name}: {file.path} is declared twice with different contents; leave it to one of the services"
            )
        else:
            notify = tuple(dict.fromkeys((*before.notify, *file.notify)))
            found[file.path] = _own(node, file, notify, public)
    return tuple(found[path] for path in sorted(found))


def _own(node: Node, file: File, notify: tuple[str, ...], public: frozenset[str]) -> File:
    secret = secrets.names(file.content) - public
    if secret and file.mode & READ_BY_OTHERS:
        raise RenderError(
            f"{node.name}: {file.path} holds {', '.join(sorted(secret))}, and its mode {file.mode:04o} lets everybody "
            "read it; use 0640 or 0600"
        )
    if file.path.startswith(system.UNITS):
        notify = ("systemd", *(reader for reader in notify if reader != "systemd"))
    return replace(file, node=node.name, notify=notify)
