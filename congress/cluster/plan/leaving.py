"""Members that are not wanted any more: they hand over what they run, stop, and are forgotten."""

from __future__ import annotations

from collections.abc import Iterator

from congress.cluster.deployment import Cluster
from congress.cluster.plan.conditions import AtBoot, Gone, Online, Runs, Standby
from congress.cluster.plan.errors import PlanError
from congress.cluster.plan.following import Following
from congress.cluster.plan.installing import MANAGER
from congress.cluster.plan.steps import Script, Step, UnitAction
from congress.cluster.render.corosync import members

EMPTY_WITHIN = 600.0


def leaving(now: Following, cluster: Cluster) -> tuple[str, ...]:
    """Members that the cluster knows and the deployment does not."""
    return tuple(sorted(now.state.cluster(cluster.name).known - {node.name for node in cluster.nodes}))


def emptied(now: Following, cluster: Cluster) -> Iterator[Step]:
    """They run nothing, and stop being members. Raises PlanError when nobody is left to hand over to."""
    staying = frozenset(node.name for node in members(cluster))
    for name in leaving(now, cluster):
        state = now.state.cluster(cluster.name)
        if name in state.online:
            here = sorted(staying & state.online)
            if not here:
                raise PlanError(
                    f"{cluster.name}: {name} is to leave, and none of the members that stay is online; "
                    "bring one of them up first"
                )
            yield from now.step(
                f"{name}: hand over",
                f"{name} is not part of cluster {cluster.name} any more; the others take what it runs first.",
                actions=(Script(here[0], f"crm_standby --node {name} --update on"),),
                before=(Online(cluster.name, frozenset(here)),),
                after=(Standby(cluster.name, name, wanted=True),),
                within=EMPTY_WITHIN,
            )
            if name in now.state.nodes:
                yield from now.step(
                    f"{name}: stop the cluster manager",
                    f"{name} runs nothing, and must not come back by itself.",
                    actions=(
                        UnitAction(name, "disable", "pacemaker"),
                        UnitAction(name, "disable", "corosync"),
                        UnitAction(name, "stop", "pacemaker"),
                        UnitAction(name, "stop", "corosync"),
                    ),
                    before=(Standby(cluster.name, name, wanted=True),),
                    after=(
                        Runs(name, MANAGER, wanted=False),
                        AtBoot(name, MANAGER, wanted=False),
                        Gone(cluster.name, name),
                    ),
                    within=120.0,
                )


def forgotten(now: Following, cluster: Cluster) -> Iterator[Step]:
    """The cluster does not expect them back."""
    for name in leaving(now, cluster):
        here = sorted({node.name for node in members(cluster)} & now.state.cluster(cluster.name).online)
        if here:
            yield from now.step(
                f"{cluster.name}: forget {name}",
                f"{name} has left; a member that is expected back would be fenced when it is silent.",
                # Each remembers it by itself, and whoever coordinates next would tell the others of it again.
                actions=tuple(Script(member, f"crm_node --force --remove {name}") for member in here),
                before=(Gone(cluster.name, name),),
                after=(Gone(cluster.name, name, forgotten=True),),
            )
