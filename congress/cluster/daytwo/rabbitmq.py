"""Members of the message bus that do not work, or are lost with what only they had."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from congress.cluster.daytwo.standing import BACK_WITHIN
from congress.cluster.plan.conditions import Unlisted, Works
from congress.cluster.plan.desired import Desired
from congress.cluster.plan.errors import PlanError
from congress.cluster.plan.following import Following
from congress.cluster.plan.leaving import membership_command
from congress.cluster.plan.stages import Stage, stages
from congress.cluster.plan.state import Instance, State
from congress.cluster.plan.steps import Action, Script, Step
from congress.cluster.render.rabbitmq import SERVICE
from congress.cluster.services.messaging import REPLICAS, SERVER

CLONE = "rabbitmq-clone"


@dataclass(frozen=True, slots=True)
class _Bus:
    """A message bus of the deployment, as it is followed."""

    now: Following
    stage: Stage
    lost: frozenset[str]

    def instances(self, *nodes: str) -> Works:
        return Works(frozenset(Instance(self.stage.cluster.name, SERVICE, node) for node in nodes))

    @property
    def staying(self) -> tuple[str, ...]:
        return tuple(node for node in self.stage.placed.nodes if node not in self.lost)

    @property
    def working(self) -> tuple[str, ...]:
        return tuple(node for node in self.staying if self.instances(node).holds(self.now.state))


def recover(
    desired: Desired, state: State, *, without: frozenset[str] = frozenset(), there: frozenset[str] = frozenset()
) -> Iterator[Step]:
    """Start members that do not work, which keep their data.

    `without`: members that are given up with what only they had: the others do not wait for them, and those that are
    `there` come back as new ones. Raises PlanError for names that are no members, and when nobody is left.
    """
    now = Following(desired, state)
    buses = [
        _Bus(now, stage, without & {*stage.placed.nodes})
        for stage in stages(desired.deployment)
        if stage.placed.service == SERVICE
    ]
    members = sorted(node for bus in buses for node in bus.stage.placed.nodes)
    if unknown := sorted(without - {*members}):
        raise PlanError(f"{', '.join(unknown)} is no member of the message bus; there are {', '.join(members)}")
    for bus in buses:
        if not bus.staying:
            raise PlanError("all members of the message bus are given up, and nobody is left to begin with")
        yield from _started(bus)
        for node in sorted(bus.lost):
            yield from _given_up(bus, node, comes_back=node in there)


def _started(bus: _Bus) -> Iterator[Step]:
    """Those that stay work: one by one beside others that do, or all together when nobody does."""
    stopped = [node for node in bus.staying if node not in bus.working]
    if not bus.working:
        yield from _all_started(bus)
        return
    for node in stopped:
        yield from bus.now.step(
            f"{node}: start its member of the message bus again",
            f"RabbitMQ on {node} does not work, and it does on {', '.join(bus.working)}; it comes back with its data.",
            actions=_again(node, bus.working[0]),
            before=(bus.instances(bus.working[0]),),
            after=(bus.instances(node),),
            within=BACK_WITHIN,
        )


def _all_started(bus: _Bus) -> Iterator[Step]:
    first = bus.staying[0]
    actions: list[Action] = [Script(node, _STOP) for node in bus.staying]
    if bus.lost:
        actions.append(Script(first, "rabbitmqctl -q force_boot"))
        why = f"{first} begins with what it has, without {', '.join(sorted(bus.lost))}."
    else:
        why = "members that stopped last have to start before the others can."
    actions.append(Script(first, f"crm_resource --cleanup --resource {CLONE}"))
    yield from bus.now.step(
        f"{bus.stage.cluster.name}: start the message bus",
        f"RabbitMQ works nowhere: {why}",
        actions=tuple(actions),
        after=(bus.instances(*bus.staying),),
        # They wait for each other for up to five minutes.
        within=2 * BACK_WITHIN,
    )


def _given_up(bus: _Bus, node: str, *, comes_back: bool) -> Iterator[Step]:
    membership = bus.stage.placed.declaration.membership
    assert membership is not None
    cluster = bus.stage.cluster.name
    before = (bus.instances(*bus.staying[:1]),)
    actions: list[Action] = []
    if comes_back:
        if bus.instances(node).holds(bus.now.state):
            raise PlanError(f"RabbitMQ on {node} works; leave --without {node} away, or stop it first")
        actions.append(Script(node, membership_command(membership.left, node)))
    actions.append(Script(bus.staying[0], membership_command(membership.forget, node)))
    yield from bus.now.step(
        f"{cluster}: give up the message bus's member on {node}",
        f"The others do not wait for {node} any more"
        + (", and it puts its data aside." if comes_back else ", which may not come back with its data."),
        actions=tuple(actions),
        before=before,
        after=(Unlisted(cluster, SERVICE, node),),
        within=BACK_WITHIN,
    )
    if not comes_back:
        return
    yield from bus.now.step(
        f"{node}: join the message bus as a new member",
        f"{node} has no data and is nobody's member; its queues' replicas are made anew.",
        actions=(
            Script(bus.staying[0], f"crm_resource --cleanup --resource {CLONE} --node {node}"),
            Script(node, f"{_WAIT}\n{REPLICAS} grow", timeout=2 * BACK_WITHIN),
        ),
        before=before,
        after=(bus.instances(node),),
        within=BACK_WITHIN,
    )


_STOP = f"systemctl stop {SERVER.name}"
_WAIT = "until rabbitmq-diagnostics -q check_running; do sleep 2; done"


def _again(node: str, other: str) -> tuple[Action, ...]:
    """Pacemaker starts what it finds stopped."""
    return (Script(node, _STOP), Script(other, f"crm_resource --cleanup --resource {CLONE} --node {node}"))
