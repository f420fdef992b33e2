"""One phase of changed rules: plan anew, and evaluate only what the difference of the two plans touches."""

from __future__ import annotations

from congress.datalog.values import Row
from congress.engine.active import ActiveRule
from congress.engine.demand import Source, make_plan
from congress.engine.executors.propagate import (
    COUNT_NEW,
    COUNT_OLD,
    Inputs,
    Job,
    add_all,
    add_deltas,
    apply_counts,
    propagate,
    recompute,
    spell_out,
)
from congress.engine.executors.state import Rules, State
from congress.engine.phase import Phase
from congress.engine.plan import Plan, PlanRule, Stored
from congress.engine.relation import Relation


def change_rules(state: State, phase: Phase, rules: Rules) -> None:
    """Make these the rules. Raises Unstratified (nothing changed), LimitExceeded (roll the phase back)."""
    plan = make_plan(source_of(state, rules), [pred for pred in rules if state.watches(pred.table)])
    _Change(state, phase, rules, plan).run()


def source_of(state: State, rules: Rules) -> Source:
    """What standing rules are planned from."""
    return Source({pred: group.values() for pred, group in rules.items()}, state.fact_preds.__contains__)


class _Change:
    def __init__(self, state: State, phase: Phase, rules: Rules, plan: Plan) -> None:
        self.state, self.phase, self.plan = state, phase, plan
        phase.structural = True
        self.old = state.plan
        self.old_active = state.active
        self.old_recursions = {frozenset(item.members): item for item in state.recursions.values()}
        self.kept: dict[Stored, set[PlanRule]] = {
            head: set(group).intersection(self.old.rules.get(head, ())) for head, group in plan.rules.items()
        }
        self._install(rules)

    def _install(self, rules: Rules) -> None:
        state = self.state
        before = (state.rules, state.plan, state.relations, state.active, state.recursions)

        def undo() -> None:
            state.rules, state.plan, state.relations, state.active, state.recursions = before
            state.generation += 1
            for recursion in state.recursions.values():
                recursion.mark_rules()
            state.wire()

        self.phase.undo.append(undo)
        state.rules, state.plan = rules, self.plan
        state.generation += 1
        state.relations = dict(before[2])
        for stored in self.plan.rules:
            if stored not in state.relations:
                state.relations[stored] = Relation(stored)
        state.active = {
            rule: self.old_active.get(rule) or ActiveRule(rule, state.relation, state.budget)
            for group in self.plan.rules.values()
            for rule in group
        }
        state.wire_recursions(self.old_recursions)
        state.wire(self.kept)

    def run(self) -> None:
        state = self.state
        jobs: dict[int, Job] = {}
        for number, component in enumerate(self.plan.components):
            job = self._recursive_job(number) if component.recursive else self._counted_job(component.members[0])
            if job is not None:
                jobs[number] = job
        propagate(state, self.phase, (), jobs)
        state.relations = {stored: state.relations[stored] for stored in self.plan.rules}
        for plan_rule, rule in self.old_active.items():
            if plan_rule not in state.active:
                rule.release()
                state.stale.discard(rule)
        state.stale.update(rule for plan_rule, rule in state.active.items() if plan_rule not in self.old_active)
        state.wire()

    def _same(self, head: Stored) -> bool:
        return len(self.kept[head]) == len(self.plan.rules[head]) == len(self.old.rules.get(head, ()))

    def _was_recursive(self, head: Stored) -> bool:
        return head in self.old.rank and self.old.components[self.old.rank[head]].recursive

    def _recursive_job(self, number: int) -> Job | None:
        members = self.plan.components[number].members
        if frozenset(members) in self.old_recursions and all(self._same(head) for head in members):
            return None
        recursion = self.state.recursions[number]
        return lambda inputs: recursion.recompute(self.phase)

    def _counted_job(self, head: Stored) -> Job | None:
        if head not in self.old.rules or self._was_recursive(head):
            return lambda inputs: recompute(self.state, self.phase, head)
        if self._same(head):
            return None
        return lambda inputs: self._replace_rules(head, inputs)

    def _replace_rules(self, head: Stored, inputs: Inputs) -> None:
        """Take the removed rules' derivations out, and put those of the added rules in."""
        state, phase = self.state, self.phase
        out: dict[Row, int] = {}
        for plan_rule in self.old.rules[head]:
            if plan_rule not in self.kept[head]:
                self._take_out(self.old_active[plan_rule], out)
        add_deltas(phase, inputs, out)
        for plan_rule in self.plan.rules[head]:
            if plan_rule not in self.kept[head]:
                add_all(state, phase, state.active[plan_rule], COUNT_NEW, out)
        apply_counts(state, phase, state.relation(head), out)

    def _take_out(self, rule: ActiveRule, out: dict[Row, int]) -> None:
        if rule.groups is not None:
            for row in rule.groups.rows():
                out[row] = out.get(row, 0) - 1
            return
        for _, step in rule.scans():
            spell_out(self.state.relation(step.table))
        rule.function(COUNT_OLD)(out, -1)
