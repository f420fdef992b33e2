"""One node after the other: restarts and upgrades that clients do not notice.

`round_name` names one round through all nodes; each node remembers it, so the same round again goes on where it was
interrupted, and does nothing when it is complete.
"""

from __future__ import annotations

from collections.abc import Iterator

from congress.cluster.daytwo.standing import BACK_WITHIN, handed_over, taken_back, works_beside, works_on
from congress.cluster.pacemaker.resources import Clone
from congress.cluster.plan import readers
from congress.cluster.plan.conditions import HasRead, Installed, Standby
from congress.cluster.plan.desired import Desired
from congress.cluster.plan.errors import PlanError
from congress.cluster.plan.following import Following
from congress.cluster.plan.stages import Stage, stages
from congress.cluster.plan.state import State
from congress.cluster.plan.steps import Action, Install, Note, Step
from congress.cluster.render.corosync import members


def restart(desired: Desired, state: State, service: str, round_name: str) -> Iterator[Step]:
    """Restart a service wherever it is. Raises PlanError for a service that is nowhere."""
    now = Following(desired, state)
    found = [stage for stage in stages(desired.deployment) if stage.placed.service == service]
    if not found:
        known = sorted({stage.placed.service for stage in stages(desired.deployment)})
        raise PlanError(f"there is no service {service!r}; there are {', '.join(known)}")
    for stage in found:
        for node in stage.placed.nodes:
            yield from _restarted(now, stage, node, round_name)


def _restarted(now: Following, stage: Stage, node: str, round_name: str) -> Iterator[Step]:
    service, cluster = stage.placed.service, stage.cluster
    note = HasRead(node, f"restart-{service}", round_name)
    if note.holds(now.state):
        return
    resources = [
        resource
        for resource in stage.placed.declaration.resources
        if isinstance(resource, Clone) or node == stage.placed.nodes[0]
    ]
    actions: list[Action] = [readers.restart(resource, node) for resource in resources]
    actions.append(Note(note.node, note.reader, note.version))
    yield from now.step(
        f"{node}: restart {service}",
        f"Round {round_name} restarts {service} on one node after the other, while the others serve.",
        actions=tuple(actions),
        before=works_beside(now, cluster, node, service),
        after=(note, *works_on(now, cluster, node, service)),
        within=BACK_WITHIN,
    )


def upgrade(desired: Desired, state: State, round_name: str) -> Iterator[Step]:
    """Install the newest packages on each node while it runs nothing. Raises PlanError when no node can be spared."""
    now = Following(desired, state)
    for cluster in desired.deployment.clusters:
        spared = {member.name for member in members(cluster)} if len(members(cluster)) > 1 else set()
        for node in cluster.nodes:
            machine = desired.machines[node.name]
            note = HasRead(node.name, "upgrade", round_name)
            if not note.holds(now.state):
                why = f"Round {round_name} upgrades {node.name}, and nothing should run from files that change."
                if node.name in spared:
                    yield from handed_over(now, node.name, why)
                yield from now.step(
                    f"{node.name}: upgrade",
                    f"{node.name} runs nothing now; its packages become the newest ones.",
                    actions=(
                        Install(node.name, tuple(sorted(machine.packages))),
                        Note(note.node, note.reader, note.version),
                    ),
                    before=(Standby(cluster.name, node.name, wanted=True),) if node.name in spared else (),
                    after=(note, Installed(node.name, machine.packages)),
                    within=1800.0,
                )
            yield from taken_back(now, node.name, f"{node.name} is upgraded; the next one follows when it works again.")


def maintain(desired: Desired, state: State, node: str) -> Iterator[Step]:
    """Take a node out for work on it."""
    yield from handed_over(Following(desired, state), node, f"Somebody is to work on {node}.")


def resume(desired: Desired, state: State, node: str) -> Iterator[Step]:
    """Let it take part again."""
    yield from taken_back(Following(desired, state), node, f"The work on {node} is over.")
