"""Members that are not wanted any more: they hand over what they run, stop, and are forgotten."""

from __future__ import annotations

from collections.abc import Iterator

from congress.cluster.deployment import Cluster, Placed
from congress.cluster.plan import memory
from congress.cluster.plan.conditions import AtBoot, Gone, Online, Runs, Standby, Unlisted, Works
from congress.cluster.plan.errors import PlanError
from congress.cluster.plan.following import Following
from congress.cluster.plan.memory import MANAGER
from congress.cluster.plan.state import Instance
from congress.cluster.plan.steps import Action, Script, Step, UnitAction
from congress.cluster.render.corosync import members
from congress.cluster.services.contract import Membership

EMPTY_WITHIN = 600.0
TAKEN_OUT_WITHIN = 300.0


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
                actions=(*_drained(now, cluster, name), Script(here[0], f"crm_standby --node {name} --update on")),
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
        yield from memory.of_a_former_member(now, cluster, name)


def _drained(now: Following, cluster: Cluster, name: str) -> Iterator[Script]:
    """Services that keep a list of their members give back what only a running member can."""
    for placed in cluster.services:
        membership = placed.declaration.membership
        listed = now.state.cluster(cluster.name).listed.get(placed.service, frozenset())
        working = [node for node in placed.nodes if Instance(cluster.name, placed.service, node) in now.state.working]
        if membership is not None and name in listed and working:
            yield Script(working[0], membership_command(membership.drain, name))


def unlisted(now: Following, cluster: Cluster) -> Iterator[Step]:
    """Services that keep a list of their members do not count on those that left, or that they are not on any more."""
    for placed in cluster.services:
        membership = placed.declaration.membership
        if membership is None:
            continue
        for name in sorted(now.state.cluster(cluster.name).listed.get(placed.service, frozenset()) - {*placed.nodes}):
            yield from _taken_out(now, cluster, placed, membership, name)


def _taken_out(now: Following, cluster: Cluster, placed: Placed, membership: Membership, name: str) -> Iterator[Step]:
    working = [node for node in placed.nodes if Instance(cluster.name, placed.service, node) in now.state.working]
    if not working:
        raise PlanError(
            f"{cluster.name}: {placed.service} still counts on {name}, and works nowhere; bring it up on one of "
            f"{', '.join(placed.nodes)} first"
        )
    actions: list[Action] = []
    if name in now.state.nodes:
        actions.append(Script(name, membership_command(membership.left, name)))
    actions.append(Script(working[0], membership_command(membership.forget, name)))
    yield from now.step(
        f"{cluster.name}: take {name} out of {placed.service}",
        f"{placed.service} is not on {name} any more, and would wait for it, and count it in its majorities.",
        actions=tuple(actions),
        before=(Works(frozenset({Instance(cluster.name, placed.service, working[0])})),),
        after=(Unlisted(cluster.name, placed.service, name),),
        within=TAKEN_OUT_WITHIN,
    )


def membership_command(command: str, node: str) -> str:
    """A command of a Membership, about a node."""
    return f"NODE={node}\n{command}"


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
