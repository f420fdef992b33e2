"""CL043: an address with listeners is where a proxy is."""

from __future__ import annotations

from collections.abc import Iterator

from congress.cluster.checks.check import Check, Subject
from congress.cluster.errors import Problem


def _find(subject: Subject) -> Iterator[Problem]:
    description = subject.described.description
    known = {ip.name: ip for ip in subject.deployment.virtual_ips}
    for _, placed in subject.placed():
        for listener in placed.declaration.listeners:
            virtual_ip = known.get(listener.address)
            follows = description.virtual_ips[listener.address].follows if virtual_ip else ""
            if virtual_ip is None or follows != "loadbalancer":
                what = (
                    f"the listener {listener.name!r} is at {listener.address!r}, where no proxy goes with the address"
                )
                instead = f"let virtual IP {listener.address!r} follow `loadbalancer`, or name another `address`"
                yield subject.problem(subject.service_path(placed), what, instead)


CHECK = Check(
    "CL043",
    "An address that clients use is where a proxy is",
    "The address moves with what it follows. When that is not the proxy, it may be at a node where nobody answers.",
    _find,
)
