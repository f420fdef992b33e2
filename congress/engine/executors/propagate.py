"""One phase of changed base rows, taken through the plan's components in order."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping

from congress.datalog.values import Row
from congress.engine.active import DELTA, ActiveRule
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

Inputs = dict[Stored, Relation]
Job = Callable[[Inputs], None]


def change_rows(state: State, phase: Phase, changes: Mapping[Pred, Mapping[Row, int]]) -> None:
    """Apply signed base rows (+1, -1) and everything that follows from them."""
    changed = []
    for pred, rows in changes.items():
        stored = Stored("facts", pred)
        relation = state.relation(stored)
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
        changed.append(stored)
    propagate(state, phase, changed, {})


def propagate(state: State, phase: Phase, changed: Iterable[Stored], jobs: Mapping[int, Job]) -> None:
    """Visit the components that depend on what changed, in order. `jobs` replace a component's ordinary visit."""
    rank, components, consumers = state.plan.rank, state.plan.components, state.consumers
    pending: dict[int, Inputs] = {}
    heap = sorted(jobs)

    def notify(stored: Stored, number: int = -1) -> None:
        relation = state.relation(stored)
        if not (relation.ins or relation.dele or relation.bulk):
            return
        readers = consumers.get(stored, ())
        _watch_growth(state, relation, readers)
        for rule, _ in readers:
            target = rank[rule.plan.head]
            if target == number:
                continue  # the recursion has followed its own changes
            inputs = pending.get(target)
            if inputs is None:
                inputs = pending[target] = {}
                if target not in jobs:
                    heapq.heappush(heap, target)
            inputs[stored] = relation

    for stored in changed:
        notify(stored)
    while heap:
        number = heapq.heappop(heap)
        component = components[number]
        inputs = pending.pop(number, {})
        job = jobs.get(number)
        if job is not None:
            job(inputs)
        elif component.recursive:
            state.recursions[number].maintain(phase, list(inputs.items()))
        else:
            _visit(state, phase, component.members[0], inputs)
        for member in component.members:
            notify(member, number)


def _watch_growth(state: State, relation: Relation, readers: Iterable[tuple[ActiveRule, int]]) -> None:
    size = len(relation.rows)
    if size > GROWTH * max(relation.planned, 100) or size < relation.planned // GROWTH:
        relation.planned = size
        state.generation += 1
        for rule, _ in readers:
            rule.release()
            state.stale.add(rule)


def _visit(state: State, phase: Phase, head: Stored, inputs: Inputs) -> None:
    """Bring a counted table up to date with the changes of its inputs."""
    amount = 0
    for relation in inputs.values():
        amount += len(relation.rows) if relation.bulk else len(relation.ins) + len(relation.dele)
    if amount > SMALL:
        sources = {step.table for rule in state.plan.rules[head] for step in rule.body if isinstance(step, Scan)}
        if 2 * amount > sum(len(state.relation(source).rows) for source in sources):
            recompute(state, phase, head)
            return
    out: dict[Row, int] = {}
    add_deltas(state, phase, head, inputs, out)
    apply_counts(state, phase, state.relation(head), out)


def add_deltas(state: State, phase: Phase, head: Stored, inputs: Inputs, out: dict[Row, int]) -> None:
    """Add to `out` the derivations of the head that the inputs' changes bring and take."""
    for relation in inputs.values():
        spell_out(relation)
    for stored, relation in inputs.items():
        changes = [(row, 1) for row in relation.ins]
        if relation.dele:
            changes += [(row, -1) for row in relation.dele]
        for rule, position in state.consumers[stored]:
            if rule.plan.head != head:
                continue
            function = rule.function(DELTA[position])
            if rule.groups is None:
                function(changes, out)
            else:
                counts: dict[Row, int] = {}
                function(changes, counts)
                _fold(phase, rule.groups, counts, out)


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
        if len(out) >= SMALL:
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
