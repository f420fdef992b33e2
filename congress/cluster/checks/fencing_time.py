"""CL005: Pacemaker waits as long as fencing takes."""

from __future__ import annotations

from collections.abc import Iterator

from congress.cluster.checks.check import Check, Subject
from congress.cluster.checks.times import seconds
from congress.cluster.errors import Problem


def _find(subject: Subject) -> Iterator[Problem]:
    for cluster in subject.deployment.clusters:
        configuration = cluster.configuration
        waits = seconds(configuration.properties.get("stonith-timeout", "60s"))
        takes = {
            device.id: seconds(device.parameters.get("pcmk_reboot_timeout", "60s")) for device in configuration.fencing
        }
        for level in configuration.levels:
            together = sum(takes.get(device, 0.0) for device in level.devices)
            if together > waits:
                what = f"switching it off and on takes up to {together:g} s, but fencing is given up after {waits:g} s"
                instead = "shorten the `timeout` of its devices, or raise stonith-timeout"
                yield subject.problem(("nodes", level.target), what, instead)


CHECK = Check(
    "CL005",
    "Fencing is waited for as long as it takes",
    "A fencing that is given up before the device is ready counts as failed, and is begun again from the start: for "
    "ever, if the device needs longer each time. stonith-timeout is at least the sum of the times of the devices of a"
    " level.",
    _find,
)
