"""A State, looked at through a Runner: all of it before a plan is made, and the part that a condition is about while a
step waits for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from congress.cluster.apply import looking
from congress.cluster.apply.errors import ApplyError
from congress.cluster.apply.runner import Runner
from congress.cluster.deployment import Placed
from congress.cluster.plan import conditions as is_
from congress.cluster.plan.desired import MANIFEST, Desired
from congress.cluster.plan.firststeps import Planned, first_steps
from congress.cluster.plan.stages import Stage, stages
from congress.cluster.plan.state import ClusterState, FirstStep, Instance, NodeState, State

MANAGER = ("corosync", "pacemaker")


class Observer:
    """Looks at what a deployment is about; `absent`: its nodes that nobody can be asked about."""

    def __init__(self, desired: Desired, runner: Runner, absent: Iterable[str] = ()) -> None:
        self._desired, self._runner, self._absent = desired, runner, frozenset(absent)
        self._stages = stages(desired.deployment)
        self._planned: Mapping[FirstStep, Planned] = {
            planned.key: planned for stage in self._stages for planned in first_steps(desired.deployment, stage)
        }

    def whole(self) -> State:
        """Everything. Raises ApplyError when a node of the deployment cannot be reached."""
        names = tuple(name for name in self._desired.machines if name not in self._absent)
        with ThreadPoolExecutor(max_workers=16) as threads:
            there = dict(
                zip(names, threads.map(lambda name: looking.reachable(self._runner, name), names), strict=True)
            )
            if away := [name for name in names if not there[name]]:
                raise ApplyError(f"{', '.join(away)} cannot be reached; see that it is up, or take it out first")
            nodes = dict(zip(names, threads.map(self._node, names), strict=True))
        clusters = {cluster.name: self._cluster(cluster.name) for cluster in self._desired.deployment.clusters}
        nodes |= self._leaving(clusters)
        state = State(nodes, clusters)
        with ThreadPoolExecutor(max_workers=16) as threads:
            done = threads.map(lambda planned: self._is_done(state, planned), self._planned.values())
            state = replace(state, done=frozenset(key for key, yes in zip(self._planned, done, strict=True) if yes))
            instances = [instance for stage in self._stages for instance in self._instances(state, stage)]
            working = threads.map(self._works, instances)
            state = replace(
                state,
                working=frozenset(each for each, yes in zip(instances, working, strict=True) if yes),
            )
        for stage in self._stages:
            if _brought_in(state, stage):
                state = self._listed(state, stage)
        return state

    def _listed(self, state: State, stage: Stage) -> State:
        """With what a service that keeps a list of its members has on it, as a member says that works."""
        membership = stage.placed.declaration.membership
        if membership is None:
            return state
        name, service = stage.key
        working = [node for node in stage.placed.nodes if Instance(name, service, node) in state.working]
        found = looking.listed(self._runner, working, membership.listed, timeout=looking.LISTED_WITHIN)
        if found is None:
            return state
        cluster = state.cluster(name)
        return state.with_cluster(name, replace(cluster, listed={**cluster.listed, service: found}))

    def again(self, state: State, conditions: Iterable[is_.Condition]) -> State:
        """The state with a fresh look at what the conditions are about, at nothing twice."""
        paths: dict[str, set[str]] = {}
        clusters: set[str] = set()
        for condition in conditions:
            match condition:
                case is_.FileIs(node, path, _):
                    paths.setdefault(node, set()).add(path)
                case (
                    is_.Online(cluster)
                    | is_.Gone(cluster)
                    | is_.Standby(cluster)
                    | is_.Maintenance(cluster)
                    | is_.Loaded(cluster)
                ):
                    clusters.add(cluster)
                case _:
                    state = self._single(state, condition)
        for node, asked in paths.items():
            rest = {path: found for path, found in state.node(node).files.items() if path not in asked}
            state = self._with(state, node, files={**rest, **looking.files(self._runner, node, asked)})
        for cluster in clusters:
            listed = state.cluster(cluster).listed
            state = state.with_cluster(cluster, replace(self._cluster(cluster), listed=listed))
        return state

    def _single(self, state: State, condition: is_.Condition) -> State:
        runner = self._runner
        match condition:
            case is_.Installed(node, packages):
                return self._with(state, node, packages=runner.installed(node, sorted(packages)))
            case is_.HasAccounts(node, accounts):
                return self._with(state, node, accounts=looking.accounts(runner, node, accounts))
            case is_.AtBoot(node, units, _):
                return self._with(state, node, at_boot=looking.at_boot(runner, node, units))
            case is_.Runs(node, units, _):
                return self._with(state, node, running=looking.running(runner, node, units))
            case is_.Blank(node):
                return self._with(state, node, keeps=looking.keeps(runner, node))
            case is_.HasRead(node, _, _):
                return self._with(state, node, read=looking.read(runner, node))
            case is_.Done(step):
                done = state.done - {step}
                return replace(state, done=done | {step} if self._asked(self._planned[step]) else done)
            case is_.Unlisted(cluster, service):
                (stage,) = (each for each in self._stages if each.key == (cluster, service))
                return self._listed(state, stage)
            case is_.Works(instances):
                working = state.working - instances
                found = {instance for instance in instances if self._works(instance)}
                return replace(state, working=working | found)
            case _:
                raise TypeError(f"nobody knows how to look at {condition!r}")

    def _with(self, state: State, node: str, **seen: object) -> State:
        return state.with_node(node, replace(state.node(node), **seen))  # type: ignore[arg-type]

    def _cluster(self, name: str) -> ClusterState:
        (cluster,) = (each for each in self._desired.deployment.clusters if each.name == name)
        members = [node.name for node in cluster.nodes if not node.remote and node.name not in self._absent]
        return looking.cluster(self._runner, members)

    def _node(self, name: str) -> NodeState:
        machine, runner = self._desired.machines[name], self._runner
        owned = looking.owned(runner, name)
        paths = {file.path for file in machine.files} | owned | {MANIFEST}
        return NodeState(
            packages=runner.installed(name, sorted(machine.packages)),
            accounts=looking.accounts(runner, name, machine.accounts),
            files=looking.files(runner, name, paths),
            owned=owned,
            at_boot=looking.at_boot(runner, name, sorted({*machine.not_at_boot, *machine.units, *machine.by_systemd})),
            running=looking.running(runner, name, sorted(machine.units)),
            read=looking.read(runner, name),
            keeps=looking.keeps(runner, name),
        )

    def _leaving(self, clusters: Mapping[str, ClusterState]) -> dict[str, NodeState]:
        """Members that are known only to their cluster, and can be told to go."""
        known = {name for cluster in clusters.values() for name in cluster.known}
        return {
            name: NodeState(
                at_boot=looking.at_boot(self._runner, name, MANAGER),
                running=looking.running(self._runner, name, MANAGER),
                keeps=looking.keeps(self._runner, name),
            )
            for name in sorted(known - set(self._desired.machines))
            if looking.reachable(self._runner, name)
        }

    def _is_done(self, state: State, planned: Planned) -> bool:
        """Asked only where those that it needs have been brought in: a question to nobody takes its time."""
        if planned.key.node in self._absent:
            return False
        for stage in self._stages:
            if stage.placed.service in planned.once.after and not _brought_in(state, stage):
                return False
        return self._asked(planned)

    def _asked(self, planned: Planned) -> bool:
        return looking.answers(
            self._runner,
            planned.key.node,
            planned.once.done,
            self._desired.secret,
            user=planned.once.user,
            timeout=looking.ASKED_WITHIN,
        )

    def _instances(self, state: State, stage: Stage) -> list[Instance]:
        if stage.placed.declaration.health is None or not _brought_in(state, stage):
            return []
        nodes = [node for node in stage.placed.nodes if node not in self._absent]
        return [Instance(stage.cluster.name, stage.placed.service, node) for node in nodes]

    def _works(self, instance: Instance) -> bool:
        health = self._placed(instance).declaration.health
        assert health is not None
        return looking.answers(
            self._runner, instance.node, health.command, self._desired.secret, user="root", timeout=health.timeout
        )

    def _placed(self, instance: Instance) -> Placed:
        (found,) = (stage.placed for stage in self._stages if stage.key == (instance.cluster, instance.service))
        return found


def _brought_in(state: State, stage: Stage) -> bool:
    present = state.cluster(stage.cluster.name).elements
    return all(f"resources/{name}" in present for name in stage.placed.resources)
