"""What the compiled executor keeps: rules, the plan made from them, relations, and rules in use."""

from __future__ import annotations

from collections.abc import Mapping

from congress.datalog.core import Rule, TableId
from congress.engine.active import ActiveRule
from congress.engine.budget import Budget, Limits
from congress.engine.executors.base import Watch
from congress.engine.plan import Plan, PlanRule, Pred, Stored
from congress.engine.recursion import Recursion
from congress.engine.relation import Relation

Rules = Mapping[Pred, Mapping[str, Rule]]


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
        self.consumers: dict[Stored, list[tuple[ActiveRule, int]]] = {}
        self.recursions: dict[int, Recursion] = {}
        self.limits = limits or Limits()
        self.budget = Budget(self.limits)
        self.stale: set[ActiveRule] = set()
        """Rules whose functions are to be generated before the next change arrives."""
        self.generation = 0
        """Counts the events after which cached query plans may be unfit: rule changes, and growth by a large factor."""
        self._watch = watch
        self._watched: dict[TableId, bool] = {}

    def is_watched(self, table: TableId) -> bool:
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
            return relation
        return self.relations[stored]

    def whole(self, pred: Pred) -> Relation | None:
        """The relation that holds all rows of a table, if one does."""
        if pred in self.rules:
            return self.relations.get(Stored("full", pred))
        return self.base.get(pred) or self.relation(Stored("facts", pred))

    def wire(self, rules: Mapping[Stored, set[PlanRule]] | None = None) -> None:
        """Note which rules (all, or only these) read each stored table."""
        consumers: dict[Stored, list[tuple[ActiveRule, int]]] = {}
        for head, group in self.plan.rules.items():
            for plan_rule in group:
                if rules is None or plan_rule in rules[head]:
                    rule = self.active[plan_rule]
                    for position, step in rule.scans():
                        consumers.setdefault(step.table, []).append((rule, position))
        self.consumers = consumers

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
