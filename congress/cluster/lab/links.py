"""The networks of the laboratory: a bridge for each, in the network namespace of the switch, and the nodes' cables.

To be called by the switch, which is in that namespace.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Mapping

from congress.cluster.lab.site import Link


class Networks:
    """`clients`: for each network the address that processes in the namespace of the switch have in it."""

    def __init__(self, clients: Mapping[str, str]) -> None:
        self._bridges = {network: f"br{number}" for number, network in enumerate(clients)}
        _ip("link", "set", "lo", "up")
        for network, address in clients.items():
            # No forwarding delay: a node that is plugged in is reached at once.
            _ip("link", "add", self._bridges[network], "type", "bridge", "forward_delay", "0")
            _ip("address", "add", address, "dev", self._bridges[network])
            _ip("link", "set", self._bridges[network], "up")
        self._cables: dict[str, dict[str, str]] = {}
        self._numbers: dict[str, int] = {}

    def plug(self, node: str, links: Iterable[Link], process: int) -> None:
        """Give the node, whose network namespace a process is in, its interfaces."""
        number = self._numbers.setdefault(node, len(self._numbers))
        self._cables[node] = {}
        for place, link in enumerate(links):
            port = f"n{number}p{place}"
            # The port of a node that died goes with its namespace, but not at once.
            _ip("link", "delete", port, check=False)
            _ip("link", "add", port, "type", "veth", "peer", "name", link.interface, "netns", str(process))
            _ip("link", "set", port, "master", self._bridges[link.network], "up")
            self._cables[node][port] = link.network

    def cut(self, node: str) -> None:
        """Nothing passes any more between the node and anybody; it still sees a carrier, as behind a broken switch."""
        for port in self._cables[node]:
            _ip("link", "set", port, "nomaster")

    def mend(self, node: str) -> None:
        """Undo `cut` and `unplug`."""
        for port, network in self._cables[node].items():
            _ip("link", "set", port, "master", self._bridges[network], "up")

    def unplug(self, node: str) -> None:
        """Pull all cables out: the node sees that there is no carrier."""
        for port in self._cables[node]:
            _ip("link", "set", port, "down")


def _ip(*words: str, check: bool = True) -> None:
    subprocess.run(["ip", *words], check=check, capture_output=not check, timeout=20)
