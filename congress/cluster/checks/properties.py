"""CL056: without quorum nothing runs, and nodes that were not seen are fenced."""

from __future__ import annotations

from collections.abc import Iterator

from congress.cluster.checks.check import Check, Subject
from congress.cluster.errors import Problem

WANTED = {
    "no-quorum-policy": (("stop", "suicide"), "stop", "a part without quorum goes on beside the other"),
    "startup-fencing": (("true",), "true", "a node that was never seen is taken for switched off"),
    "maintenance-mode": (("false",), "false", "nothing is watched or restarted"),
}
DEFAULTS = {"no-quorum-policy": "stop", "startup-fencing": "true", "maintenance-mode": "false"}


def _find(subject: Subject) -> Iterator[Problem]:
    for cluster in subject.deployment.clusters:
        for name, (allowed, best, otherwise) in WANTED.items():
            given = cluster.configuration.properties.get(name, DEFAULTS[name])
            if given not in allowed:
                what = f"{cluster.name!r} has {name}={given}: {otherwise}"
                yield subject.problem(subject.cluster_path(cluster), what, f"set it to {best}")


CHECK = Check(
    "CL056",
    "Nothing runs without quorum",
    "With no-quorum-policy=ignore each half of a cut network runs everything, with freeze it keeps what it had, "
    "addresses too. Pacemaker's startup-fencing makes sure of nodes that nobody has heard of since the start.",
    _find,
)
