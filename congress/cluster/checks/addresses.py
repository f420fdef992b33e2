"""CL031: an address belongs to one thing."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network

from congress.cluster.checks.check import Check, Subject
from congress.cluster.errors import Problem
from congress.cluster.model.source import Path, dotted


def _find(subject: Subject) -> Iterator[Problem]:
    description = subject.described.description
    owners: dict[str, Path] = {}
    for path, address in _addresses(subject):
        before = owners.setdefault(address, path)
        if before != path:
            yield subject.problem(path, f"{address} is also {dotted(before)}", "give each its own address")
    for name, network in description.networks.items():
        edges = {network.cidr.network_address: "the network itself", network.cidr.broadcast_address: "all of its hosts"}
        if network.cidr.num_addresses <= 2:
            continue
        for path, address in _addresses(subject):
            for edge, means in edges.items():
                if address == str(edge) and (network.cidr.version == 4 or edge == network.cidr.network_address):
                    yield subject.problem(path, f"{address} means {means} in {name!r}", "write another address")
    seen: dict[str, str] = {}
    for name, network in description.networks.items():
        for other, cidr in seen.items():
            mine, theirs = ip_network(network.cidr), ip_network(cidr)
            if mine.version == theirs.version and mine.overlaps(theirs):
                what = f"{network.cidr} and {cidr} of {other!r} overlap"
                yield subject.problem(
                    ("networks", name, "cidr"), what, "give the networks ranges apart from each other"
                )
        seen[name] = str(network.cidr)


def _addresses(subject: Subject) -> Iterator[tuple[Path, str]]:
    description = subject.described.description
    for name, node in description.nodes.items():
        for network, address in node.addresses.items():
            yield ("nodes", name, "addresses", network), str(address)
    for name, virtual_ip in description.virtual_ips.items():
        yield ("virtual_ips", name, "address"), str(virtual_ip.address)


CHECK = Check(
    "CL031",
    "An address belongs to one thing",
    "Two machines with one address answer by turns. Networks that overlap leave it to chance which way a packet takes.",
    _find,
)
