"""CL023: Pacemaker waits longer for a stop than systemd."""

from __future__ import annotations

import re
from collections.abc import Iterator

from congress.cluster.checks.check import Check, Subject, primitives
from congress.cluster.checks.times import seconds
from congress.cluster.errors import Problem

UNIT = "/etc/systemd/system/{}.service"
TIMEOUT = re.compile(r"(?m)^TimeoutStopSec=(\S+)$")
SYSTEMD_DEFAULT = 90.0


def _find(subject: Subject) -> Iterator[Problem]:
    for _, placed in subject.placed():
        files = {file.path: file.content for file in placed.declaration.files}
        for primitive in primitives(placed.declaration.resources):
            kind, _, unit = primitive.agent.partition(":")
            if kind != "systemd":
                continue
            given = TIMEOUT.search(files.get(UNIT.format(unit), ""))
            own = seconds(given[1]) if given else SYSTEMD_DEFAULT
            for operation in primitive.operations:
                if operation.name == "stop" and operation.timeout <= own:
                    what = f"Pacemaker gives {unit} {operation.timeout:g} s to stop, systemd gives it {own:g} s"
                    instead = "raise the stop timeout, or lower TimeoutStopSec in its unit"
                    yield subject.problem(subject.service_path(placed), what, instead)


CHECK = Check(
    "CL023",
    "A stop is given more time than systemd takes for it",
    "systemd kills what does not stop within TimeoutStopSec. When Pacemaker's timeout ends before, the stop counts as"
    " failed and the whole node is fenced, because of one slow process that would have been killed a moment later.",
    _find,
)
