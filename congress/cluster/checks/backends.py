"""CL033: somebody listens where the proxy sends clients."""

from __future__ import annotations

from collections.abc import Iterator

from congress.cluster.checks.check import Check, Subject
from congress.cluster.errors import Problem


def _find(subject: Subject) -> Iterator[Problem]:
    running = {placed.service: set[str]() for _, placed in subject.placed()}
    for _, placed in subject.placed():
        running[placed.service] |= set(placed.nodes)
    for _, placed in subject.placed():
        path = subject.service_path(placed)
        open_ports = {(port.number, port.network) for port in placed.declaration.ports if port.protocol == "tcp"}
        for listener in placed.declaration.listeners:
            wanted = {listener.server_port: "clients"}
            if listener.check.port is not None:
                wanted[listener.check.port] = "its checks"
            for port, whom in wanted.items():
                if (port, listener.network) not in open_ports:
                    what = f"the listener {listener.name!r} sends {whom} to port {port}, not open at {placed.service}"
                    yield subject.problem(path, what, "give it the port that the service declares in this network")
            strangers = sorted(set(listener.members) - running[placed.service])
            if strangers:
                what = f"the listener {listener.name!r} sends clients to {', '.join(strangers)}, which do not run it"
                yield subject.problem(path, what, "leave `members` away, or name nodes that run the service")


CHECK = Check(
    "CL033",
    "Somebody listens where the proxy sends clients",
    "A backend at a wrong port or node is down for ever, or is another service; with APIs whose ports were swapped, "
    "each gets the other's requests.",
    _find,
)
