"""CL003: something can switch each node off."""

from __future__ import annotations

from collections.abc import Iterator

from congress.cluster.checks.check import Check, Subject
from congress.cluster.errors import Problem


def _find(subject: Subject) -> Iterator[Problem]:
    for cluster in subject.deployment.clusters:
        configuration = cluster.configuration
        if configuration.properties.get("stonith-enabled", "true") != "true":
            yield subject.problem(subject.cluster_path(cluster), "fencing is turned off", "set stonith-enabled to true")
        devices = {device.id for device in configuration.fencing}
        for node in cluster.nodes:
            levels = [level for level in configuration.levels if level.target == node.name]
            if not any(level.devices and devices.issuperset(level.devices) for level in levels):
                what = "nothing can switch it off, so whatever it runs is lost with it until somebody comes"
                instead = f"list {node.name!r} in the `hosts` of a device below `fencing`"
                yield subject.problem(("nodes", node.name), what, instead)


CHECK = Check(
    "CL003",
    "Every node can be fenced",
    "A node that does not answer may still run. Its services may start elsewhere only after it is certainly off; "
    "without a device that switches it off they wait for ever, and the virtual addresses do not move. This holds for "
    "remote nodes, too.",
    _find,
)
