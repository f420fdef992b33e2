"""A member of the message bus that is not part of it any more, or not a working one."""

from __future__ import annotations

from collections.abc import Iterator

from congress.cluster.daytwo.standing import BACK_WITHIN
from congress.cluster.plan.conditions import Works
from congress.cluster.plan.desired import Desired
from congress.cluster.plan.errors import PlanError
from congress.cluster.plan.following import Following
from congress.cluster.plan.stages import stages
from congress.cluster.plan.state import Instance, State
from congress.cluster.plan.steps import Script, Step
from congress.cluster.render.rabbitmq import SERVICE

CLONE = "rabbitmq-clone"


def rejoin(desired: Desired, state: State) -> Iterator[Step]:
    """Let members that do not work join those that do: as new ones, since the bus goes on without what they had.

    Raises PlanError when none works: then Pacemaker starts the bus anew, and nobody is there to join.
    """
    now = Following(desired, state)
    for stage in stages(desired.deployment):
        if stage.placed.service != SERVICE:
            continue
        cluster = stage.cluster.name
        working = [node for node in stage.placed.nodes if Instance(cluster, SERVICE, node) in state.working]
        if not working:
            raise PlanError(f"{cluster}: no member of the message bus works; see what Pacemaker says about {CLONE}")
        for node in stage.placed.nodes:
            if node in working:
                continue
            yield from now.step(
                f"{node}: join the message bus again",
                f"RabbitMQ on {node} does not work, and it does on {', '.join(working)}; {node} joins as a new member.",
                actions=(
                    # It may be stopped already, or be forgotten: neither matters, what follows does.
                    Script(node, "rabbitmqctl -q stop_app || true"),
                    Script(working[0], f"rabbitmqctl -q forget_cluster_node rabbit@{node} || true"),
                    Script(working[0], f"crm_resource --cleanup --resource {CLONE} --node {node}"),
                ),
                before=(Works(frozenset({Instance(cluster, SERVICE, working[0])})),),
                after=(Works(frozenset({Instance(cluster, SERVICE, node)})),),
                within=BACK_WITHIN,
            )
