"""From machines to members of a cluster: packages, accounts, files, and the cluster manager itself."""

from __future__ import annotations

from collections.abc import Iterator

from congress.cluster.deployment import Cluster
from congress.cluster.plan import memory, readers
from congress.cluster.plan.conditions import (
    AtBoot,
    Condition,
    FileIs,
    HasAccounts,
    HasRead,
    Installed,
    Maintenance,
    Online,
    Runs,
)
from congress.cluster.plan.desired import MANIFEST, Machine, manifest_of
from congress.cluster.plan.following import Following
from congress.cluster.plan.memory import MANAGER
from congress.cluster.plan.steps import Action, Install, Note, Remove, Script, Step, UnitAction, Write
from congress.cluster.render.corosync import members
from congress.cluster.services.contract import File

MEMBERS_MEET_WITHIN = 120.0
"""Seconds: a first start takes 20 to agree on who coordinates, and slow machines take their time."""


def prepared(now: Following, machine: Machine) -> Iterator[Step]:
    """Everything that a machine needs before it may become a member."""
    yield from _packages(now, machine)
    yield from _accounts(now, machine)
    yield from _boot(now, machine)
    yield from _files(now, machine)
    for reader in (*readers.FIRST, *sorted(machine.by_systemd)):
        yield from _read(now, machine, reader)


def together(now: Following, cluster: Cluster) -> Iterator[Step]:
    """The members run and have met."""
    machines = [now.desired.machines[node.name] for node in cluster.nodes]
    for machine in machines:
        # Who is a member already learns of new ones before they come.
        if Runs(machine.node.name, machine.units).holds(now.state):
            for reader in readers.MEMBERSHIP:
                yield from _read(now, machine, reader)
    yield from _keys_renewed(now, cluster, machines)
    for machine in machines:
        yield from memory.of_a_newcomer(now, cluster, machine.node.name)
        yield from _start(now, machine)
    full = frozenset(node.name for node in members(cluster))
    yield from now.step(
        f"{cluster.name}: members meet",
        f"Resources can be placed only when {', '.join(sorted(full))} see each other and have quorum.",
        before=tuple(Runs(machine.node.name, machine.units) for machine in machines if not machine.node.remote),
        after=(Online(cluster.name, full),),
        within=MEMBERS_MEET_WITHIN,
    )


def finished(now: Following, machine: Machine) -> Iterator[Step]:
    """What is not wanted any more goes, last, when nobody reads it."""
    name = machine.node.name
    wanted = {file.path for file in machine.files}
    surplus = sorted(now.state.node(name).owned - wanted - {MANIFEST})
    manifest = manifest_of(wanted)
    yield from now.step(
        f"{name}: remove {_files_in_words(len(surplus))}",
        f"{', '.join(surplus)} came from a service that is not on {name} any more.",
        actions=(*(Remove(name, path) for path in surplus), Write(name, manifest)),
        after=(*(FileIs(name, path, None) for path in surplus), _is(machine, manifest)),
    )


def _packages(now: Following, machine: Machine) -> Iterator[Step]:
    name = machine.node.name
    missing = tuple(sorted(machine.packages - now.state.node(name).packages))
    if not missing:
        return
    yield from now.step(
        f"{name}: install packages",
        f"{name} lacks {', '.join(missing)}.",
        # Packages let their units start at boot.
        actions=(Install(name, missing), *(UnitAction(name, "disable", unit) for unit in sorted(machine.not_at_boot))),
        after=(Installed(name, machine.packages), AtBoot(name, machine.not_at_boot, wanted=False)),
        within=600.0,
    )


def _accounts(now: Following, machine: Machine) -> Iterator[Step]:
    name = machine.node.name
    missing = tuple(sorted(machine.accounts - now.state.node(name).accounts))
    commands = [
        f"id -u {account} >/dev/null 2>&1 || useradd --system --user-group --home-dir /var/lib/{account} "
        f"--shell /usr/sbin/nologin {account}"
        for account in missing
    ]
    yield from now.step(
        f"{name}: make accounts",
        f"No package makes {', '.join(missing)}, and files belong to them.",
        actions=(Script(name, "\n".join(["set -e", *commands])),),
        after=(HasAccounts(name, machine.accounts),),
    )


def _boot(now: Following, machine: Machine) -> Iterator[Step]:
    name = machine.node.name
    early = tuple(sorted(machine.not_at_boot & now.state.node(name).at_boot))
    yield from now.step(
        f"{name}: leave units to Pacemaker",
        f"{', '.join(early)} would start with {name}, whether or not Pacemaker wants them there.",
        actions=tuple(UnitAction(name, "disable", unit) for unit in early),
        before=(Installed(name, machine.packages),),
        after=(AtBoot(name, machine.not_at_boot, wanted=False),),
    )
    wanted = machine.units | machine.by_systemd
    late = tuple(sorted(wanted - now.state.node(name).at_boot))
    yield from now.step(
        f"{name}: start units at boot",
        f"{name} comes back as a member after it was fenced only if {', '.join(late)} start with it.",
        actions=tuple(UnitAction(name, "enable", unit) for unit in late),
        before=(Installed(name, machine.packages),),
        after=(AtBoot(name, wanted, wanted=True),),
    )


def _files(now: Following, machine: Machine) -> Iterator[Step]:
    name = machine.node.name
    node = now.state.node(name)
    # Whoever is interrupted while writing knows afterwards what was written on their behalf.
    manifest = manifest_of({*(file.path for file in machine.files), *(node.owned - {MANIFEST})})
    changed = tuple(file for file in (manifest, *machine.files) if node.files.get(file.path) != machine.found(file))
    shown = [file.path for file in changed if file.path != MANIFEST]
    new = sum(path not in node.files for path in shown)
    yield from now.step(
        f"{name}: write {_files_in_words(len(shown))}",
        f"{new} of them are not there yet, {len(shown) - new} are different: {', '.join(shown)}.",
        actions=tuple(Write(name, file) for file in changed),
        before=(Installed(name, machine.packages), HasAccounts(name, machine.accounts)),
        after=tuple(_is(machine, file) for file in changed),
    )


def _is(machine: Machine, file: File) -> FileIs:
    return FileIs(machine.node.name, file.path, machine.found(file))


def _read(now: Following, machine: Machine, reader: str) -> Iterator[Step]:
    version = machine.reads.get(reader)
    if version is None:
        return
    name = machine.node.name
    yield from now.step(
        f"{name}: let {reader} read its files",
        f"What {reader} has read on {name} is not what its files say now.",
        actions=(readers.again(reader, name), Note(name, reader, version)),
        before=_written(machine, reader),
        after=(HasRead(name, reader, version),),
    )


def _keys_renewed(now: Following, cluster: Cluster, machines: list[Machine]) -> Iterator[Step]:
    """Members with different keys do not hear each other: all stop, while resources run on, and start again."""
    full = [machine for machine in machines if not machine.node.remote]
    running = [machine for machine in full if MANAGER & now.state.node(machine.node.name).running]
    stale = [machine.node.name for machine in running if _old_key(now, machine)]
    if not stale:
        return
    yield from now.step(
        f"{cluster.name}: begin maintenance",
        f"The key between members changed, and {', '.join(stale)} use the old one; resources run on meanwhile.",
        actions=(Script(stale[0], "crm_attribute --name maintenance-mode --update true"),),
        after=(Maintenance(cluster.name, wanted=True),),
    )
    for machine in running:
        name = machine.node.name
        yield from now.step(
            f"{name}: stop the cluster manager",
            "Corosync reads its key when it starts; what it keeps running is left alone.",
            actions=(UnitAction(name, "stop", "pacemaker"), UnitAction(name, "stop", "corosync")),
            before=(Maintenance(cluster.name, wanted=True),) if machine is running[0] else (),
            after=(Runs(name, MANAGER, wanted=False),),
            within=120.0,
        )


def _old_key(now: Following, machine: Machine) -> bool:
    read = now.state.node(machine.node.name).read
    return any(
        reader in machine.reads and read.get(reader) != machine.reads[reader] for reader in readers.AT_START_ONLY
    )


def _start(now: Following, machine: Machine) -> Iterator[Step]:
    name = machine.node.name
    at_start = (*readers.MEMBERSHIP, *readers.AT_START_ONLY)
    node = now.state.node(name)
    running = node.running
    # Nothing of the cluster ever ran here, so all of it begins with the files of now.
    new = [reader for reader in machine.reads if reader not in node.read]
    read = [(reader, version) for reader, version in machine.reads.items() if reader in (*at_start, *new)]
    missing = [unit for unit in sorted(machine.units) if unit not in running]
    if not missing:
        return
    actions: list[Action] = [Note(name, reader, version) for reader, version in read]
    actions += [UnitAction(name, "start", unit) for unit in missing]
    after: list[Condition] = [Runs(name, machine.units)]
    after += [HasRead(name, reader, version) for reader, version in read]
    yield from now.step(
        f"{name}: start the cluster manager",
        f"{', '.join(missing)} do not run on {name}.",
        actions=tuple(actions),
        before=(Installed(name, machine.packages), *(each for reader, _ in read for each in _written(machine, reader))),
        after=tuple(after),
    )


def _written(machine: Machine, reader: str) -> tuple[FileIs, ...]:
    return tuple(_is(machine, file) for file in machine.files if reader in file.notify)


def _files_in_words(number: int) -> str:
    return "a file" if number == 1 else f"{number} files"
