"""What is found out about one scenario, and how it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from congress.cluster.pacemaker.reading import Instance, NodeStatus, Status
from congress.cluster.verify.footprint import Footprint
from congress.cluster.verify.invariants import Finding
from congress.cluster.verify.scenarios import Scenario


@dataclass(frozen=True, slots=True)
class First:
    """What the events of a scenario's first moment led to. `key`: of the state; `status`: None where it is the state of
    undisturbed times."""

    key: str
    concerned: Footprint
    status: Status | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """`moment`: that of the findings, from 0, with which the scenario ended. `calls`: of the scheduler."""

    scenario: Scenario
    findings: tuple[Finding, ...]
    moment: int
    calls: int
    first: First | None

    @property
    def failing(self) -> Scenario:
        """The scenario as far as it takes to break something."""
        return self.scenario[: self.moment + 1]


def plain(verdict: Verdict) -> dict[str, object]:
    """For JSON, without the scenario, by which it is kept."""
    first = verdict.first
    return {
        "findings": [list(finding) for finding in verdict.findings],
        "moment": verdict.moment,
        "calls": verdict.calls,
        "first": None
        if first is None
        else {
            "key": first.key,
            "concerned": sorted(first.concerned),
            "nodes": None if first.status is None else [_node(node) for node in first.status.nodes.values()],
            "instances": None if first.status is None else [_instance(i) for i in first.status.instances],
        },
    }


def verdict(scenario: Scenario, kept: dict[str, object]) -> Verdict:
    """What `plain` kept. Raises ValueError, TypeError and KeyError for anything else."""
    first = kept["first"]
    return Verdict(
        scenario,
        tuple(Finding(*finding) for finding in _list(kept["findings"])),
        _int(kept["moment"]),
        _int(kept["calls"]),
        None if first is None else _first(first),
    )


def _first(kept: object) -> First:
    if not isinstance(kept, dict):
        raise TypeError("not what was kept")
    status = None
    if kept["nodes"] is not None:
        nodes = [NodeStatus(*node) for node in _list(kept["nodes"])]
        instances = tuple(Instance(*instance) for instance in _list(kept["instances"]))
        status = Status({node.name: node for node in nodes}, instances)
    concerned = frozenset((resource, node) for resource, node in _list(kept["concerned"]))
    return First(str(kept["key"]), concerned, status)


def _node(node: NodeStatus) -> list[object]:
    return [node.name, node.online, node.unclean, node.pending, node.standby, node.maintenance, node.remote]


def _instance(instance: Instance) -> list[object]:
    return [instance.resource, instance.node, instance.role, instance.name, instance.failed, instance.blocked]


def _list(value: object) -> list[Any]:  # what is in it fails where it is used
    if not isinstance(value, list):
        raise TypeError("not what was kept")
    return value


def _int(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError("not what was kept")
    return value
