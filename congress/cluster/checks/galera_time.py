"""CL024: Galera's timeouts are in their order, and short."""

from __future__ import annotations

import re
from collections.abc import Iterator

from congress.cluster.checks.check import Check, Subject, with_agent
from congress.cluster.checks.times import API_ANSWERS
from congress.cluster.errors import Problem

SETTING = re.compile(r"evs\.(\w+)\s*=\s*PT([0-9.]+)S")
DEFAULTS = {
    "keepalive_period": 1.0,
    "inactive_check_period": 0.5,
    "suspect_timeout": 5.0,
    "install_timeout": 7.5,
    "inactive_timeout": 15.0,
}
JOINING = 1.0
"""Seconds for which a node of Galera says nothing while it joins: it has no thread for that yet."""
ORDER = ("keepalive_period", "suspect_timeout", "install_timeout", "inactive_timeout")


def _find(subject: Subject) -> Iterator[Problem]:
    for _, placed in subject.placed():
        if not with_agent(placed, "ocf:heartbeat:galera"):
            continue
        given = {
            name: float(value) for file in placed.declaration.files for name, value in SETTING.findall(file.content)
        }
        times = DEFAULTS | given
        path = subject.service_path(placed)
        for shorter, longer in zip(ORDER, ORDER[1:], strict=False):
            if times[shorter] >= times[longer]:
                what = f"Galera's evs.{shorter} ({times[shorter]:g} s) is not below evs.{longer} ({times[longer]:g} s)"
                yield subject.problem(path, what, f"keep {' < '.join(ORDER)}")
        if times["suspect_timeout"] <= JOINING:
            suspect = times["suspect_timeout"]
            what = f"Galera suspects a node after {suspect:g} s, and who joins is silent for {JOINING:g} s"
            yield subject.problem(path, what, f"make evs.suspect_timeout longer than {JOINING:g} s, 1.5 s for example")
        if times["inactive_timeout"] >= API_ANSWERS:
            what = f"a silent node of Galera may hold all writes up for {times['inactive_timeout']:g} s"
            yield subject.problem(path, what, f"keep evs.inactive_timeout below {API_ANSWERS:g} s")


CHECK = Check(
    "CL024",
    "Galera gives a silent node up in time",
    "All writes wait until a silent node is suspected and left out. The provider wants keepalive_period < "
    "suspect_timeout < install_timeout < inactive_timeout, or does not start; and the database is promised to take "
    "writes again in 15 s. A node that joins is silent for a second; when the others suspect it for that, they fall "
    "apart, and take no writes until they have agreed again, which takes them five seconds.",
    _find,
)
