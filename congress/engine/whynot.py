"""Finds out why a row does not hold.

Every statement is an answer of the executor: premises that are said to hold do, and those that are said to fail do not.
"""

from __future__ import annotations

from congress.datalog.core import Aggregate, Atom, Call, Const, Rule, Var
from congress.datalog.values import Row
from congress.engine.absence import Absence, Cell, Failure, Missing, Near
from congress.engine.arguments import arguments
from congress.engine.errors import InvalidRow
from congress.engine.explain import Bindings, Bounds, Explainer, Explanation, substitute, unify_head
from congress.engine.plan import Pred, variables
from congress.engine.text import print_literal, print_row

DEPTH = 3
"""How far the absence of a premise is explained by the absence of its own premises."""
EXAMPLES = 3
"""Failing instances that are shown for each rule."""
INSTANCES = 50
"""Instances among which the nearest ones are looked for."""
NEAREST = 3
"""Rows that differ in one cell from the one that is missing."""
CROWD = 1000
"""When more rows than this differ in a cell only, none of them is near: what they share does not tell them apart."""
BLOCKERS = 5
"""Rows that are shown of those that stand against a negated premise."""
SHALLOW = Bounds(nodes=50, depth=5)


class WhyNot:
    """Explains absences against the present state; the caller holds the executor's lock."""

    def __init__(self, explainer: Explainer) -> None:
        self._explainer, self._engine = explainer, explainer.engine

    def explain(self, pred: Pred, row: Row, depth: int = DEPTH) -> Absence:
        """How each rule fails to derive the row. Raises InvalidRow if it holds, LimitExceeded."""
        if self._explainer.matching(Atom(pred.table, tuple([Const(cell) for cell in row]))):
            raise InvalidRow(f"{print_row(pred.table, row)} holds; ask for its explanation")
        failures: list[Failure] = []
        for rule in self._engine.rules.get(pred, {}).values():
            failures += self._failures(rule, row, depth)
        failures.sort(key=lambda one: one.distance)
        return Absence(print_row(pred.table, row), pred.table, row, tuple(failures))

    def _failures(self, rule: Rule, row: Row, depth: int) -> list[Failure]:
        bindings = unify_head(rule, row)
        if bindings is None:
            return [Failure(rule.text, print_row(rule.table, row), "head")]
        longest, instances = 0, [bindings]
        for length in range(1, len(rule.body) + 1):
            found = self._explainer.answers(rule.body[:length], bindings)
            if not found:
                break
            longest, instances = length, found
        if longest == len(rule.body):  # only an aggregate can be another one then
            return [Failure(rule.text, print_row(rule.table, row), "group", has=self._group(rule, row))]
        also = {id(one): self._also_failing(rule, longest, one) for one in instances[:INSTANCES]}
        nearest = sorted(instances[:INSTANCES], key=lambda one: len(also[id(one)]))
        return [self._failure(rule, longest, one, also[id(one)], depth) for one in nearest[:EXAMPLES]]

    def _group(self, rule: Rule, row: Row) -> Row | None:
        """The row that the group has whose row this was to be."""
        atom = Atom(
            rule.table,
            tuple(
                [
                    Var(f"?{place}") if isinstance(term, Aggregate) else Const(cell)
                    for place, (term, cell) in enumerate(zip(rule.head, row, strict=True))
                ]
            ),
        )
        return next(iter(self._explainer.matching(atom, 1)), None)

    def _also_failing(self, rule: Rule, position: int, bindings: Bindings) -> tuple[str, ...]:
        """The premises after a failing one that are false whatever that one's variables are."""
        found = []
        for literal in rule.body[position + 1 :]:
            instance = substitute(literal, bindings)
            is_decided = isinstance(instance.body, Atom) and not instance.negated
            if (is_decided or not variables(instance.body.args)) and not self._explainer.answers((instance,), {}):
                found.append(print_literal(instance, rule.policy))
        return tuple(found)

    def _failure(self, rule: Rule, position: int, bindings: Bindings, also: tuple[str, ...], depth: int) -> Failure:
        literal = substitute(rule.body[position], bindings)
        holding = tuple([print_literal(substitute(item, bindings), rule.policy) for item in rule.body[:position]])
        text = print_literal(literal, rule.policy)
        if isinstance(literal.body, Call):
            found = arguments(rule, position, bindings, literal.body, negated=literal.negated)
            return Failure(rule.text, text, "false", holding, also, arguments=found)
        if literal.negated:
            rows = self._explainer.matching(literal.body, BLOCKERS + 1)
            blockers = [self._blocker(literal.body, row) for row in rows[:BLOCKERS]]
            return Failure(
                rule.text, text, "present", holding, also, blockers=tuple(blockers), more_blockers=len(rows) > BLOCKERS
            )
        missing, nested = self._missing(literal.body, rule.body[position].body), self._nested(literal.body, depth)
        return Failure(rule.text, text, "no match", holding, also, missing=missing, absence=nested)

    def _blocker(self, atom: Atom, row: Row) -> Explanation:
        pred = Pred(atom.table, len(atom.args))
        found = self._explainer.within(SHALLOW).explain(pred, row)
        return found or Explanation(print_row(pred.table, row), "cut", table=pred.table, row=row)

    def _missing(self, atom: Atom, written: Atom | Call) -> Missing:
        columns = self._explainer.columns(atom.table)
        names = columns or tuple(map(str, range(len(atom.args))))
        placed = list(enumerate(atom.args))
        needs = [Cell(names[place], place, term.value) for place, term in placed if isinstance(term, Const)]
        alike: dict[str, list[int]] = {}
        for place, term in placed:
            if isinstance(term, Var):
                alike.setdefault(term.name, []).append(place)
        together = tuple([tuple(places) for places in alike.values() if len(places) > 1])
        return Missing(atom.table, len(atom.args), tuple(needs), together, self._nearest(atom, needs, written, columns))

    def _nearest(
        self, atom: Atom, needs: list[Cell], written: Atom | Call, columns: tuple[str, ...] | None
    ) -> tuple[Near, ...]:
        """Rows that miss one cell, first what the rule itself demands, since other cells say which thing it is about.
        Not of derived tables, which may have to be computed to find one."""
        pred = Pred(atom.table, len(atom.args))
        if pred in self._engine.rules or len(needs) < 2:
            return ()
        found: list[Near] = []
        for cell in sorted(needs, key=lambda cell: isinstance(written.args[cell.place], Var)):
            others = {one.place: one.value for one in needs if one is not cell}
            if len(found) == NEAREST or self._engine.crowd(pred, others) > CROWD:
                continue
            args = tuple([Var("?") if place == cell.place else term for place, term in enumerate(atom.args)])
            rows = self._explainer.matching(Atom(atom.table, args))
            if len(rows) <= CROWD:
                found += [Near(row, cell, atom.table, columns) for row in rows[: NEAREST - len(found)]]
        return tuple(found)

    def _nested(self, atom: Atom, depth: int) -> Absence | None:
        pred = Pred(atom.table, len(atom.args))
        if depth <= 1 or pred not in self._engine.rules or not all(isinstance(term, Const) for term in atom.args):
            return None
        row = tuple([term.value for term in atom.args if isinstance(term, Const)])
        return self.explain(pred, row, depth - 1)
