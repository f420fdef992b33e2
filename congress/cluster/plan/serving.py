"""From members to services: each comes into the configuration when those that it needs work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from congress.cluster.deployment import Cluster
from congress.cluster.pacemaker.cib import configuration_element
from congress.cluster.pacemaker.resources import Clone, Configuration, Primitive
from congress.cluster.plan import quiet, readers
from congress.cluster.plan.conditions import Condition, Done, FileIs, HasRead, Loaded, Maintenance, Online, Works
from congress.cluster.plan.desired import Machine
from congress.cluster.plan.firststeps import Planned, first_steps
from congress.cluster.plan.following import Following
from congress.cluster.plan.splicing import SECTIONS
from congress.cluster.plan.stages import Stage, restricted, stages
from congress.cluster.plan.state import Instance
from congress.cluster.plan.steps import Action, Load, Note, Script, Step, UnitAction
from congress.cluster.render.corosync import members
from congress.cluster.services.contract import Mode

WORKS_WITHIN = 600.0
FIRST_STEP_WITHIN = 900.0


def served(now: Following) -> Iterator[Step]:
    """All services run as they should, and have read their files. What is not wanted any more goes last: what takes its
    place, in another cluster perhaps, works then. Only an address goes before it comes elsewhere."""
    all_stages = stages(now.desired.deployment)
    clusters = now.desired.deployment.clusters
    for cluster in clusters:
        if _gives_an_address(now, cluster):
            yield from _removed(now, cluster)
    for cluster in clusters:
        yield from _foundation(now, cluster)
    for stage in all_stages:
        yield from _brought_in(now, stage, all_stages)
    for cluster in clusters:
        yield from _removed(now, cluster)


def _gives_an_address(now: Following, cluster: Cluster) -> bool:
    """Whether something that goes here is wanted elsewhere under the same name, as addresses are."""
    wanted = now.desired.elements(cluster)
    gone = {path for path in now.state.cluster(cluster.name).elements if path not in wanted}
    return any(
        f"resources/{resource.id}" in gone
        for other in now.desired.deployment.clusters
        for resource in other.configuration.resources
        if isinstance(resource, Primitive) and resource.agent.endswith(":IPaddr2")
    )


def _removed(now: Following, cluster: Cluster) -> Iterator[Step]:
    if now.state.cluster(cluster.name).elements:
        configuration = restricted(cluster, _present(now, cluster))
        name = f"{cluster.name}: take out what is not wanted"
        yield from _loaded(now, cluster, configuration, name, "What takes its place works.", rest="removed")


def _present(now: Following, cluster: Cluster) -> frozenset[str]:
    """The services that the cluster's configuration has already."""
    elements = now.state.cluster(cluster.name).elements
    return frozenset(
        placed.service
        for placed in cluster.services
        if all(f"resources/{name}" in elements for name in placed.resources)
    )


def _foundation(now: Following, cluster: Cluster) -> Iterator[Step]:
    """Fencing and properties, before anything that would be fenced runs; later, what changed of what is there."""
    configuration = restricted(cluster, _present(now, cluster))
    if now.state.cluster(cluster.name).elements:
        yield from _loaded(now, cluster, configuration, f"{cluster.name}: load what changed", "")
    else:
        reason = "Nothing may run before a node that fails can be fenced."
        yield from _loaded(now, cluster, configuration, f"{cluster.name}: load fencing and properties", reason)
    yield from quiet.ended(now, cluster)


def _steps(now: Following, stage: Stage) -> tuple[Planned, ...]:
    return tuple(
        planned for planned in first_steps(now.desired.deployment, stage) if not Done(planned.key).holds(now.state)
    )


def _brought_in(now: Following, stage: Stage, all_stages: tuple[Stage, ...]) -> Iterator[Step]:
    """The first steps that come before, the resources, and the first steps that need them."""
    cluster, placed = stage.cluster, stage.placed
    for planned in _steps(now, stage):
        if not planned.own:
            yield from _first_step(now, planned, all_stages)
    present = _present(now, cluster)
    if placed.service in present:
        yield from _readers(now, stage)
    else:
        notes = tuple(_unread(now, stage))
        yield from _loaded(
            now,
            cluster,
            restricted(cluster, {*present, placed.service}),
            f"{cluster.name}: bring in {placed.service}",
            f"{placed.service} is not in the configuration, and all that it needs works.",
            notes,
        )
    yield from _working(now, stage)
    for planned in _steps(now, stage):
        if planned.own:
            yield from _first_step(now, planned, all_stages)


def _first_step(now: Following, planned: Planned, all_stages: tuple[Stage, ...]) -> Iterator[Step]:
    key, once = planned.key, planned.once
    needed = [other for other in all_stages if other.placed.service in once.after]
    yield from now.step(
        f"{key.node}: {once.name}",
        f"It was never done on {key.node}"
        + (f", and can be, since {', '.join(sorted(once.after))} works." if once.after else "."),
        actions=(Script(key.node, once.command, once.user, FIRST_STEP_WITHIN),),
        before=tuple(works for other in needed for works in _works(now, other)),
        after=(Done(key),),
    )


def _works(now: Following, stage: Stage, node: str | None = None) -> tuple[Works, ...]:
    """That the service passes its test, on one node or wherever it should; not where somebody wants nothing to run."""
    placed = stage.placed
    wanted = placed.nodes if node is None or placed.mode is Mode.ACTIVE_PASSIVE else (node,)
    nodes = [name for name in wanted if not _stands_by(now, stage, name)]
    if placed.declaration.health is None or not nodes:
        return ()
    instances = frozenset(Instance(stage.cluster.name, placed.service, node) for node in nodes)
    return (Works(instances, all_of_them=placed.mode is not Mode.ACTIVE_PASSIVE),)


def _stands_by(now: Following, stage: Stage, node: str) -> bool:
    return node in now.state.cluster(stage.cluster.name).standby


def _working(now: Following, stage: Stage) -> Iterator[Step]:
    placed = stage.placed
    yield from now.step(
        f"{stage.cluster.name}: wait for {placed.service}",
        f"Others may need {placed.service} only when it passes its health test.",
        before=(Online(stage.cluster.name, frozenset(_full(stage.cluster))),),
        after=_works(now, stage),
        within=WORKS_WITHIN,
    )


def _loaded(
    now: Following,
    cluster: Cluster,
    configuration: Configuration,
    name: str,
    reason: str,
    notes: tuple[HasRead, ...] = (),
    rest: Literal["removed", "kept"] = "kept",
) -> Iterator[Step]:
    wanted = dict(now.desired.elements(cluster, configuration_element(configuration)))
    present = now.state.cluster(cluster.name).elements
    if rest == "kept":
        wanted = {path: version for path, version in present.items() if _may_stay(path)} | wanted
    full = _full(cluster)
    kept = quiet.kept_running(cluster, present, wanted)
    if kept:
        why = f"Pacemaker would restart {', '.join(kept)} on all nodes at once, for what matters at a start."
        yield from quiet.begun(now, cluster, why)
    actions: list[Action] = [Note(each.node, each.reader, each.version) for each in notes]
    actions.append(Load(full[0], cluster.name, configuration, rest))
    after: list[Condition] = [*notes, Loaded(cluster.name, wanted)]
    yield from now.step(
        name,
        f"{reason} {_difference(present, wanted)}".strip(),
        actions=tuple(actions),
        before=(Online(cluster.name, frozenset(full)),),
        after=tuple(after),
    )
    yield from quiet.ended(now, cluster)


def _may_stay(path: str) -> bool:
    return path.split("/", 1)[0] in SECTIONS


def _difference(old: Mapping[str, str], new: Mapping[str, str]) -> str:
    parts = {
        "new": sorted(set(new) - set(old)),
        "changed": sorted(path for path in set(new) & set(old) if new[path] != old[path]),
        "gone": sorted(set(old) - set(new)),
    }
    told = [f"{len(paths)} {what} ({_short(paths)})" for what, paths in parts.items() if paths]
    return f"Of its elements, {'; '.join(told)}." if told else ""


def _short(paths: list[str]) -> str:
    shown = [path.split("/", 1)[1] for path in paths[:4]]
    return ", ".join([*shown, *(["..."] if len(paths) > 4 else [])])


def _readers(now: Following, stage: Stage) -> Iterator[Step]:
    """What runs already reads its changed files, one node after the other; the next one only when what has read them
    works."""
    for reader, unit in readers.AT_ONCE.items():
        if any(reader in _stale(now, stage, name) for name in stage.placed.nodes):
            yield from _all_at_once(now, stage, reader, unit)
    behind = {name: stale for name in stage.placed.nodes if (stale := _stale(now, stage, name))}
    if not behind:
        return
    ahead = [name for name in stage.placed.nodes if name not in behind]
    yield from now.step(
        f"{stage.cluster.name}: wait for {stage.placed.service} where it has read its files",
        f"{', '.join(behind)} have to restart, and {', '.join(ahead)} to serve meanwhile.",
        after=tuple(dict.fromkeys(works for name in ahead for works in _works(now, stage, name))),
        within=WORKS_WITHIN,
    )
    for name, stale in behind.items():
        for reader in stale:
            machine = now.desired.machines[name]
            if not HasRead(name, reader, machine.reads[reader]).holds(now.state):
                yield from _read(now, stage, machine, reader, machine.reads[reader])


def _all_at_once(now: Following, stage: Stage, reader: str, unit: str) -> Iterator[Step]:
    """A key that members show each other changed: nobody with the old one is there when the first has the new one.
    Whatever else changed is read by that start, too."""
    cluster, placed = stage.cluster, stage.placed
    nodes = [name for name in placed.nodes if not _stands_by(now, stage, name)]
    mine = [(name, each) for name in placed.nodes for each in _stale(now, stage, name)]
    notes = [HasRead(name, each, now.desired.machines[name].reads[each]) for name, each in mine]
    yield from quiet.begun(now, cluster, f"Pacemaker would take the stop of {unit} for a failure.")
    yield from now.step(
        f"{cluster.name}: restart all members of {placed.service} at once: {reader}",
        f"{placed.service} has another key between its members, and those with different ones do not hear each other; "
        "nobody serves meanwhile.",
        actions=(
            *(UnitAction(name, "stop", unit) for name in nodes),
            # Nobody waits here for a member that starts after it.
            *(Script(name, f"systemctl --no-block start {unit}") for name in reversed(nodes)),
            *(Note(note.node, note.reader, note.version) for note in notes),
        ),
        before=(Maintenance(cluster.name, wanted=True),),
        after=(*notes, *_works(now, stage)),
        within=WORKS_WITHIN,
    )
    yield from quiet.ended(now, cluster)


def _stale(now: Following, stage: Stage, node: str) -> list[str]:
    """The readers of a service that have not read what is on a node now."""
    found = []
    for reader, version in now.desired.machines[node].reads.items():
        owner = readers.owner(stage.cluster, reader)
        if owner is not None and owner.placed is stage.placed and not HasRead(node, reader, version).holds(now.state):
            found.append(reader)
    return found


def _read(now: Following, stage: Stage, machine: Machine, reader: str, version: str) -> Iterator[Step]:
    name = machine.node.name
    found = readers.owner(stage.cluster, reader)
    assert found is not None
    once_only = found.resource is not None and not isinstance(found.resource, Clone)
    action = readers.again(reader, name) if found.resource is None else readers.restart(found.resource, name)
    notes = [HasRead(name, reader, version)]
    if _stands_by(now, stage, name) and not once_only:
        yield from now.step(
            f"{name}: note what {reader} will read",
            f"{reader} does not run on {name}, which stands by; it reads its files when it starts.",
            actions=tuple(Note(note.node, note.reader, note.version) for note in notes),
            after=tuple(notes),
        )
        return
    if once_only:
        notes = [HasRead(node, reader, now.desired.machines[node].reads[reader]) for node in found.placed.nodes]
    verb = "read its files again" if found.resource is None else "restart"
    yield from now.step(
        f"{name}: {verb}: {reader}",
        f"Files of {reader} on {name} changed since it read them; the other nodes serve meanwhile.",
        actions=(action, *(Note(note.node, note.reader, note.version) for note in notes)),
        before=tuple(FileIs(name, file.path, machine.found(file)) for file in machine.files if reader in file.notify),
        after=(*notes, *_works(now, stage, name)),
        within=WORKS_WITHIN,
    )


def _unread(now: Following, stage: Stage) -> Iterator[HasRead]:
    """What resources will have read when they start for the first time."""
    for name in stage.placed.nodes:
        machine = now.desired.machines[name]
        for reader, version in machine.reads.items():
            found = readers.owner(stage.cluster, reader)
            if found is not None and found.placed is stage.placed:
                yield HasRead(name, reader, version)


def _full(cluster: Cluster) -> tuple[str, ...]:
    return tuple(node.name for node in members(cluster))
