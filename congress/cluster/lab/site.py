"""What the laboratory is built of, and where its files are, as plain values that a description of the switch holds."""

from __future__ import annotations

import dataclasses
import ipaddress
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from congress.cluster.deployment import Deployment

MAXIMUM_PATH = 60
"""Longest directory, in characters: paths of sockets end at 107."""


@dataclass(frozen=True, slots=True)
class Link:
    """A network interface of a node. `address` has the length of the prefix: 10.99.0.11/24."""

    network: str
    interface: str
    address: str


@dataclass(frozen=True, slots=True)
class Site:
    """`links`: of each node. `clients`: for each network, the address that clients have, who sit at the switch.

    `boot_seconds`: from power to the first process; real machines need minutes. `seen`: directories that programs
    need and nodes would not see: on other file systems than /, or where each node has a directory of its own."""

    links: Mapping[str, tuple[Link, ...]]
    clients: Mapping[str, str]
    boot_seconds: float = 5.0
    seen: tuple[str, ...] = ()

    def to_json(self) -> str:
        """As the switch reads it."""
        return json.dumps(dataclasses.asdict(self), indent=2)


def from_json(text: str) -> Site:
    """The opposite of `Site.to_json`."""
    told: dict[str, Any] = json.loads(text)
    links = {node: tuple(Link(**link) for link in given) for node, given in told["links"].items()}
    return Site(links, told["clients"], told["boot_seconds"], tuple(told["seen"]))


def of_deployment(deployment: Deployment, boot_seconds: float, seen: tuple[str, ...] = ()) -> Site:
    """The machines and networks of a deployment. Clients get the last address of each network that nobody has."""
    prefixes: dict[str, int] = {ip.network: ip.prefix for ip in deployment.virtual_ips}
    used: dict[str, set[str]] = {}
    for ip in deployment.virtual_ips:
        used.setdefault(ip.network, set()).add(ip.address)
    nodes = [node for cluster in deployment.clusters for node in cluster.nodes]
    for node in nodes:
        for network, address in node.addresses.items():
            used.setdefault(network, set()).add(address)
    links = {
        node.name: tuple(
            Link(network, node.interfaces[network], f"{address}/{prefixes.get(network, 24)}")
            for network, address in node.addresses.items()
        )
        for node in nodes
    }
    return Site(links, {name: _free(taken, prefixes.get(name, 24)) for name, taken in used.items()}, boot_seconds, seen)


def _free(taken: set[str], prefix: int) -> str:
    network = ipaddress.ip_network(f"{min(taken)}/{prefix}", strict=False)
    last = int(network.broadcast_address) - 1
    address = next(one for n in range(last, int(network.network_address), -1) if (one := _text(n)) not in taken)
    return f"{address}/{prefix}"


def _text(number: int) -> str:
    return str(ipaddress.ip_address(number))


@dataclass(frozen=True, slots=True)
class Places:
    """Where a laboratory keeps its files; all of them are below one directory, which `down` removes."""

    directory: Path

    @property
    def site(self) -> Path:
        """The switch's description."""
        return self.directory / "site.json"

    @property
    def socket(self) -> Path:
        """Where the switch listens for people."""
        return self.directory / "switch"

    @property
    def log(self) -> Path:
        """What the switch did, with times."""
        return self.directory / "switch.log"

    @property
    def disks(self) -> Path:
        """Seen by the switch and the nodes only: what nodes write, in memory."""
        return self.directory / "disks"

    def node(self, name: str) -> Path:
        """A node's console, logs and socket of the power switch."""
        return self.directory / "nodes" / name
