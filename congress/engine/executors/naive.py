"""The oracle: evaluates the whole plan from scratch by nested loops over dictionaries of bindings.

No index, no demand, no counting, no order of joins: each component is evaluated by applying every rule to all rows
until nothing new appears. It is here to be obviously right.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from threading import RLock
from typing import Any

from congress.datalog.core import Aggregate, Const, HeadTerm, Literal, Rule, TableId, Var
from congress.datalog.values import Real, Row, Value, sort_key
from congress.engine.budget import Budget, Limits
from congress.engine.demand import Root, Source, make_plan
from congress.engine.executors.base import TableChange, Watch
from congress.engine.plan import Apply, Bindings, Plan, PlanRule, Pred, Scan, Step, Stored, match, variables

Tables = dict[Stored, set[Row]]


class NaiveExecutor:
    """See `base.Executor`."""

    def __init__(self, watch: Watch, limits: Limits | None = None) -> None:
        self.lock = RLock()
        self.rules: dict[Pred, dict[str, Rule]] = {}
        self.base: dict[Pred, set[Row]] = {}
        self.limits = limits or Limits()
        self.watches = watch

    def begin(self) -> NaiveTransaction:
        return NaiveTransaction(self)

    def facts(self, pred: Pred) -> Iterable[Row]:
        return self.base.get(pred, set())

    def crowd(self, pred: Pred, cells: Mapping[int, Value]) -> int:  # noqa: ARG002 - it has no index
        return 0

    def rows(self, pred: Pred, limits: Limits | None = None) -> list[Row]:
        if pred not in self.rules:
            return list(self.base.get(pred, ()))
        return list(self.evaluate((pred,), limits=limits)[Stored("full", pred)])

    def stamp(self, pred: Pred) -> None:
        return None

    def holds(self, pred: Pred, row: Row, limits: Limits | None = None) -> bool:
        return row in self.rows(pred, limits)

    def answers(self, variables: tuple[Var, ...], body: tuple[Literal, ...], limits: Limits | None = None) -> list[Row]:
        answer = Stored("answer", Pred(TableId("", "answer"), len(variables)))
        return list(self.evaluate((), [Root(answer, variables, body)], limits)[answer])

    def evaluate(self, preds: Iterable[Pred], roots: Iterable[Root] = (), limits: Limits | None = None) -> Tables:
        """The rows of every table that the given ones and the roots need."""
        source = Source(
            {pred: group.values() for pred, group in self.rules.items()},
            has_facts=lambda pred: bool(self.base.get(pred)),
            demand=False,
        )
        plan = make_plan(source, preds, roots)
        return evaluate(plan, lambda pred: self.base.get(pred, set()), Budget(limits or self.limits))


class NaiveTransaction:
    """See `base.Transaction`: remembers everything before, and compares at the end."""

    def __init__(self, engine: NaiveExecutor) -> None:
        self._engine = engine
        self._before = ({pred: set(rows) for pred, rows in engine.base.items()}, dict(engine.rules))
        self._watched = self._state()

    def _state(self) -> dict[TableId, set[Row]]:
        engine = self._engine
        preds = {pred for pred in (*engine.rules, *engine.base) if engine.watches(pred.table)}
        state: dict[TableId, set[Row]] = {}
        tables = engine.evaluate([pred for pred in preds if pred in engine.rules])
        for pred in preds:
            rows = tables[Stored("full", pred)] if pred in engine.rules else engine.base[pred]
            state.setdefault(pred.table, set()).update(rows)
        return state

    def insert(self, pred: Pred, rows: Iterable[Row]) -> None:
        self._engine.base.setdefault(pred, set()).update(rows)

    def delete(self, pred: Pred, rows: Iterable[Row]) -> None:
        self._engine.base.setdefault(pred, set()).difference_update(rows)

    def replace(self, pred: Pred, rows: Iterable[Row]) -> None:
        self._engine.base[pred] = set(rows)

    def add_rules(self, rules: Iterable[Rule]) -> None:
        for rule in rules:
            pred = Pred(rule.table, len(rule.head))
            self._engine.rules[pred] = {**self._engine.rules.get(pred, {}), rule.key: rule}

    def remove_rules(self, rules: Iterable[Rule]) -> None:
        for rule in rules:
            pred = Pred(rule.table, len(rule.head))
            left = {key: other for key, other in self._engine.rules[pred].items() if key != rule.key}
            if left:
                self._engine.rules[pred] = left
            else:
                del self._engine.rules[pred]

    def flush(self) -> None:
        self._state()

    settle = flush

    def changes(self) -> tuple[TableChange, ...]:
        after = self._state()
        found = []
        for table in sorted(self._watched.keys() | after.keys()):
            old, new = self._watched.get(table, set()), after.get(table, set())
            if old != new:
                found.append(TableChange(table, tuple(new - old), tuple(old - new)))
        return tuple(found)

    preview = changes

    def commit(self) -> tuple[TableChange, ...]:
        return self.changes()

    def rollback(self) -> None:
        self._engine.base, self._engine.rules = self._before


def evaluate(plan: Plan, base: Any, budget: Budget) -> Tables:
    """The rows of every stored table of a plan."""
    tables: Tables = {}

    def rows_of(stored: Stored) -> set[Row]:
        return base(stored.pred) if stored.kind == "facts" else tables[stored]

    for component in plan.components:
        for member in component.members:
            tables[member] = set()
        while True:
            before = sum(len(tables[member]) for member in component.members)
            for member in component.members:
                for rule in plan.rules[member]:
                    tables[member] |= apply_rule(rule, rows_of, budget)
                    budget.tick(tables[member])
            if not component.recursive or sum(len(tables[member]) for member in component.members) == before:
                break
    return tables


def apply_rule(rule: PlanRule, rows_of: Any, budget: Budget) -> set[Row]:
    """The head rows that a rule derives from the rows as they stand."""
    solutions = list(solve(list(rule.body), {}, rows_of, budget))
    if not rule.aggregated:
        return {tuple([_cell(term, bindings) for term in rule.args]) for bindings in solutions}
    groups: dict[Row, list[Bindings]] = {}
    for bindings in solutions:
        key = tuple([_cell(term, bindings) for term in rule.args if not isinstance(term, Aggregate)])
        groups.setdefault(key, []).append(bindings)
    return {_aggregate(rule.args, members) for members in groups.values()}


def _cell(term: HeadTerm, bindings: Bindings) -> Value:
    return term.value if isinstance(term, Const) else bindings[term.name]  # type: ignore[union-attr]


def _aggregate(head: tuple[HeadTerm, ...], members: list[Bindings]) -> Row:
    cells: list[Value] = []
    for term in head:
        if not isinstance(term, Aggregate):
            cells.append(_cell(term, members[0]))
            continue
        values = [bindings[term.variable.name] for bindings in members]
        cells.append(_AGGREGATES[term.function](values))
    return tuple(cells)


def _sum(values: list[Value]) -> Value:
    numbers = [value for value in values if not isinstance(value, str)]
    if all(value.__class__ is int for value in numbers):
        return sum(map(int, numbers))
    try:
        return Real(float(sum((Fraction(number) for number in numbers), Fraction(0))))
    except OverflowError:
        return "overflow"


_AGGREGATES: dict[str, Any] = {
    "count": lambda values: len(set(values)),
    "sum": _sum,
    "min": lambda values: min(values, key=sort_key),
    "max": lambda values: max(values, key=sort_key),
}


def solve(steps: list[Step], bindings: Bindings, rows_of: Any, budget: Budget) -> Iterator[Bindings]:
    """All ways to satisfy the steps, as bindings; one for each combination of rows."""
    if not steps:
        yield bindings
        return
    position = next(i for i, step in enumerate(steps) if _is_ready(step, bindings))
    step, rest = steps[position], steps[:position] + steps[position + 1 :]
    for extended in satisfy(step, bindings, rows_of):
        budget.tick(())
        yield from solve(rest, extended, rows_of, budget)


def _is_ready(step: Step, bindings: Mapping[str, Value]) -> bool:
    if isinstance(step, Scan):
        return not step.negated or variables(step.args) <= bindings.keys()
    needs = step.args if step.negated else step.args[: step.builtin.inputs]
    return variables(needs) <= bindings.keys()


def satisfy(step: Step, bindings: Bindings, rows_of: Any) -> Iterator[Bindings]:
    """The ways to satisfy one step that is ready."""
    if isinstance(step, Apply):
        yield from _call(step, bindings)
        return
    matches = (match(step.args, row, bindings) for row in rows_of(step.table))
    if step.negated:
        if all(found is None for found in matches):
            yield bindings
    else:
        yield from (found for found in matches if found is not None)


def _call(step: Apply, bindings: Bindings) -> Iterator[Bindings]:
    builtin = step.builtin
    inputs = [_cell(term, bindings) for term in step.args[: builtin.inputs]]  # type: ignore[arg-type]
    try:
        answer = builtin.function(*inputs)
    except Exception:
        return
    if not builtin.outputs:
        if bool(answer) != step.negated:
            yield bindings
        return
    outputs = (answer,) if builtin.outputs == 1 else tuple(answer)
    found = match(step.args[builtin.inputs :], outputs, bindings)
    if step.negated:
        if found is None:
            yield bindings
    elif found is not None:
        yield found
