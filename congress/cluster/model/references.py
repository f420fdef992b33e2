"""Names in a description that name nothing there, and addresses outside of their networks: it means nothing then."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from difflib import get_close_matches

from congress.cluster.errors import Problem
from congress.cluster.model.description import Description
from congress.cluster.model.source import Path, Source


def dangling(description: Description, source: Source) -> Iterator[Problem]:
    """All of them, in the order of the description."""
    yield from _networks(description, source)
    yield from _nodes(description, source)
    yield from _fencing(description, source)
    yield from _virtual_ips(description, source)
    yield from _clusters(description, source)


def unknown(source: Source, path: Path, kind: str, name: str, known: Collection[str]) -> Problem:
    """A name that is not among the known ones."""
    close = get_close_matches(name, known, n=1)
    instead = f"write {close[0]!r}" if close else f"write one of {', '.join(known) or 'those that you add first'}"
    return source.problem(path, f"there is no {kind} {name!r}", instead)


def _all_known(
    source: Source, path: Path, kind: str, names: Iterable[str], known: Collection[str]
) -> Iterator[Problem]:
    for position, name in enumerate(names):
        if name not in known:
            yield unknown(source, (*path, position), kind, name, known)


def _networks(description: Description, source: Source) -> Iterator[Problem]:
    if "internal" not in description.networks:
        what = "no network is named `internal`, the one on which the nodes speak with each other"
        yield source.problem(("networks",), what, "name it so: `internal: {cidr: 10.0.0.0/24}`")


def _nodes(description: Description, source: Source) -> Iterator[Problem]:
    for name, node in description.nodes.items():
        path: Path = ("nodes", name)
        if "internal" not in node.addresses:
            yield source.problem((*path, "addresses"), "it has no `internal` address", "add `internal: ADDRESS`")
        for network, address in node.addresses.items():
            place = (*path, "addresses", network)
            if network not in description.networks:
                yield unknown(source, place, "network", network, description.networks)
            elif address not in description.networks[network].cidr:
                cidr = description.networks[network].cidr
                yield source.problem(place, f"{address} is not in {cidr}", f"write an address of {cidr}")
        for network in node.interfaces:
            if network not in node.addresses:
                yield unknown(source, (*path, "interfaces", network), "address in network", network, node.addresses)
        for level, devices in enumerate(node.fencing):
            yield from _all_known(source, (*path, "fencing", level), "fencing device", devices, description.fencing)
            for position, device in enumerate(devices):
                if device in description.fencing and name not in description.fencing[device].hosts:
                    what = f"the device {device!r} does not switch {name!r}"
                    place = (*path, "fencing", level, position)
                    yield source.problem(place, what, f"add {name!r} to fencing.{device}.hosts")


def _fencing(description: Description, source: Source) -> Iterator[Problem]:
    for name, device in description.fencing.items():
        path: Path = ("fencing", name, "hosts")
        if isinstance(device.hosts, dict):
            for host in device.hosts:
                if host not in description.nodes:
                    yield unknown(source, (*path, host), "node", host, description.nodes)
        else:
            yield from _all_known(source, path, "node", device.hosts, description.nodes)


def _virtual_ips(description: Description, source: Source) -> Iterator[Problem]:
    for name, virtual_ip in description.virtual_ips.items():
        path: Path = ("virtual_ips", name)
        network = description.networks.get(virtual_ip.network)
        if network is None:
            yield unknown(source, (*path, "network"), "network", virtual_ip.network, description.networks)
        elif virtual_ip.address not in network.cidr:
            what = f"{virtual_ip.address} is not in {network.cidr}"
            yield source.problem((*path, "address"), what, f"write an address of {network.cidr}")
        if virtual_ip.cluster is not None and virtual_ip.cluster not in description.clusters:
            yield unknown(source, (*path, "cluster"), "cluster", virtual_ip.cluster, description.clusters)


def _clusters(description: Description, source: Source) -> Iterator[Problem]:
    member_of: dict[str, str] = {}
    for name, cluster in description.clusters.items():
        path: Path = ("clusters", name)
        yield from _all_known(source, (*path, "nodes"), "node", cluster.nodes, description.nodes)
        for position, node in enumerate(cluster.nodes):
            if node in member_of:
                what = f"{node!r} is already a member of {member_of[node]!r}"
                yield source.problem((*path, "nodes", position), what, "let each node be in one cluster, once")
            member_of[node] = name
        remote = [node for node in cluster.nodes if node in description.nodes and description.nodes[node].remote]
        if len(remote) == len(cluster.nodes) and not cluster.alone:
            what = "all of its nodes are remote ones, and nobody is there to manage them"
            yield source.problem((*path, "nodes"), what, "add full members, or write `remote: false` for them")
        for position, node in enumerate(cluster.nodes if cluster.alone else ()):
            if node in description.nodes and description.nodes[node].remote:
                what = f"{node!r} is to be a cluster by itself, and cannot be remote there"
                yield source.problem((*path, "nodes", position), what, "write `remote: false` for it")
        for service, placed in cluster.services.items():
            place = (*path, "services", service)
            if placed is None:
                continue
            yield from _all_known(source, (*place, "nodes"), f"node of cluster {name}", placed.nodes, cluster.nodes)
            if placed.address is not None and placed.address not in description.virtual_ips:
                yield unknown(source, (*place, "address"), "virtual IP", placed.address, description.virtual_ips)
    for node in description.nodes:
        if node not in member_of:
            yield source.problem(("nodes", node), "it is in no cluster", "add it to a cluster's `nodes`, or remove it")
