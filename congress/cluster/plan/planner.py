"""The planner: from what is, and what is wanted, to steps.

A pure generator. It follows its own steps from state to state, so each is judged as if those before it had succeeded;
hence a plan that was interrupted anywhere is continued by making it again, and nothing is left to do after its end.
"""

from __future__ import annotations

from collections.abc import Iterator

from congress.cluster.deployment import Deployment
from congress.cluster.plan import installing, leaving, serving
from congress.cluster.plan.desired import Desired
from congress.cluster.plan.following import Following
from congress.cluster.plan.state import State
from congress.cluster.plan.steps import Step


def plan(desired: Desired, state: State) -> Iterator[Step]:
    """The steps that lead from `state` to what is desired, in order; none when it is so already.

    Raises congress.cluster.plan.errors.PlanError when there is no such order.
    """
    now = Following(desired, state)
    deployment: Deployment = desired.deployment
    for cluster in deployment.clusters:
        yield from leaving.emptied(now, cluster)
    for machine in desired.machines.values():
        yield from installing.prepared(now, machine)
    for cluster in deployment.clusters:
        yield from installing.together(now, cluster)
    yield from serving.served(now)
    for cluster in deployment.clusters:
        yield from leaving.unlisted(now, cluster)
        yield from leaving.forgotten(now, cluster)
    for machine in desired.machines.values():
        yield from installing.finished(now, machine)
