"""How a laboratory is, in a few lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from congress.cluster.deployment import Cluster, Deployment
from congress.cluster.lab.errors import LaboratoryError
from congress.cluster.lab.laboratory import Laboratory
from congress.cluster.lab.watching import View, at_rest, view


def status(laboratory: Laboratory, deployment: Deployment) -> Iterator[str]:
    """Power, members, resources and health tests. Raises LaboratoryError when there is no laboratory."""
    power = laboratory.ask("power")
    for cluster in deployment.clusters:
        states = ", ".join(f"{node.name} {power.get(node.name, 'unknown')}" for node in cluster.nodes)
        yield f"cluster {cluster.name}: {states}"
        seen = view(laboratory, cluster)
        if seen is None:
            yield "  no node has quorum"
            continue
        rest = "at rest" if at_rest(laboratory, seen) else "at work"
        yield f"  {len(seen.online)} of {len(cluster.nodes)} members online, {seen.coordinator} decides, {rest}"
        yield from _resources(seen)
        yield from _health(laboratory, cluster)


def _resources(seen: View) -> Iterator[str]:
    for resource, nodes in sorted(seen.roles.items()):
        count = Counter(nodes.values())
        roles = ", ".join(f"{number} {role}" for role, number in sorted(count.items()))
        yield f"  {resource:28} {roles:32} {', '.join(sorted(nodes))}"
    for resource in seen.failed:
        yield f"  {resource:28} failed"


def _health(laboratory: Laboratory, cluster: Cluster) -> Iterator[str]:
    for placed in cluster.services:
        health = placed.declaration.health
        if health is None:
            continue
        works = []
        for node in placed.nodes:
            try:
                answer = laboratory.run(node, health.command, timeout=health.timeout).returncode == 0
            except LaboratoryError:
                answer = False
            works.append(f"{node} {'yes' if answer else 'NO'}")
        yield f"  {placed.service:28} {'passes its test':32} {', '.join(works)}"
