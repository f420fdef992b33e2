"""Why a row holds.

Worked out by asking the executor about the rules' bodies, with the row's cells put in for the head's variables; so a
premise in an explanation is true by evaluation and not by memory.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from heapq import nsmallest
from typing import Any

from congress.datalog.core import ANY, Aggregate, Atom, Call, Const, Literal, Rule, TableId, Term, Var
from congress.datalog.values import Row, Value, row_sort_key
from congress.engine.budget import Limits
from congress.engine.executors.base import Executor
from congress.engine.plan import Pred, variables
from congress.engine.policyset import PolicySet
from congress.engine.text import print_literal, print_row

DEPTHS = (10, 40, 100)
"""How deep a derivation may be: the shallow ones are looked for first, and what lies below the last depth is cut."""

Bindings = dict[str, Value]


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much one explanation may be: premises that it spells out, how deep, and how long the search may take. What
    lies deeper or comes later is marked as cut; who runs out of time gets LimitExceeded."""

    nodes: int = 1000
    depth: int = DEPTHS[-1]
    seconds: float = Limits().seconds


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """A derivation. `reason`: `fact`, `row` (of a datasource), `rule`, `builtin`, `absent` (a negated premise that
    holds because nothing matches), or `cut`. `rule` is the rule's text; `premises` are its body, instantiated.

    `table` and `row` say what holds unless it is a builtin or an absence; `columns` names those of a datasource. A
    premise that is needed in several places is one object.
    """

    holds: str
    reason: str
    rule: str | None = None
    premises: tuple[Explanation, ...] = ()
    table: TableId | None = None
    row: Row | None = None
    columns: tuple[str, ...] | None = None

    def nodes(self) -> list[Explanation]:
        """This and all that it rests on, each once, a conclusion before its premises."""
        found = {id(self): self}
        waiting = [self]
        while waiting:
            for premise in waiting.pop().premises:
                if id(premise) not in found:
                    found[id(premise)] = premise
                    waiting.append(premise)
        return list(found.values())

    def to_data(self) -> dict[str, Any]:
        """As JSON-ready data: `nodes`, this one first, in which `premises` are places in the list; `complete` says
        whether nothing was cut. Empty fields are left out."""
        nodes = self.nodes()
        places = {id(node): place for place, node in enumerate(nodes)}
        listed = [node._data([places[id(premise)] for premise in node.premises]) for node in nodes]
        return {"nodes": listed, "complete": all(node.reason != "cut" for node in nodes)}

    def _data(self, premises: list[int]) -> dict[str, Any]:
        data: dict[str, Any] = {"holds": self.holds, "reason": self.reason}
        if self.table is not None and self.row is not None:
            data |= {"policy": self.table.policy, "table": self.table.name, "row": list(self.row)}
        if self.rule is not None:
            data["rule"] = self.rule
        if premises:
            data["premises"] = premises
        if self.reason == "row" and self.table is not None and self.row is not None:
            data["source"] = source(self.table, self.row, self.columns)
        return data

    def to_text(self) -> str:
        """As an indented tree, one premise a line; what was shown above is not spelled out again."""
        return "\n".join(self._lines("", set()))

    def _lines(self, indent: str, shown: set[int]) -> Iterator[str]:
        because = f"by {self.rule}" if self.rule else _REASONS[self.reason]
        if self.premises and id(self) in shown:
            yield f"{indent}{self.holds}  (as above)"
            return
        shown.add(id(self))
        yield f"{indent}{self.holds}  ({because})"
        for premise in self.premises:
            yield from premise._lines(indent + "  ", shown)


_REASONS = {
    "fact": "a fact",
    "row": "a row of the datasource",
    "rule": "by a rule",
    "builtin": "computed",
    "absent": "nothing matches",
    "cut": "not spelled out further",
}


def source(table: TableId, row: Row, columns: tuple[str, ...] | None) -> dict[str, Any]:
    """Which row of which datasource it is, with its cells by column."""
    names = columns or tuple(map(str, range(len(row))))
    return {"datasource": table.policy, "table": table.name, "cells": dict(zip(names, row, strict=True))}


class Explainer:
    """Explains rows against the executor's present state; the caller holds its lock."""

    def __init__(self, engine: Executor, policies: PolicySet, bounds: Bounds | None = None) -> None:
        self.engine, self._policies, self._bounds = engine, policies, bounds or Bounds()
        self._left = self._bounds.nodes
        self._depth = self._bounds.depth
        self._known: dict[tuple[Pred, Row], Explanation] = {}
        self._deadline = time.monotonic() + self._bounds.seconds

    def explain(self, pred: Pred, row: Row) -> Explanation | None:
        """The derivation of a row, None if it does not hold. Raises LimitExceeded."""
        last = self._bounds.depth
        for depth in (*[each for each in DEPTHS if each < last], last):
            self._depth = depth
            self._left = self._bounds.nodes
            self._known = {}
            found = self._explain(pred, row, frozenset())
            if found is not None:
                return found
        return None

    def within(self, bounds: Bounds) -> Explainer:
        """One with other bounds, which has to be ready when this one has."""
        made = Explainer(self.engine, self._policies, bounds)
        made._deadline = min(made._deadline, self._deadline)
        return made

    def columns(self, table: TableId) -> tuple[str, ...] | None:
        """The names of a datasource table's columns; None for tables of policies."""
        return self._policies.columns(table.policy, table.name)

    def _explain(self, pred: Pred, row: Row, path: frozenset[tuple[Pred, Row]]) -> Explanation | None:
        # A proof that was found is one everywhere: what it rests on was proved before, so no circle can come of it.
        known = self._known.get((pred, row))
        if known is None and (known := self._anew(pred, row, path)) is not None:
            self._known[pred, row] = known
        return known

    def _anew(self, pred: Pred, row: Row, path: frozenset[tuple[Pred, Row]]) -> Explanation | None:
        text = print_row(pred.table, row)
        if row in self.engine.facts(pred):
            columns = self.columns(pred.table)
            return Explanation(text, "fact" if columns is None else "row", table=pred.table, row=row, columns=columns)
        if (pred, row) in path:
            return None
        if len(path) >= self._depth:
            return self._cut(text, pred, row)
        self._left -= 1
        for rule in self.engine.rules.get(pred, {}).values():
            found = self._by_rule(rule, pred, row, text, path | {(pred, row)})
            if found is not None:
                return found
        return None

    def _by_rule(
        self, rule: Rule, pred: Pred, row: Row, text: str, path: frozenset[tuple[Pred, Row]]
    ) -> Explanation | None:
        for bindings in self._solutions(rule, row):
            if self._left < 0:
                return self._cut(text, pred, row)
            premises = []
            for literal in rule.body:
                premise = self._premise(literal, bindings, path, rule.policy)
                if premise is None:
                    break
                premises.append(premise)
            else:
                return Explanation(text, "rule", rule.text, tuple(premises), pred.table, row)
        return None

    def _solutions(self, rule: Rule, row: Row) -> list[Bindings]:
        """The ways in which a rule derives a row; for an aggregating rule, the members of the row's group."""
        bindings = unify_head(rule, row)
        if bindings is None:
            return []
        if any(isinstance(term, Aggregate) for term in rule.head) and row not in self.engine.rows(
            Pred(rule.table, len(rule.head)), self.limits()
        ):
            return []
        return self.answers(rule.body, bindings)

    def limits(self) -> Limits:
        """What the next question may use of the time that is left."""
        return Limits(seconds=max(0.001, self._deadline - time.monotonic()))

    def answers(self, body: tuple[Literal, ...], bindings: Bindings) -> list[Bindings]:
        """All bindings, sorted, that extend the given ones and make a body true. Raises LimitExceeded."""
        bound = tuple([substitute(literal, bindings) for literal in body])
        names = sorted(variables(term for literal in bound if not literal.negated for term in literal.body.args))
        if not bound:
            return [bindings]
        answers = self.engine.answers(tuple([Var(name) for name in names]), bound, self.limits())
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
        row = next(iter(self.matching(instance.body, 1)), None)
        if row is None:
            return None
        found = self._explain(pred, row, path)
        return self._cut(print_row(pred.table, row), pred, row) if found is None and self._left < 0 else found

    def matching(self, atom: Atom, most: int | None = None) -> list[Row]:
        """The rows that an atom matches, sorted; the first of them when so many are enough. Raises LimitExceeded."""
        names: dict[Term | int, Var] = {}
        args = tuple([self._open(term, place, names) for place, term in enumerate(atom.args)])
        answers = self.engine.answers(tuple(names.values()), (Literal(Atom(atom.table, args)),), self.limits())
        places = {variable: place for place, variable in enumerate(names.values())}
        found = [
            tuple([term.value if isinstance(term, Const) else answer[places[term]] for term in args])
            for answer in answers
        ]
        return sorted(found, key=row_sort_key) if most is None else nsmallest(most, found, key=row_sort_key)

    @staticmethod
    def _open(term: Term, place: int, names: dict[Term | int, Var]) -> Const | Var:
        """The term with a variable where the atom leaves a column out."""
        if isinstance(term, Const):
            return term
        key: Term | int = place if term is ANY else term
        return names.setdefault(key, Var(f"?{len(names)}"))

    def _cut(self, text: str, pred: Pred, row: Row) -> Explanation | None:
        """A premise that is not spelled out, or, while shallow derivations are looked for, none."""
        return Explanation(text, "cut", table=pred.table, row=row) if self._depth == self._bounds.depth else None


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
