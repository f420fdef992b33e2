"""A Galera cluster of which no node runs any more: which of them came furthest, and how it begins again.

Pacemaker's agent does that by itself once every node of the cluster told it how far it came. It waits for ever for one
that is lost, and does nothing while its resource is blocked after a failure. Then an operator decides, on evidence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from congress.cluster.plan.conditions import HasRead, Online, Works
from congress.cluster.plan.desired import Desired
from congress.cluster.plan.errors import PlanError
from congress.cluster.plan.firststeps import DATABASE
from congress.cluster.plan.following import Following
from congress.cluster.plan.stages import Stage, stages
from congress.cluster.plan.state import Instance, State
from congress.cluster.plan.steps import Note, Script, Step

STATE_FILE = "/var/lib/mysql/grastate.dat"
RESOURCE, CLONE = "galera", "galera-clone"
NOTE = "galera-recovery"
UNKNOWN = -1

EVIDENCE = f"""\
if pgrep -x mariadbd >/dev/null || pgrep -x mysqld >/dev/null; then echo running; exit 0; fi
cat {STATE_FILE} || exit 0
if grep -q '^seqno: *-1$' {STATE_FILE}; then
    log=$(mktemp) && chown mysql $log
    runuser -u mysql -- mariadbd --wsrep-recover --log-error=$log >/dev/null 2>&1
    grep 'Recovered position' $log
    rm -f $log
fi
"""
"""What tells a node's position, for a shell: the state file, and the storage engine's own account when the node did not
stop in an orderly way."""

_RECOVERED = re.compile(r"Recovered position:? *([0-9a-f-]{36}):(-?\d+)")
_SAVED = re.compile(r"^(uuid|seqno): *(\S+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Position:
    """How far a node came: the history, and the number of its last write; `running`: it is not stopped at all."""

    node: str
    history: str = ""
    number: int = UNKNOWN
    source: str = "nothing"
    running: bool = False

    def __str__(self) -> str:
        if self.running:
            return f"{self.node}: its server runs"
        if self.number == UNKNOWN:
            return f"{self.node}: no position ({self.source})"
        return f"{self.node}: write {self.number} of {self.history} ({self.source})"


def position(node: str, told: str) -> Position:
    """From what EVIDENCE told."""
    if told.startswith("running"):
        return Position(node, source="its server runs", running=True)
    saved = dict(_SAVED.findall(told))
    if recovered := _RECOVERED.search(told):
        return Position(node, recovered[1], int(recovered[2]), "recovered by the storage engine")
    if "uuid" in saved:
        return Position(node, saved["uuid"], int(saved.get("seqno", UNKNOWN)), "grastate.dat")
    return Position(node)


def furthest(positions: Sequence[Position]) -> Position:
    """The node that has every write that any of them has. Raises PlanError when the evidence does not say."""
    shown = "; ".join(str(each) for each in positions)
    known = [each for each in positions if each.number != UNKNOWN]
    if not known:
        raise PlanError(f"no node tells how far it came: {shown}; restore a backup, or look at its data by hand")
    if len({each.history for each in known}) > 1:
        raise PlanError(f"the nodes have different histories: {shown}; decide by hand which one is to be kept")
    return max(known, key=lambda each: (each.number, each.source == "grastate.dat"))


def recover(
    desired: Desired, state: State, positions: Sequence[Position], *, without: frozenset[str] = frozenset()
) -> Iterator[Step]:
    """Begin again from the node that came furthest. `without`: nodes that are lost, with what only they may have had.

    Raises PlanError when a server runs, when a node is silent that was not given up, or when the evidence is unclear.
    """
    now = Following(desired, state)
    stage = _database(desired)
    silent = sorted(set(stage.placed.nodes) - {each.node for each in positions} - without)
    if silent:
        names = ", ".join(silent)
        raise PlanError(
            f"{names} did not tell how far they came, and may have writes that no other node has; bring them up, or "
            "give them up by name"
        )
    if running := [each.node for each in positions if each.running]:
        raise PlanError(
            f"the server on {', '.join(running)} runs: the cluster is not stopped; look at its status first"
        )
    best = furthest(positions)
    others = "; ".join(str(each) for each in positions if each is not best)
    note = HasRead(best.node, NOTE, f"{best.history}:{best.number}")
    instances = frozenset(Instance(stage.cluster.name, DATABASE, each.node) for each in positions)
    yield from now.step(
        f"{best.node}: let the database begin here",
        f"{best} has all that any node has ({others}).",
        actions=(
            Script(
                best.node,
                f"sed -i 's/^safe_to_bootstrap: 0/safe_to_bootstrap: 1/' {STATE_FILE} && "
                f"crm_attribute --node {best.node} --lifetime reboot --name {RESOURCE}-safe-to-bootstrap --update 1",
            ),
            Note(note.node, note.reader, note.version),
        ),
        before=(Online(stage.cluster.name, frozenset({best.node})),),
        after=(note,),
    )
    yield from now.step(
        f"{stage.cluster.name}: start the database",
        "Pacemaker forgets the failures that keep it from trying, and the others follow the first.",
        actions=(Script(best.node, f"crm_resource --cleanup --resource {CLONE}"),),
        before=(note,),
        after=(Works(instances),),
        within=300.0,
    )


def _database(desired: Desired) -> Stage:
    for stage in stages(desired.deployment):
        if stage.placed.service == DATABASE:
            return stage
    raise PlanError("the deployment has no database")
