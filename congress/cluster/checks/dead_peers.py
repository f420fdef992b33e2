"""CL025: connections to a dead machine end soon."""

from __future__ import annotations

from collections.abc import Iterator

from congress.cluster.checks.check import Check, Subject
from congress.cluster.checks.times import API_ANSWERS
from congress.cluster.errors import Problem

TIME, PROBES, INTERVAL = (f"net.ipv4.tcp_keepalive_{name}" for name in ("time", "probes", "intvl"))
DEFAULTS = {TIME: 7200.0, PROBES: 9.0, INTERVAL: 75.0}


def _find(subject: Subject) -> Iterator[Problem]:
    for cluster in subject.deployment.clusters:
        for node in cluster.nodes:
            here = [placed for placed in cluster.services if node.name in placed.nodes]
            talks = [placed for placed in here if placed.declaration.databases or placed.declaration.broker_accounts]
            settings = {name: value for placed in here for name, value in placed.declaration.sysctl.items()}
            values = {name: float(settings.get(name, default)) for name, default in DEFAULTS.items()}
            found_after = values[TIME] + values[PROBES] * values[INTERVAL]
            if talks and found_after > API_ANSWERS:
                what = f"it notices after {found_after:g} s that the machine at the other end of a connection is gone"
                instead = f"set {TIME} = 5, {PROBES} = 5 and {INTERVAL} = 1"
                yield subject.problem(subject.service_path(talks[0]), what, instead)
                break


CHECK = Check(
    "CL025",
    "A connection to a dead machine ends soon",
    "A machine without power closes no connections. Whoever waits for an answer of the database or the message bus "
    "waits until the kernel's keepalive gives the connection up: two hours by default. It is needed on all nodes that"
    " talk to them, not on those alone that run them.",
    _find,
)
