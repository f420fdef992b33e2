"""One phase of changed base rows, taken through the plan's components in order."""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable, Iterable, Mapping

from congress.datalog.values import Row
from congress.engine.active import ActiveRule
from congress.engine.aggregate import Groups
from congress.engine.executors.codegen import Role
from congress.engine.executors.state import State
from congress.engine.phase import Phase
from congress.engine.plan import Pred, Scan, Stored
from congress.engine.relation import Relation

COUNT_OLD, COUNT_NEW, COUNT_ALL = (Role("count", None, view) for view in ("old", "new", "all"))
SMALL = 1000
"""Changes of fewer rows than this are always followed by differences."""
GROWTH = 8
"""Join orders are made anew when a table has grown or shrunk by this factor."""


Changes = list[tuple[Row, int]]
Input = tuple[Relation, Changes | None, tuple[tuple[ActiveRule, int], ...]]
"""A changed relation, its changes as (row, +1 or -1), None while `bulk`, and the uses in the reading component."""
Inputs = list[Input]
Job = Callable[[Inputs], None]


def change_rows(state: State, phase: Phase, changes: Mapping[Pred, Mapping[Row, int]]) -> None:
    """Apply signed base rows (+1, -1) and everything that follows from them."""
    changed = []
    for pred, rows in changes.items():
        relation = state.base.get(pred) or state.relation(Stored("facts", pred))
        phase.touch(relation)
        if not relation.rows and len(rows) >= SMALL:
            relation.load({row: 1 for row, sign in rows.items() if sign > 0})
            relation.bulk = bool(relation.rows)
        else:
            for row, sign in rows.items():
                if sign > 0:
                    relation.insert(row)
                else:
                    relation.delete(row)
        changed.append(relation)
    propagate(state, phase, changed, {}, state.costs.weight(sum(map(len, changes.values()))))


def propagate(
    state: State, phase: Phase, changed: Iterable[Relation], jobs: Mapping[int, Job], weight: int = 1
) -> None:
    """Visit the components that depend on what changed, in order. `jobs` replace a component's ordinary visit.
    `weight`: for how many changes this one is timed, 0 for none."""
    components = state.plan.components
    pending: dict[int, Inputs] = {}
    heap = sorted(jobs)

    def notify(relation: Relation, own: int) -> None:
        readers = relation.readers
        if not readers or not (relation.ins or relation.dele or relation.bulk):
            return
        _watch_growth(state, relation)
        changes = None if relation.bulk else signed_changes(relation)
        for number, uses in readers:
            inputs = pending.get(number)
            if inputs is not None:
                inputs.append((relation, changes, uses))
            elif number != own:  # a recursion has followed its own changes
                pending[number] = [(relation, changes, uses)]
                if number not in jobs:
                    heapq.heappush(heap, number)

    for relation in changed:
        notify(relation, -1)
    heads = state.heads
    while heap:
        number = heapq.heappop(heap)
        inputs = pending.pop(number, [])
        component = components[number]
        began = time.perf_counter() if weight else 0.0
        makes_difference = True
        if number in jobs:
            jobs[number](inputs)
        elif component.recursive:
            state.recursions[number].maintain(phase, [entry[0] for entry in inputs])
        else:
            makes_difference = _visit(state, phase, number, inputs)
        if weight:
            state.costs.add(component.members[0].pred.table, (time.perf_counter() - began) * weight)
        if not makes_difference:
            continue
        if component.recursive:
            for member in component.members:
                notify(state.relations[member], number)
        elif heads[number].readers:
            notify(heads[number], number)


def signed_changes(relation: Relation) -> Changes:
    """The rows that a phase brings (+1) and takes (-1)."""
    changes = [(row, 1) for row in relation.ins]
    if relation.dele:
        changes += [(row, -1) for row in relation.dele]
    return changes


def _watch_growth(state: State, relation: Relation) -> None:
    size = len(relation.rows)
    if size > GROWTH * max(relation.planned, 100) or size < relation.planned // GROWTH:
        relation.planned = size
        state.generation += 1
        for reader in relation.readers:
            for rule, _ in reader.uses:
                rule.release()
                state.stale.add(rule)


def _visit(state: State, phase: Phase, number: int, inputs: Inputs) -> bool:
    """Bring a counted table up to date with the changes of its inputs; False if they make no difference."""
    amount = 0
    for relation, changes, _ in inputs:
        amount += len(relation.rows) if changes is None else len(changes)
    if amount > SMALL and _is_cheaper_afresh(state, number, amount):
        recompute(state, phase, state.plan.components[number].members[0])
        return True
    out: dict[Row, int] = {}
    add_deltas(phase, inputs, out)
    if out:
        apply_counts(state, phase, state.heads[number], out)
    return bool(out)


def _is_cheaper_afresh(state: State, number: int, amount: int) -> bool:
    """Whether so many changed rows are more than half of all rows that the component's rules read."""
    (head,) = state.plan.components[number].members
    sources = {step.table for rule in state.plan.rules[head] for step in rule.body if isinstance(step, Scan)}
    return 2 * amount > sum(len(state.relation(source).rows) for source in sources)


def add_deltas(phase: Phase, inputs: Inputs, out: dict[Row, int]) -> None:
    """Add to `out` the derivations of the head that the inputs' changes bring and take."""
    if None in [entry[1] for entry in inputs]:
        inputs = [(relation, _spelled(relation, changes), uses) for relation, changes, uses in inputs]
    for _, changes, uses in inputs:
        for rule, position in uses:
            function = rule.deltas.get(position) or rule.delta(position)
            if rule.groups is None:
                function(changes, out)
            else:
                counts: dict[Row, int] = {}
                function(changes, counts)
                _fold(phase, rule.groups, counts, out)


def _spelled(relation: Relation, changes: Changes | None) -> Changes:
    spell_out(relation)
    return signed_changes(relation) if changes is None else changes


def spell_out(relation: Relation) -> None:
    """Turn 'all rows are new' into the set of new rows, for functions that look at the old view."""
    if relation.bulk:
        relation.ins.update(relation.rows)
        relation.bulk = False


def _fold(phase: Phase, groups: Groups, counts: dict[Row, int], out: dict[Row, int]) -> None:
    groups.update(counts, out)
    phase.undo.append(lambda: groups.update({row: -times for row, times in counts.items()}, {}))


def apply_counts(state: State, phase: Phase, relation: Relation, out: dict[Row, int]) -> None:
    """Add derivation counts to a counted table; rows appear when their count leaves zero and disappear at zero."""
    phase.touch(relation)
    rows, touched = relation.rows, relation.touched
    for row, times in out.items():
        if not times:
            continue
        before = rows.get(row, 0)
        touched[row] = before
        rows[row] = before + times
        if not before:
            relation.ins.add(row)
            relation.link(row)
        elif not before + times:
            relation.dele.add(row)
    state.budget.spend(relation.ins)


def recompute(state: State, phase: Phase, head: Stored) -> None:
    """Evaluate a counted table afresh on the new view; the difference to before is its change."""
    out: dict[Row, int] = {}
    view = COUNT_NEW if any(relation.dele for relation in phase.changed.values()) else COUNT_ALL
    for plan_rule in state.plan.rules[head]:
        add_all(state, phase, state.active[plan_rule], view, out)
    state.budget.spend(out)
    _set_counts(phase, state.relation(head), out)


def add_all(state: State, phase: Phase, rule: ActiveRule, view: Role, out: dict[Row, int]) -> None:
    """Add to `out` all derivations of a rule, its groups built anew."""
    function = rule.function(view)
    if rule.groups is None:
        function(out, 1)
    else:
        counts: dict[Row, int] = {}
        function(counts, 1)
        before = rule.groups
        rule.groups = Groups(rule.plan.args)
        rule.groups.update(counts, out)
        phase.undo.append(lambda: setattr(rule, "groups", before))
    state.budget.tick(out)


def _set_counts(phase: Phase, relation: Relation, out: dict[Row, int]) -> None:
    phase.touch(relation)
    rows = relation.rows
    if not rows:
        relation.load(out)
        if len(out) >= max(SMALL, 1):
            relation.bulk = True
        else:
            relation.ins.update(out)
        return
    for row, times in out.items():
        before = rows.get(row, 0)
        if before != times:
            relation.touched[row] = before
            rows[row] = times
            if not before:
                relation.ins.add(row)
                relation.link(row)
    for row, before in rows.items():
        if row not in out:
            relation.touched[row] = before
            relation.dele.add(row)
    for row in relation.dele:
        rows[row] = 0
