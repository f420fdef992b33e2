"""What differs between machines and what is wanted of them, for people; secrets are told by their names only."""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Iterator

from congress.cluster import secrets
from congress.cluster.apply.runner import Runner
from congress.cluster.plan.desired import MANIFEST, Desired, Machine
from congress.cluster.plan.state import Found, NodeState, State


def differences(desired: Desired, state: State, runner: Runner) -> Iterator[str]:
    """Lines, for each node and cluster with a difference; none when all is as wanted."""
    for machine in desired.machines.values():
        yield from _of_node(machine, state.node(machine.node.name), runner)
    for cluster in desired.deployment.clusters:
        old, new = state.cluster(cluster.name).elements, desired.elements(cluster)
        for path in sorted({*old, *new}):
            if old.get(path) != new.get(path):
                sign = "+" if path not in old else "-" if path not in new else "~"
                yield f"{cluster.name}: {sign} {path}"


def _of_node(machine: Machine, state: NodeState, runner: Runner) -> Iterator[str]:
    name = machine.node.name
    for package in sorted(machine.packages - state.packages):
        yield f"{name}: + package {package}"
    for account in sorted(machine.accounts - state.accounts):
        yield f"{name}: + account {account}"
    for unit in sorted((machine.units | machine.by_systemd) - state.at_boot):
        yield f"{name}: + {unit} at boot"
    for unit in sorted(machine.not_at_boot & state.at_boot):
        yield f"{name}: - {unit} at boot"
    for unit in sorted(machine.units - state.running):
        yield f"{name}: + {unit} running"
    wanted = {file.path for file in machine.files}
    for path in sorted(state.owned - wanted - {MANIFEST}):
        yield f"{name}: - {path}"
    for file in machine.files:
        present, found = state.files.get(file.path), machine.found(file)
        if present is None:
            yield f"{name}: + {file.path}"
        elif present != found:
            yield f"{name}: ~ {file.path}"
            if present[1:] != found[1:]:
                yield f"    {_access(present)} -> {_access(found)}"
            if present.digest != found.digest:
                yield from _contents(runner, name, file.path, file.content)


def _access(file: Found) -> str:
    return f"{file.mode:04o} {file.owner}:{file.group}"


def _contents(runner: Runner, node: str, path: str, wanted: str) -> Iterator[str]:
    if secrets.names(wanted):
        yield "    its content differs; it holds secrets, and is not shown"
        return
    present = runner.run(node, f"cat {shlex.quote(path)}").output
    lines = difflib.unified_diff(present.splitlines(), wanted.splitlines(), "present", "wanted", lineterm="", n=2)
    for line in list(lines)[2:]:
        yield f"    {line}"
