"""A network of namespaces on one bridge, in which any two groups of machines can be cut off from each other.

The machine that builds it is on the bridge too, so that clients and tests reach every address. Packets are dropped
where they arrive: a sender sees silence, as of a pulled cable, not an error.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable
from itertools import count

from demo.ha.machines import Machine

_NUMBERS = count(1)


def run(*words: str, check: bool = True) -> str:
    """Run a command and answer what it printed."""
    return subprocess.run(words, check=check, capture_output=True, text=True, timeout=30).stdout  # noqa: S603


def _unused() -> str:
    """A prefix whose addresses are nobody's: another network runs, or one was left behind by a crash."""
    routes = run("ip", "-4", "route", "show", "table", "all").split()
    prefixes = (f"10.98.{number}" for number in range(256))
    return next(prefix for prefix in prefixes if not any(each.startswith(f"{prefix}.") for each in routes))


class Network:
    """Use as a context manager: leaving it removes bridge and namespaces."""

    def __init__(self, prefix: str | None = None) -> None:
        """`prefix`: the first three numbers of the addresses; without it 10.98.0, or the next that nobody uses. The
        builder itself gets `<prefix>.254`."""
        self._prefix = prefix or _unused()
        self._id = f"{os.getpid() % 100000}x{next(_NUMBERS)}"
        self._bridge = f"cb{self._id}"[:15]
        self.machines: dict[str, Machine] = {}

    def __enter__(self) -> Network:
        run("ip", "link", "add", self._bridge, "type", "bridge")
        run("ip", "address", "add", f"{self._prefix}.254/24", "dev", self._bridge)
        run("ip", "link", "set", self._bridge, "up")
        return self

    def __exit__(self, *_exc: object) -> None:
        for machine in self.machines.values():
            run("ip", "netns", "delete", str(machine.namespace), check=False)
        run("ip", "link", "delete", self._bridge, check=False)

    @property
    def builder(self) -> str:
        """The address of the machine that built the network."""
        return f"{self._prefix}.254"

    def clients(self, number: int) -> list[str]:
        """Give the builder so many more addresses, 100 at most, as clients on machines of their own would have."""
        addresses = [f"{self._prefix}.{150 + each}" for each in range(number)]
        for address in addresses:
            run("ip", "address", "replace", f"{address}/24", "dev", self._bridge)
        return addresses

    def machine(self, name: str, number: int) -> Machine:
        """Add a machine with the address `<prefix>.<number>`."""
        namespace, link = f"congress-{self._id}-{name}", f"v{self._id}n{number}"[:15]
        run("ip", "netns", "add", namespace)
        run("ip", "link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", namespace)
        run("ip", "link", "set", link, "master", self._bridge, "up")
        inside = ("ip", "-n", namespace)
        run(*inside, "address", "add", f"{self._prefix}.{number}/24", "dev", "eth0")
        run(*inside, "link", "set", "eth0", "up")
        run(*inside, "link", "set", "lo", "up")
        machine = Machine(name, f"{self._prefix}.{number}", namespace)
        run(
            *machine.command(
                ["nft", "add table inet cut; add chain inet cut input { type filter hook input priority 0; }"]
            )
        )
        self.machines[name] = machine
        return machine

    def cut(self, group: Iterable[str], others: Iterable[str] | None = None) -> None:
        """Let nothing pass between these machines and the others (all others, when not given)."""
        one = set(group)
        rest = set(others) if others is not None else set(self.machines) - one
        for side, far in ((one, rest), (rest, one)):
            addresses = ", ".join(self.machines[name].address for name in sorted(far))
            for name in sorted(side):
                rule = f"add rule inet cut input ip saddr {{ {addresses} }} drop"
                run(*self.machines[name].command(["nft", rule]))

    def isolate(self, name: str) -> None:
        """Pull the cable of one machine: it reaches nobody, the builder included."""
        link = f"v{self._id}n{self.machines[name].address.rpartition('.')[2]}"[:15]
        run("ip", "link", "set", link, "nomaster")

    def heal(self) -> None:
        """Undo every cut and put every cable back."""
        for machine in self.machines.values():
            run(*machine.command(["nft", "flush chain inet cut input"]))
            link = f"v{self._id}n{machine.address.rpartition('.')[2]}"[:15]
            run("ip", "link", "set", link, "master", self._bridge, "up")
