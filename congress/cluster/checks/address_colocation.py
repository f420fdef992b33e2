"""CL054: an address is kept with what it follows."""

from __future__ import annotations

from collections.abc import Iterator

from congress.cluster.arrangement import address_id
from congress.cluster.checks.check import Check, Subject
from congress.cluster.errors import Problem
from congress.cluster.pacemaker.resources import INFINITY, Colocation


def _find(subject: Subject) -> Iterator[Problem]:
    description = subject.described.description
    clusters = {cluster.name: cluster for cluster in subject.deployment.clusters}
    for virtual_ip in subject.deployment.virtual_ips:
        cluster = clusters.get(virtual_ip.cluster)
        if cluster is None or virtual_ip.by != "pacemaker":
            continue
        follows = description.virtual_ips[virtual_ip.name].follows
        resources = {name for placed in cluster.services if placed.service == follows for name in placed.resources}
        kept = any(
            isinstance(constraint, Colocation)
            and constraint.resource == address_id(virtual_ip)
            and constraint.with_ in resources
            and constraint.score >= INFINITY
            for constraint in cluster.configuration.constraints
        )
        if not kept:
            what = f"nothing keeps it on a node where {follows} runs"
            instead = f"add a colocation of {address_id(virtual_ip)} with {follows}, with score INFINITY"
            yield subject.problem(("virtual_ips", virtual_ip.name), what, instead)


CHECK = Check(
    "CL054",
    "An address is on a node where a proxy runs",
    "Without a colocation the address stays where the proxy died, or goes where it never ran, and nobody answers at "
    "it.",
    _find,
)
