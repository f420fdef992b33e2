"""Ad-hoc queries: planned with their constants as parameters, evaluated into relations that are emptied afterwards."""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple

from congress.datalog.core import Atom, Const, Literal, TableId, Term, Var
from congress.datalog.values import Row
from congress.engine.active import ActiveRule
from congress.engine.budget import Budget, Limits
from congress.engine.demand import Root, Source, make_plan
from congress.engine.executors.order import join_order
from congress.engine.executors.propagate import COUNT_ALL
from congress.engine.executors.state import State
from congress.engine.phase import Phase
from congress.engine.plan import Component, Pred, Scan, Stored, variables
from congress.engine.recursion import Recursion
from congress.engine.relation import Relation

CACHED = 64
"""Query plans kept; each keeps the indexes that it uses alive. When there are more, all are made anew."""
_QUERY = Pred(None, 0)  # type: ignore[arg-type]


class QueryCache:
    """Plans by query shape: queries that differ in constants only share one."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._plans: dict[tuple[tuple[Var, ...], tuple[Literal, ...]], QueryPlan] = {}
        self._points: dict[Pred, QueryPlan] = {}
        """Of `_plans`, those that ask for one row of a table."""
        self._generation = 0

    def answers(self, variables: tuple[Var, ...], body: tuple[Literal, ...], limits: Limits) -> list[Row]:
        """The distinct bindings of the variables. Raises LimitExceeded, Unstratified."""
        shape, parameters = _lift_constants(body)
        return self._plan(variables, shape, len(parameters)).run(parameters, limits)

    def holds(self, pred: Pred, row: Row, limits: Limits) -> bool:
        """Whether a table that is not kept whole has a row. Raises LimitExceeded, Unstratified."""
        if self._generation != self._state.generation:
            self._forget()
        plan = self._points.get(pred)
        if plan is None:
            args = tuple([Var(f"${i + 1}") for i in range(pred.arity)])
            plan = self._points[pred] = self._plan((), (Literal(Atom(pred.table, args)),), pred.arity)
        return bool(plan.run(row, limits))

    def _plan(self, variables: tuple[Var, ...], shape: tuple[Literal, ...], parameters: int) -> QueryPlan:
        if self._generation != self._state.generation:
            self._forget()
        key = (variables, shape)
        plan = self._plans.get(key)
        if plan is None:
            if len(self._plans) >= CACHED:
                self._forget()
            plan = self._plans[key] = QueryPlan(self._state, variables, shape, parameters)
        return plan

    def rows(self, pred: Pred, limits: Limits) -> list[Row]:
        """All rows of a table that is not kept whole."""
        return self._whole(pred).run((), limits)

    def stamp(self, pred: Pred) -> Hashable:
        """What differs as soon as `rows` may differ."""
        plan = self._whole(pred)
        return (self._generation, plan.stamp())

    def _whole(self, pred: Pred) -> QueryPlan:
        variables = tuple([Var(f"x{i}") for i in range(pred.arity)])
        return self._plan(variables, (Literal(Atom(pred.table, variables)),), 0)

    def _forget(self) -> None:
        for plan in self._plans.values():
            plan.release()
        self._plans.clear()
        self._points.clear()
        self._generation = self._state.generation


def _lift_constants(body: tuple[Literal, ...]) -> tuple[tuple[Literal, ...], Row]:
    """The body with a variable in place of each constant, and the constants."""
    parameters = []

    def lift(term: Term) -> Term:
        if isinstance(term, Const):
            parameters.append(term.value)
            return Var(f"${len(parameters)}")
        return term

    shape = []
    for literal in body:
        args = tuple([lift(term) for term in literal.body.args])
        shape.append(Literal(type(literal.body)(*_name(literal.body), args), literal.negated))  # type: ignore[arg-type]
    return tuple(shape), tuple(parameters)


def _name(body: object) -> tuple[object]:
    return (body.table,) if isinstance(body, Atom) else (body.builtin,)  # type: ignore[attr-defined]


class Access(NamedTuple):
    """One step through a stored table: `fixed` are the columns whose cells are known by then, none for a walk through
    all its `rows`, and all for a look at one."""

    table: TableId
    args: tuple[Term, ...]
    negated: bool
    fixed: tuple[int, ...]
    rows: int


def _is_fixed(term: Term, known: set[str]) -> bool:
    return isinstance(term, Const) or (isinstance(term, Var) and term.name in known)


class QueryPlan:
    """One query shape: its plan, its own relations, its generated functions."""

    def __init__(self, state: State, variables: tuple[Var, ...], body: tuple[Literal, ...], parameters: int) -> None:
        self._state = state
        self._answer = Stored("answer", _QUERY)
        self._parameters = Stored("parameters", _QUERY)
        given = (Scan(self._parameters, tuple([Var(f"${i + 1}") for i in range(parameters)])),) if parameters else ()
        source = Source(
            {pred: group.values() for pred, group in state.rules.items()},
            has_facts=state.fact_preds.__contains__,
            whole=lambda pred: Stored("full", pred) in state.plan.rules,
            bounded_is_whole=False,
        )
        self._plan = make_plan(source, (), [Root(self._answer, variables, body, given)])
        self._own = {stored: Relation(stored) for stored in (*self._plan.rules, self._parameters)}
        self._result = self._copied() or self._answer
        steps = [step for group in self._plan.rules.values() for rule in group for step in rule.body]
        self._read = {step.table for step in steps if isinstance(step, Scan) and step.table not in self._own}
        self._budget = Budget()
        self._rules = {
            head: [ActiveRule(rule, self._relation, self._budget) for rule in group]
            for head, group in self._plan.rules.items()
        }

    def _relation(self, stored: Stored) -> Relation:
        return self._own.get(stored) or self._state.relation(stored)

    def _copied(self) -> Stored | None:
        """The table of the plan whose rows are the answers as they are, when there is one."""
        rules = self._plan.rules[self._answer]
        if len(rules) != 1 or len(rules[0].body) != 1:
            return None
        args, step = rules[0].args, rules[0].body[0]
        if not isinstance(step, Scan) or step.negated or step.table not in self._plan.rules:
            return None
        return step.table if step.args == args and len(variables(args)) == len(args) else None

    def run(self, parameters: Row, limits: Limits) -> list[Row]:
        """The answers for these parameters. Raises LimitExceeded; the relations are empty again in any case."""
        self._budget.start(limits)
        try:
            self._own[self._parameters].load({parameters: 1})
            for component in self._plan.components:
                self._evaluate(component)
                if self._result in component.members:
                    break
            return list(self._own[self._result].rows)
        finally:
            for relation in self._own.values():
                relation.clear()

    def stamp(self) -> tuple[int, ...]:
        """The versions of all stored tables that the answers follow from."""
        return tuple([self._state.relation(stored).version for stored in self._read])

    def accesses(self) -> list[Access]:
        """How the last run went through the tables: the steps of the query itself, in their order."""
        found = []
        for rule in self._plan.rules[self._answer]:
            known: set[str] = set()
            for position in join_order(rule, self._relation):
                step = rule.body[position]
                if isinstance(step, Scan):
                    fixed = [i for i, term in enumerate(step.args) if _is_fixed(term, known)]
                    size = len(self._relation(step.table).rows)
                    found.append(Access(step.table.pred.table, step.args, step.negated, tuple(fixed), size))
                known |= variables(step.args)
        return found

    def _evaluate(self, component: Component) -> None:
        if component.recursive:
            rules = {member: self._rules[member] for member in component.members}
            Recursion(component.members, rules, self._relation, self._budget).recompute(Phase())
            return
        (head,) = component.members
        out: dict[Row, int] = {}
        for rule in self._rules[head]:
            function = rule.function(COUNT_ALL)
            if rule.groups is None:
                function(out, 1)
            else:
                counts: dict[Row, int] = {}
                function(counts, 1)
                rule.fresh_groups().update(counts, out)
            self._budget.tick(out)
        self._budget.spend(out)
        self._own[head].load(out)

    def release(self) -> None:
        """Give the indexes back."""
        for group in self._rules.values():
            for rule in group:
                rule.release()
