"""CL034: addresses in configuration files lead to somebody."""

from __future__ import annotations

import re
from collections.abc import Iterator

from congress.cluster.checks.check import Check, Subject
from congress.cluster.errors import Problem

URL = re.compile(r"\b(https?)://(\[[0-9a-fA-F:]+\]|[0-9.]+):(\d+)")


def _find(subject: Subject) -> Iterator[Problem]:
    proxied = {
        ip.address: ip.name
        for ip in subject.deployment.virtual_ips
        if subject.described.description.virtual_ips[ip.name].follows == "loadbalancer"
    }
    listeners = {
        (listener.address, listener.port): listener
        for _, placed in subject.placed()
        for listener in placed.declaration.listeners
    }
    for _, placed in subject.placed():
        for file in placed.declaration.files:
            for scheme, host, port in sorted(set(URL.findall(file.content))):
                name = proxied.get(host.strip("[]"))
                if name is None:
                    continue
                path, url = subject.service_path(placed), f"{scheme}://{host}:{port}"
                listener = listeners.get((name, int(port)))
                speaks = "https" if subject.deployment.tls is not None else "http"
                if listener is None:
                    what = f"{file.path} names {url}, where no listener of the virtual IP {name!r} is"
                    yield subject.problem(path, what, "name the port of a listener at this address")
                elif listener.mode == "http" and scheme != speaks:
                    what = f"{file.path} names {url}, but {listener.name!r} speaks {speaks} there"
                    yield subject.problem(path, what, f"write {speaks}://")


CHECK = Check(
    "CL034",
    "Addresses in configuration files lead to a listener",
    "A service that is told a wrong port of another one, its administrative port instead of its public one, or http "
    "where TLS is spoken, fails at the first request that needs it.",
    _find,
)
