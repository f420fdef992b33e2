"""CL030: one port, one process."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from congress.cluster.checks.check import Check, Subject
from congress.cluster.deployment import Placed
from congress.cluster.errors import Problem


def _find(subject: Subject) -> Iterator[Problem]:
    yield from _of_nodes(subject)
    yield from _of_addresses(subject)


def _of_nodes(subject: Subject) -> Iterator[Problem]:
    for cluster in subject.deployment.clusters:
        for node in cluster.nodes:
            taken: dict[tuple[str, str, int], tuple[str, Placed]] = {}
            for placed in cluster.services:
                if node.name not in placed.nodes:
                    continue
                for port in placed.declaration.ports:
                    key = (node.addresses.get(port.network, port.network), port.protocol, port.number)
                    by, owner = taken.setdefault(key, (port.by, placed))
                    if (by, owner) != (port.by, placed):
                        what = f"{port.by} is on {port.protocol} port {port.number}, and so is {by} of {owner.service}"
                        instead = "give one of them another port, or other nodes"
                        yield subject.problem(subject.service_path(placed), what, instead)


def _of_addresses(subject: Subject) -> Iterator[Problem]:
    taken: dict[tuple[str, int], list[tuple[str, Placed]]] = defaultdict(list)
    address = {ip.name: ip.address for ip in subject.deployment.virtual_ips}
    for _, placed in subject.placed():
        for listener in placed.declaration.listeners:
            taken[address.get(listener.address, listener.address), listener.port].append((listener.name, placed))
    for (at, port), owners in taken.items():
        for name, placed in owners[1:]:
            first, before = owners[0]
            if placed.service == before.service and name == first:
                what = f"clusters {before.cluster!r} and {placed.cluster!r} both want {at} port {port} for {name!r}"
            else:
                what = f"the listeners {first!r} of {before.service} and {name!r} are both at {at} port {port}"
            instead = "give one of them another port, or its service another `address`"
            yield subject.problem(subject.service_path(placed), what, instead)


CHECK = Check(
    "CL030",
    "A port of an address has one owner",
    "The second process that binds to it does not start; behind a proxy, requests for one API come out at another.",
    _find,
)
