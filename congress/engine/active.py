"""A plan rule in use: its generated functions, and the groups of its aggregates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from congress.engine.aggregate import Groups
from congress.engine.budget import Budget
from congress.engine.executors.codegen import Compiled, Role, generate
from congress.engine.plan import PlanRule, Scan, Stored
from congress.engine.relation import Relation

MOST_PREPARED = 32
"""Literals of a rule beyond which its functions are generated one by one, when they are needed."""


class ActiveRule:
    """Functions are generated at first use, with the join order that suits the relations then."""

    __slots__ = ("_budget", "_compiled", "_recursive", "_relation", "deltas", "groups", "plan")

    def __init__(self, plan: PlanRule, relation: Callable[[Stored], Relation], budget: Budget) -> None:
        self.plan = plan
        self._recursive: frozenset[Stored] = frozenset()
        self.groups = Groups(plan.args) if plan.aggregated else None
        self._relation = relation
        self._budget = budget
        self._compiled: dict[Role, Compiled] = {}
        self.deltas: dict[int, Callable[..., Any]] = {}
        """The functions that follow a change of one body literal, by its position; see `delta`."""

    def fresh_groups(self) -> Groups:
        """Empty groups of the rule's aggregates."""
        return Groups(self.plan.args)

    def function(self, role: Role) -> Callable[..., Any]:
        """The generated function for a role (see `codegen.Role` for its arguments)."""
        compiled = self._compiled.get(role)
        if compiled is None:
            compiled = generate(self.plan, role, self._relation, self._budget, self._recursive)
            self._compiled[role] = compiled
        return compiled.function

    def delta(self, position: int) -> Callable[..., Any]:
        """The function `f(changes, out)` for changes of the literal at a position."""
        function = self.deltas.get(position)
        if function is None:
            function = self.deltas[position] = self.function(Role("delta", position, "mixed"))
        return function

    def join_recursion(self, members: frozenset[Stored]) -> None:
        """Set which premises belong to the head's own component; functions made for another component are dropped."""
        if members != self._recursive:
            self._recursive = members
            self.release()

    def scans(self) -> list[tuple[int, Scan]]:
        """The body's table literals with their positions."""
        return [(i, step) for i, step in enumerate(self.plan.body) if isinstance(step, Scan)]

    def prepare(self) -> None:
        """Generate what the next single-row change will need, unless an input is still empty or the rule very long."""
        scans = self.scans()
        if len(scans) > MOST_PREPARED:
            return
        if all(self._relation(step.table).rows for _, step in scans if not step.negated):
            for position, _ in scans:
                self.delta(position)

    def release(self) -> None:
        """Drop the functions and give their indexes back; they are generated again when needed."""
        compiled, self._compiled = self._compiled, {}
        self.deltas.clear()
        for entry in compiled.values():
            for relation, columns in entry.uses:
                relation.release(columns)
