"""What the compiled executor keeps: rules, the plan made from them, relations, and rules in use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from congress.datalog.core import Rule, TableId
from congress.engine.active import ActiveRule
from congress.engine.budget import Budget, Limits
from congress.engine.costs import Costs
from congress.engine.executors.base import Watch
from congress.engine.plan import Plan, PlanRule, Pred, Stored
from congress.engine.recursion import Recursion
from congress.engine.relation import Relation

Rules = Mapping[Pred, Mapping[str, Rule]]


class Reader(NamedTuple):
    """A component that reads a stored table, and the uses in its rules: (rule, position of the literal)."""

    number: int
    uses: tuple[tuple[ActiveRule, int], ...]


class State:
    """Fields that a rule change replaces as a whole (so that it can be undone), and the base relations under them."""

    def __init__(self, watch: Watch, limits: Limits | None = None) -> None:
        self.rules: Rules = {}
        self.base: dict[Pred, Relation] = {}
        self.fact_preds: set[Pred] = set()
        """Tables that have had base rows; those that have rules too are planned with both."""
        self.relations: dict[Stored, Relation] = {}
        self.plan = Plan({}, (), {})
        self.active: dict[PlanRule, ActiveRule] = {}
        self.heads: list[Relation] = []
        """The relation of each component's first member."""
        self.recursions: dict[int, Recursion] = {}
        self.limits = limits or Limits()
        self.budget = Budget(self.limits)
        self.costs = Costs()
        self.stale: set[ActiveRule] = set()
        """Rules whose functions are to be generated before the next change arrives."""
        self.generation = 0
        """Counts the events after which cached query plans may be unfit: rule changes, and growth by a large factor."""
        self._watch = watch
        self._watched: dict[TableId, bool] = {}

    def watches(self, table: TableId) -> bool:
        known = self._watched.get(table)
        if known is None:
            known = self._watched[table] = self._watch(table)
        return known

    def relation(self, stored: Stored) -> Relation:
        """The relation of a stored table; base relations come into being when first mentioned."""
        if stored.kind == "facts":
            relation = self.base.get(stored.pred)
            if relation is None:
                relation = self.base[stored.pred] = Relation(stored)
                self._report(stored.pred, relation)
            return relation
        return self.relations[stored]

    def whole(self, pred: Pred) -> Relation | None:
        """The relation that holds all rows of a table, if one does."""
        if pred in self.rules:
            return self.relations.get(Stored("full", pred))
        return self.base.get(pred) or self.relation(Stored("facts", pred))

    def _report(self, pred: Pred, relation: Relation) -> None:
        """Note whether the relation's changes are to be told as changes of a watched table."""
        relation.reports = pred.table if self.watches(pred.table) and self.whole(pred) is relation else None

    def wire(self, rules: Mapping[Stored, set[PlanRule]] | None = None) -> None:
        """Tell each relation who reads it: all rules, or only these."""
        uses: dict[Stored, dict[int, list[tuple[ActiveRule, int]]]] = {}
        rank = self.plan.rank
        for head, group in self.plan.rules.items():
            for plan_rule in group:
                if rules is None or plan_rule in rules[head]:
                    rule = self.active[plan_rule]
                    for position, step in rule.scans():
                        uses.setdefault(step.table, {}).setdefault(rank[head], []).append((rule, position))
        for stored in uses:
            self.relation(stored)  # base relations that nobody has filled yet come into being
        for relation in (*self.base.values(), *self.relations.values()):
            by_number = uses.get(relation.label, {})
            relation.readers = tuple([Reader(number, tuple(found)) for number, found in by_number.items()])
            if relation.readers and not relation.planned:
                relation.planned = len(relation.rows)
            self._report(relation.label.pred, relation)
        self.heads = [self.relations[component.members[0]] for component in self.plan.components]

    def wire_recursions(self, before: Mapping[frozenset[Stored], Recursion]) -> None:
        """Make the recursive components of the plan; those with the same members keep their stages."""
        self.recursions = {}
        for number, component in enumerate(self.plan.components):
            if component.recursive:
                rules = {head: [self.active[rule] for rule in self.plan.rules[head]] for head in component.members}
                inside = frozenset(component.members)
                self.recursions[number] = Recursion(
                    component.members, rules, self.relation, self.budget, before.get(inside)
                )
