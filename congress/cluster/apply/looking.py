"""Looking at machines and clusters, one piece at a time, through a Runner: what a State is made from."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterable, Mapping
from xml.etree.ElementTree import Element

from congress.cluster import secrets
from congress.cluster.apply.runner import Runner
from congress.cluster.pacemaker import reading
from congress.cluster.plan.desired import MANIFEST, Secret
from congress.cluster.plan.elements import elements
from congress.cluster.plan.memory import COPY
from congress.cluster.plan.state import ClusterState, Found

READ = "/var/lib/congress-cluster/read"
"""The directory of a node with a file for each reader: which version of its files it has read."""

ASKED_WITHIN = 20.0
"""Seconds that a question may take; an answer that is not there by then is no."""

LISTED_WITHIN = 30.0

_EACH_FILE = (
    'while IFS= read -r path; do if test -f "$path"; then '
    'printf "%s %s %s\\n" "$(sha256sum <"$path" | cut -c -64)" "$(stat -c "%a %U %G" -- "$path")" "$path"; fi; done'
)
_AT_BOOT = ("enabled", "enabled-runtime", "alias")


def script(text: str) -> str:
    """Commands as standard input of `sh -s`, which none of them can take for its own."""
    return f"main() {{\n{text}\n}}\ncd / && main </dev/null\n"


def shell(user: str) -> str:
    return "sh -s" if user == "root" else f"runuser -u {shlex.quote(user)} -- sh -s"


def answers(runner: Runner, node: str, question: str, secret: Secret, *, user: str, timeout: float) -> bool:
    """Whether a command with marks of secrets ends with 0."""
    text = script(secrets.filled(question, secret))
    return bool(runner.run(node, shell(user), stdin=text, timeout=timeout))


def reachable(runner: Runner, node: str) -> bool:
    return bool(runner.run(node, "true", timeout=ASKED_WITHIN))


def files(runner: Runner, node: str, paths: Iterable[str]) -> Mapping[str, Found]:
    """Those that are there, as they are."""
    asked = "".join(f"{path}\n" for path in sorted(set(paths)))
    found = {}
    for line in runner.run(node, _EACH_FILE, stdin=asked).output.splitlines():
        digest, mode, owner, group, path = line.split(" ", 4)
        found[path] = Found(digest, int(mode, 8), owner, group)
    return found


def owned(runner: Runner, node: str) -> frozenset[str]:
    """The files that the node was given, by its own account of them."""
    told = runner.run(node, f"cat {MANIFEST} 2>/dev/null")
    return frozenset(told.output.splitlines()) | ({MANIFEST} if told else set())


def accounts(runner: Runner, node: str, names: Collection[str]) -> frozenset[str]:
    if not names:
        return frozenset()
    told = runner.run(node, f"getent passwd {shlex.join(sorted(names))}")
    return frozenset(line.split(":")[0] for line in told.output.splitlines()) & frozenset(names)


def at_boot(runner: Runner, node: str, units: Iterable[str]) -> frozenset[str]:
    """Those that start by themselves; a unit that others pull in is none."""

    def starts(unit: str) -> bool:
        told = runner.unit(node, "is-enabled", unit)
        words = told.output.split()
        return bool(told) and (not words or words[0] in _AT_BOOT)

    return frozenset(unit for unit in units if starts(unit))


def running(runner: Runner, node: str, units: Iterable[str]) -> frozenset[str]:
    return frozenset(unit for unit in units if runner.unit(node, "is-active", unit))


def keeps(runner: Runner, node: str) -> bool:
    """Whether it has a copy of a cluster's configuration."""
    return bool(runner.run(node, f"test -e {COPY}"))


def read(runner: Runner, node: str) -> Mapping[str, str]:
    """What each reader has read last."""
    told = runner.run(node, f"cd {READ} 2>/dev/null && grep -H . -- * 2>/dev/null")
    pairs = (line.partition(":") for line in told.output.splitlines())
    return {reader: version for reader, _, version in pairs}


def listed(runner: Runner, nodes: Iterable[str], command: str, *, timeout: float) -> frozenset[str] | None:
    """The members that a service tells on the first of these nodes that knows; None when none does."""
    for node in nodes:
        if told := runner.run(node, "sh -s", stdin=script(command), timeout=timeout):
            return frozenset(told.output.split())
    return None


def cluster(runner: Runner, nodes: Iterable[str]) -> ClusterState:
    """What the first of the nodes says that is in a cluster with quorum; or else the first in a cluster."""
    minority = ClusterState()
    for node in nodes:
        found = _seen_by(runner, node)
        if found.quorate:
            return found
        if found.known and not minority.known:
            minority = found
    return minority


def _seen_by(runner: Runner, node: str) -> ClusterState:
    told = runner.run(node, "crm_mon --one-shot --output-as=xml", timeout=ASKED_WITHIN)
    configuration = runner.run(node, "cibadmin --query --scope configuration", timeout=ASKED_WITHIN)
    if not (told and configuration):
        return ClusterState()
    return cluster_state(reading.parsed(told.output), reading.parsed(configuration.output))


def cluster_state(monitor: Element, configuration: Element) -> ClusterState:
    """From the answers of `crm_mon` and `cibadmin`."""
    status = reading.status(monitor)
    coordinator = monitor.find("summary/current_dc")
    options = monitor.find("summary/cluster_options")
    with_quorum = coordinator is not None and coordinator.get("with_quorum") == "true"
    busy = status.busy()
    return ClusterState(
        known=frozenset(node.get("uname", "") for node in configuration.findall("nodes/node")),
        online=frozenset(
            name for name, node in status.nodes.items() if node.online and not node.unclean and not node.pending
        ),
        empty=frozenset(name for name in status.nodes if name not in busy),
        standby=frozenset(name for name, node in status.nodes.items() if node.standby),
        quorate=with_quorum,
        maintenance=options is not None and options.get("maintenance-mode") == "true",
        elements=elements(configuration),
    )
