"""Why a row holds, and why it does not.

Both are worked out by asking the executor about the rules' bodies, with the row's cells put in for the head's
variables; so a premise in an explanation is true, or a failing one false, by evaluation and not by memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from congress.datalog.core import ANY, Aggregate, Atom, Call, Const, Literal, Rule, Term, Var
from congress.datalog.values import Row, Value, row_sort_key
from congress.engine.errors import InvalidRow
from congress.engine.executors.base import Executor
from congress.engine.plan import Pred, variables
from congress.engine.policyset import PolicySet
from congress.engine.text import print_literal, print_row

MOST_NODES = 1000
"""Premises that one explanation spells out; what lies deeper is marked as cut."""
DEPTHS = (10, 40, 100)
"""How deep a derivation may be: the shallow ones are looked for first, and what lies below the last depth is cut."""
ABSENCE_DEPTH = 3
"""How far the absence of a premise is explained by the absence of its own premises."""
EXAMPLES = 3
"""Failing instances that are shown for each rule."""

Bindings = dict[str, Value]


@dataclass(frozen=True, slots=True)
class Explanation:
    """A derivation tree. `reason`: `fact`, `row` (of a datasource), `rule`, `builtin`, `absent` (a negated premise that
    holds because nothing matches), or `cut`. `rule` is the rule's text; `premises` are its body, instantiated."""

    holds: str
    reason: str
    rule: str | None = None
    premises: tuple[Explanation, ...] = ()

    def to_data(self) -> dict[str, Any]:
        """As JSON-ready data with the same field names; empty fields are left out."""
        data: dict[str, Any] = {"holds": self.holds, "reason": self.reason}
        if self.rule is not None:
            data["rule"] = self.rule
        if self.premises:
            data["premises"] = [premise.to_data() for premise in self.premises]
        return data

    def to_text(self) -> str:
        """As an indented tree, one premise a line."""
        return "\n".join(self._lines(""))

    def _lines(self, indent: str) -> Iterator[str]:
        because = f"by {self.rule}" if self.rule else _REASONS[self.reason]
        yield f"{indent}{self.holds}  ({because})"
        for premise in self.premises:
            yield from premise._lines(indent + "  ")


_REASONS = {
    "fact": "a fact",
    "row": "a row of the datasource",
    "rule": "by a rule",
    "builtin": "computed",
    "absent": "nothing matches",
    "cut": "not spelled out further",
}


@dataclass(frozen=True, slots=True)
class Failure:
    """One way in which a rule fails to derive the row: the premises before `failing` hold in this instance, it does
    not.

    `because`: `no match`, `present` (a negated premise that something matches, `blocker`), `false` (a builtin), or
    `head` (the rule's head cannot be this row; `failing` is the head).
    """

    rule: str
    failing: str
    because: str
    holding: tuple[str, ...] = ()
    blocker: str | None = None
    absence: Absence | None = None

    def to_data(self) -> dict[str, Any]:
        data: dict[str, Any] = {"rule": self.rule, "failing": self.failing, "because": self.because}
        if self.holding:
            data["holding"] = list(self.holding)
        if self.blocker is not None:
            data["blocker"] = self.blocker
        if self.absence is not None:
            data["absence"] = self.absence.to_data()
        return data


@dataclass(frozen=True, slots=True)
class Absence:
    """Why a row does not hold: how each rule of its table fails. Without rules the row simply is not there."""

    missing: str
    failures: tuple[Failure, ...] = field(default=())

    def to_data(self) -> dict[str, Any]:
        """As JSON-ready data."""
        return {"missing": self.missing, "failures": [failure.to_data() for failure in self.failures]}

    def to_text(self) -> str:
        """As indented text."""
        return "\n".join(self._lines(""))

    def _lines(self, indent: str) -> Iterator[str]:
        yield f"{indent}{self.missing} does not hold" + ("" if self.failures else ": there is no such row")
        for failure in self.failures:
            yield f"{indent}  by {failure.rule}"
            for premise in failure.holding:
                yield f"{indent}    holds: {premise}"
            blocked = f": {failure.blocker} is there" if failure.blocker else ""
            yield f"{indent}    fails: {failure.failing} ({failure.because}){blocked}"
            if failure.absence is not None:
                yield from failure.absence._lines(indent + "      ")


class Explainer:
    """Explains rows against the executor's present state; the caller holds its lock."""

    def __init__(self, engine: Executor, policies: PolicySet) -> None:
        self._engine, self._policies = engine, policies
        self._left = MOST_NODES
        self._depth = DEPTHS[-1]

    # -- why

    def explain(self, pred: Pred, row: Row) -> Explanation | None:
        """The derivation of a row, None if it does not hold."""
        for self._depth in DEPTHS:
            self._left = MOST_NODES
            found = self._explain(pred, row, frozenset())
            if found is not None:
                return found
        return None

    def _explain(self, pred: Pred, row: Row, path: frozenset[tuple[Pred, Row]]) -> Explanation | None:
        text = print_row(pred.table, row)
        if row in self._engine.facts(pred):
            columns = self._policies.columns(pred.table.policy, pred.table.name)
            return Explanation(text, "fact" if columns is None else "row")
        if (pred, row) in path:
            return None
        if len(path) >= self._depth:
            return self._cut(text)
        self._left -= 1
        for rule in self._engine.rules.get(pred, {}).values():
            found = self._by_rule(rule, pred, row, text, path | {(pred, row)})
            if found is not None:
                return found
        return None

    def _by_rule(
        self, rule: Rule, pred: Pred, row: Row, text: str, path: frozenset[tuple[Pred, Row]]
    ) -> Explanation | None:
        for bindings in self._solutions(rule, row):
            if self._left < 0:
                return self._cut(text)
            premises = []
            for literal in rule.body:
                premise = self._premise(literal, bindings, path, rule.policy)
                if premise is None:
                    break
                premises.append(premise)
            else:
                return Explanation(text, "rule", rule.text, tuple(premises))
        return None

    def _solutions(self, rule: Rule, row: Row) -> list[Bindings]:
        """The ways in which a rule derives a row; for an aggregating rule, the members of the row's group."""
        bindings = unify_head(rule, row)
        if bindings is None:
            return []
        if any(isinstance(term, Aggregate) for term in rule.head) and row not in self._engine.rows(
            Pred(rule.table, len(rule.head))
        ):
            return []
        return self._answers(rule.body, bindings)

    def _answers(self, body: tuple[Literal, ...], bindings: Bindings) -> list[Bindings]:
        """All bindings, sorted, that extend the given ones and make a body true."""
        bound = tuple([substitute(literal, bindings) for literal in body])
        names = sorted(variables(term for literal in bound if not literal.negated for term in literal.body.args))
        if not bound:
            return [bindings]
        answers = self._engine.answers(tuple([Var(name) for name in names]), bound)
        return [{**bindings, **dict(zip(names, answer, strict=True))} for answer in sorted(answers, key=row_sort_key)]

    def _premise(
        self, literal: Literal, bindings: Bindings, path: frozenset[tuple[Pred, Row]], policy: str
    ) -> Explanation | None:
        instance = substitute(literal, bindings)
        text = print_literal(instance, policy)
        if isinstance(instance.body, Call):
            return Explanation(text, "builtin")
        if instance.negated:
            return Explanation(text, "absent")
        pred = Pred(instance.body.table, len(instance.body.args))
        row = self._matching_row(instance.body)
        if row is None:
            return None
        found = self._explain(pred, row, path)
        return self._cut(print_row(pred.table, row)) if found is None and self._left < 0 else found

    def _matching_row(self, atom: Atom) -> Row | None:
        """A row that an atom without variables matches."""
        names = [Var(f"?{i}") for i, term in enumerate(atom.args) if term is ANY]
        free = iter(names)
        args = tuple([next(free) if term is ANY else term for term in atom.args])
        answers = self._engine.answers(tuple(names), (Literal(Atom(atom.table, args)),))
        if not answers:
            return None
        cells = iter(sorted(answers, key=row_sort_key)[0])
        return tuple([term.value if isinstance(term, Const) else next(cells) for term in args])

    def _cut(self, text: str) -> Explanation | None:
        """A premise that is not spelled out, or, while shallow derivations are looked for, none."""
        return Explanation(text, "cut") if self._depth == DEPTHS[-1] else None

    # -- why not

    def explain_absence(self, pred: Pred, row: Row, depth: int = ABSENCE_DEPTH) -> Absence:
        """How each rule fails to derive the row. Raises InvalidRow if it holds."""
        if self._matching_row(Atom(pred.table, tuple([Const(cell) for cell in row]))) is not None:
            raise InvalidRow(f"{print_row(pred.table, row)} holds; ask for its explanation")
        failures: list[Failure] = []
        for rule in self._engine.rules.get(pred, {}).values():
            failures += self._failures(rule, row, depth)
        return Absence(print_row(pred.table, row), tuple(failures))

    def _failures(self, rule: Rule, row: Row, depth: int) -> list[Failure]:
        bindings = unify_head(rule, row)
        if bindings is None:
            return [Failure(rule.text, print_row(rule.table, row), "head")]
        if any(isinstance(term, Aggregate) for term in rule.head):
            return [Failure(rule.text, print_row(rule.table, row), "no match")]
        longest, instances = 0, [bindings]
        for length in range(1, len(rule.body)):
            found = self._answers(rule.body[:length], bindings)
            if not found:
                break
            longest, instances = length, found
        return [self._failure(rule, longest, instance, depth) for instance in instances[:EXAMPLES]]

    def _failure(self, rule: Rule, position: int, bindings: Bindings, depth: int) -> Failure:
        literal = substitute(rule.body[position], bindings)
        holding = tuple([print_literal(substitute(item, bindings), rule.policy) for item in rule.body[:position]])
        text = print_literal(literal, rule.policy)
        if isinstance(literal.body, Call):
            return Failure(rule.text, text, "false", holding)
        if literal.negated:
            row = self._matching_row(literal.body)
            blocker = print_row(literal.body.table, row) if row is not None else None
            return Failure(rule.text, text, "present", holding, blocker)
        return Failure(rule.text, text, "no match", holding, absence=self._nested(literal.body, depth))

    def _nested(self, atom: Atom, depth: int) -> Absence | None:
        pred = Pred(atom.table, len(atom.args))
        if depth <= 1 or pred not in self._engine.rules or not all(isinstance(term, Const) for term in atom.args):
            return None
        row = tuple([term.value for term in atom.args if isinstance(term, Const)])
        return self.explain_absence(pred, row, depth - 1)


def unify_head(rule: Rule, row: Row) -> Bindings | None:
    """The bindings under which a rule's head is the row (aggregates aside), or None."""
    bindings: Bindings = {}
    for term, cell in zip(rule.head, row, strict=True):
        if isinstance(term, Const):
            if term.value != cell:
                return None
        elif isinstance(term, Var) and bindings.setdefault(term.name, cell) != cell:
            return None
    return bindings


def substitute(literal: Literal, bindings: Bindings) -> Literal:
    """The literal with constants in place of bound variables."""

    def put(term: Term) -> Term:
        return Const(bindings[term.name]) if isinstance(term, Var) and term.name in bindings else term

    args = tuple([put(term) for term in literal.body.args])
    if isinstance(literal.body, Atom):
        return Literal(Atom(literal.body.table, args), literal.negated)
    return Literal(Call(literal.body.builtin, args), literal.negated)
