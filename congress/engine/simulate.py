"""Simulation: what a query would answer after a sequence of changes.

The sequence is applied in a transaction of the executor that is rolled back at the end, whatever happens inside.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from congress.datalog import (
    check_program,
    check_sequence,
    instantiate,
    instantiate_delta,
    not_a_step,
)
from congress.datalog.core import (
    ActionStep,
    Atom,
    Const,
    Literal,
    Query,
    RowStep,
    Rule,
    RuleStep,
    SequenceStep,
    TableId,
    Term,
    Var,
)
from congress.datalog.queries import print_question
from congress.datalog.values import Row, Value, row_sort_key
from congress.engine.executors.base import Executor, Transaction
from congress.engine.plan import Pred, match, variables
from congress.engine.policyset import PolicySet

RESULT = "result"
Steps = tuple[SequenceStep, ...]


@dataclass(frozen=True, slots=True)
class Simulation:
    """`result`: the formulas as text, sorted, `p+(…)`/`p-(…)` for a delta. `trace`: the steps taken, or None."""

    result: tuple[str, ...]
    trace: str | None


class Simulator:
    """One simulation in a policy, with an action policy that describes the actions. Holds the executor's lock."""

    def __init__(self, policies: PolicySet, engine: Executor, policy: str, action_policy: str) -> None:
        """Raises UnknownPolicy."""
        self._policies, self._engine = policies, engine
        self._policy = policies.get(policy).name
        self._action_policy = policies.get(action_policy).name
        self._trace: list[str] = []
        self._tracing = False
        self._added: list[Rule] = []

    def run(self, asked: Query, query: str, sequence: str, *, delta: bool, trace: bool) -> Simulation:
        """`query` is the text of the checked query `asked`. Raises DatalogError, LimitExceeded."""
        steps = check_sequence(sequence, self._policy, self._action_policy, self._policies)
        self._tracing = trace
        self._note(f"** Simulate: Querying {query.strip()}")
        ask = self._difference if delta else self._state
        change = self._engine.begin()
        try:
            gained, lost = ask(asked, steps, change, sequence)
        finally:
            self._note("** Simulate: Rolling back")
            change.rollback()
        if delta:
            result = [instantiate_delta(asked, row, "+") for row in _sorted(gained)]
            result += [instantiate_delta(asked, row, "-") for row in _sorted(lost)]
        else:
            result = [instantiate(asked, row) for row in _sorted(gained)]
        return Simulation(tuple(dict.fromkeys(result)), "".join(self._trace) if trace else None)

    def _state(
        self, asked: Query, steps: Steps, change: Transaction, sequence: str
    ) -> tuple[Iterable[Row], Iterable[Row]]:
        """The answers after the steps."""
        self._apply_all(steps, change, sequence)
        return self._noted("Result", asked), ()

    def _difference(
        self, asked: Query, steps: Steps, change: Transaction, sequence: str
    ) -> tuple[Iterable[Row], Iterable[Row]]:
        """The answers that the steps bring and take; those of a watched table are told by the executor."""
        table = _single_table(asked)
        if table is not None and self._engine.watches(table) and not self._tracing:
            self._apply_all(steps, change, sequence)
            changes = [found for found in change.changes() if found.table == table]
            return (
                _matching(asked, [row for found in changes for row in found.inserted]),
                _matching(asked, [row for found in changes for row in found.deleted]),
            )
        before = set(self._noted("Original result", asked))
        self._apply_all(steps, change, sequence)
        after = set(self._noted("Result", asked))
        return after - before, before - after

    def _noted(self, what: str, asked: Query) -> list[Row]:
        """The answers now, told in the trace if there is one."""
        answers = self._answers(asked)
        if self._tracing:
            shown = " ".join(instantiate(asked, row) for row in _sorted(answers)) or "empty"
            self._note(f"{what} of {print_question(asked)} is {shown}")
        return answers

    def _apply_all(self, steps: Steps, change: Transaction, sequence: str) -> None:
        self._note(f"** Simulate: Applying sequence {sequence.strip()}")
        for step in steps:
            self._apply(step, change)

    def _note(self, text: str) -> None:
        if self._tracing:
            self._trace.append(f"RT    : {text}\n")

    def _answers(self, query: Query) -> list[Row]:
        return self._engine.answers(query.variables, query.body)

    # -- steps

    def _apply(self, step: RowStep | RuleStep | ActionStep, change: Transaction) -> None:
        if isinstance(step, RowStep):
            self._note(f"** Updating with {step.text}")
            self._apply_row(change, step.sign, step.table, step.row)
        elif isinstance(step, RuleStep):
            self._note(f"** Updating with {step.text}")
            self._apply_rule(change, step)
        else:
            self._note(f"Actions: {step.text}")
            self._apply_action(change, step)
        change.settle()

    @staticmethod
    def _apply_row(change: Transaction, sign: str, table: TableId, row: Row) -> None:
        pred = Pred(table, len(row))
        if sign == "+":
            change.insert(pred, (row,))
        else:
            change.delete(pred, (row,))

    def _apply_rule(self, change: Transaction, step: RuleStep) -> None:
        rule = step.rule
        present = rule.key in self._engine.rules.get(Pred(rule.table, len(rule.head)), {})
        if step.sign == "-" and present:
            change.remove_rules([rule])
        elif step.sign == "+" and not present:
            check_program([*self._policies.rules(), *self._added], [rule], self._policies)
            self._added.append(rule)
            change.add_rules([rule])

    # -- actions

    def _apply_action(self, change: Transaction, step: ActionStep) -> None:
        """Invoke an action: its facts hold while its effects are worked out, then only the effects remain."""
        name = step.heads[0][0]
        declared = self._engine.rows(Pred(TableId(self._action_policy, "action"), 1))
        if (name,) not in declared:
            raise not_a_step(step.text, self._action_policy)
        invocation = self._invocation(step)
        if invocation is None:
            self._note("** Skipping: no solution")
            return
        bridges = self._bridges()
        for pred, row in invocation:
            change.insert(pred, (row,))
        change.add_rules(bridges)
        change.settle()
        effects = list(self._effects())
        results = [row for sign, table, row in effects if not sign]
        for pred, row in invocation:
            change.delete(pred, (row,))
        change.remove_rules(bridges)
        arities = {len(row) for row in results} or set(self._policies.arities(TableId(self._action_policy, RESULT)))
        for arity in arities:
            rows = [row for row in results if len(row) == arity]
            change.replace(Pred(TableId(self._action_policy, RESULT), arity), rows)
        for wanted in ("-", "+"):  # if both appear and disappear, appearing wins
            for sign, table, row in effects:
                if sign == wanted:
                    self._note(f"Applying update {table}{sign}{row!r}")
                    self._apply_row(change, sign, table, row)

    def _invocation(self, step: ActionStep) -> list[tuple[Pred, Row]] | None:
        """The facts of the action and its options, from the first answer of the step's body; None without an answer."""
        names = sorted(variables(term for literal in step.body for term in literal.body.args))
        bindings: dict[str, Value] = {}
        if step.body:
            answers = self._engine.answers(tuple([Var(name) for name in names]), step.body)
            if not answers:
                return None
            bindings = dict(zip(names, _sorted(answers)[0], strict=True))
        return [
            (Pred(TableId(self._action_policy, name), len(terms)), _instance(terms, bindings))
            for name, terms in step.heads
        ]

    def _bridges(self) -> list[Rule]:
        """Rules by which the action policy's bodies see the queried policy's tables under their bare names."""
        if self._policy == self._action_policy:
            return []
        wanted = set()
        for rule in self._action_rules():
            for literal in rule.body:
                if isinstance(literal.body, Atom) and literal.body.table.policy == self._action_policy:
                    wanted.add(Pred(literal.body.table, len(literal.body.args)))
        rules = []
        for pred in sorted(wanted):
            source = TableId(self._policy, pred.table.name)
            if self._exists(Pred(source, pred.arity)):
                terms = tuple([Var(f"x{i}") for i in range(pred.arity)])
                text = f"{pred.table.name} :- {source}"
                rules.append(Rule(self._action_policy, pred.table, terms, (Literal(Atom(source, terms)),), text, text))
        return rules

    def _exists(self, pred: Pred) -> bool:
        """Whether a table is in use, or came into being by an earlier step."""
        engine = self._engine
        return pred.arity in self._policies.arities(pred.table) or pred in engine.rules or bool(engine.facts(pred))

    def _action_rules(self) -> Iterator[Rule]:
        for entry in self._policies.get(self._action_policy).entries.values():
            if entry.rule is not None and entry.rule.body:
                yield entry.rule

    def _effects(self) -> Iterator[tuple[str, TableId, Row]]:
        """(sign, table, row) of each update that the action policy derives now; sign `` for the rows of `result`."""
        for rule in self._action_rules():
            sign = rule.table.name[-1]
            if sign not in "+-":
                if rule.table.name != RESULT:
                    continue
                sign = ""
            bound = sorted(variables(rule.head) - rule.unsafe)
            for answer in sorted(
                self._engine.answers(tuple([Var(name) for name in bound]), rule.body), key=row_sort_key
            ):
                bindings: dict[str, Value] = dict(zip(bound, answer, strict=True))
                for name in sorted(rule.unsafe):
                    bindings[name] = str(uuid.uuid4())
                yield sign, self._target(rule.table), _instance(rule.head, bindings)  # type: ignore[arg-type]

    def _target(self, table: TableId) -> TableId:
        """The table that an effect changes: of the queried policy, unless the head names another one."""
        name = table.name.rstrip("+-")
        return TableId(self._policy if table.policy == self._action_policy else table.policy, name)


def _single_table(query: Query) -> TableId | None:
    """The table of a query that is one positive atom."""
    if len(query.body) == 1 and not query.body[0].negated and isinstance(query.body[0].body, Atom):
        return query.body[0].body.table
    return None


def _matching(query: Query, rows: Iterable[Row]) -> set[Row]:
    """The answers that these rows of the query's only table make; rows of another arity make none."""
    args = query.body[0].body.args
    found = set()
    for row in rows:
        bindings = match(args, row, {}) if len(row) == len(args) else None
        if bindings is not None:
            found.add(tuple([bindings[variable.name] for variable in query.variables]))
    return found


def _sorted(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=row_sort_key)


def _instance(terms: Iterable[Term], bindings: dict[str, Value]) -> Row:
    return tuple([term.value if isinstance(term, Const) else bindings[term.name] for term in terms])  # type: ignore[union-attr]
