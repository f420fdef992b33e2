"""What a step may take away for a while: never a second instance, never the quorum."""

from __future__ import annotations

from collections.abc import Iterator

from congress.cluster.deployment import Cluster
from congress.cluster.plan.conditions import Online, Standby, Works
from congress.cluster.plan.errors import PlanError
from congress.cluster.plan.following import Following
from congress.cluster.plan.stages import Stage, stages
from congress.cluster.plan.state import Instance
from congress.cluster.plan.steps import Script, Step
from congress.cluster.render.corosync import members
from congress.cluster.services.contract import Mode

EMPTY_WITHIN = 600.0
BACK_WITHIN = 300.0


def cluster_of(now: Following, node: str) -> Cluster:
    """The cluster that a node is in. Raises PlanError for a name that nobody has."""
    for cluster in now.desired.deployment.clusters:
        if any(each.name == node for each in cluster.nodes):
            return cluster
    names = sorted(now.desired.machines)
    raise PlanError(f"there is no node {node!r}; there are {', '.join(names)}")


def works_beside(now: Following, cluster: Cluster, node: str, service: str | None = None) -> tuple[Works, ...]:
    """That the services of a node (or one of them) work on the other nodes, too."""
    found = []
    for stage in _of(now, cluster, service):
        others = frozenset(_instance(stage, name) for name in stage.placed.nodes if name != node)
        if node in stage.placed.nodes and others and stage.placed.mode is Mode.ACTIVE_ACTIVE:
            found.append(Works(others))
    return tuple(found)


def works_on(now: Following, cluster: Cluster, node: str, service: str | None = None) -> tuple[Works, ...]:
    """That the services of a node (or one of them) work, on that node where they are on all."""
    found = []
    for stage in _of(now, cluster, service):
        if node in stage.placed.nodes:
            one = stage.placed.mode is Mode.ACTIVE_PASSIVE
            names = stage.placed.nodes if one else (node,)
            found.append(Works(frozenset(_instance(stage, name) for name in names), all_of_them=not one))
    return tuple(found)


def _of(now: Following, cluster: Cluster, service: str | None) -> list[Stage]:
    return [
        stage
        for stage in stages(now.desired.deployment)
        if stage.cluster.name == cluster.name
        and stage.placed.declaration.health is not None
        and service in (None, stage.placed.service)
    ]


def _instance(stage: Stage, node: str) -> Instance:
    return Instance(stage.cluster.name, stage.placed.service, node)


def handed_over(now: Following, node: str, why: str) -> Iterator[Step]:
    """The node runs nothing and may not. Raises PlanError when the others would be no majority."""
    cluster = cluster_of(now, node)
    full = [each.name for each in members(cluster)]
    others = frozenset(full) - {node}
    if node in full and 2 * len(others) <= len(full) and not cluster.quorum_device:
        raise PlanError(f"{node} cannot be spared: {cluster.name} has {len(full)} members, and needs more than half")
    yield from now.step(
        f"{node}: hand over",
        f"{why} The others take what {node} runs first.",
        actions=(Script(min(others, default=node), f"crm_standby --node {node} --update on"),),
        before=(Online(cluster.name, others), *works_beside(now, cluster, node)),
        after=(Standby(cluster.name, node, wanted=True),),
        within=EMPTY_WITHIN,
    )


def taken_back(now: Following, node: str, why: str) -> Iterator[Step]:
    """The node runs again what it should."""
    cluster = cluster_of(now, node)
    first = next((each.name for each in members(cluster) if each.name != node), node)
    yield from now.step(
        f"{node}: take part again",
        why,
        actions=(Script(first, f"crm_standby --node {node} --delete"),),
        before=(Online(cluster.name, frozenset({node})),),
        after=(Standby(cluster.name, node, wanted=False), *works_on(now, cluster, node)),
        within=BACK_WITHIN,
    )
