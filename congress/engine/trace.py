"""Traces: a top-down evaluation of a table, told line by line in the format that existing users read.

Each line is `<abbreviation>: <"| " per depth><word>: <literal>` with the words Call, Exit, Redo, Fail and Note. The
trace is of an evaluation made for its sake; answers come from the executor. A table that calls itself is looked up,
not traced into.
"""

from __future__ import annotations

from collections.abc import Iterator

from congress.datalog.core import Aggregate, Atom, Const, Literal, Rule, Term, Var
from congress.datalog.syntax.printer import print_value
from congress.datalog.values import Row, Value, row_sort_key
from congress.engine.executors.base import Executor
from congress.engine.explain import Bindings, substitute
from congress.engine.plan import Pred
from congress.engine.text import print_literal

WIDTH = 6
MOST_LINES = 20_000
"""A trace is cut behind so many lines …"""
MOST_DEPTH = 100
"""… and where a table is so many rules away from the one that is asked for."""


class _Cut(Exception):  # noqa: N818 - control flow, never seen outside
    pass


class Tracer:
    """Collects the trace of one or more tables; the caller holds the executor's lock."""

    def __init__(self, engine: Executor, abbreviation: str) -> None:
        self._engine = engine
        self._prefix = abbreviation.ljust(WIDTH) + ": "
        self._lines: list[str] = []
        self._open: list[Pred] = []

    def text(self) -> str:
        """The lines so far, each with its end."""
        return "".join(line + "\n" for line in self._lines)

    def ask(self, pred: Pred) -> None:
        """Trace the question for all rows of a table."""
        terms = tuple([Var(f"x{i}") for i in range(pred.arity)])
        goal = Literal(Atom(pred.table, terms))
        answers = []
        try:
            for bindings in self._prove(goal, {}, 0, pred.table.policy):
                cells = [print_value(bindings[term.name]) for term in terms]
                answers.append("[" + ",".join(cells) + "]")
        except _Cut as cut:
            self._lines.append(f"{self._prefix}Note: the trace is cut {cut}")
        except RecursionError:
            self._lines.append(f"{self._prefix}Note: the trace is cut where it goes too deep")
        for answer in answers:
            self._lines.append(f"{self._prefix}Found answer {answer}")

    def _say(self, depth: int, word: str, text: str) -> None:
        if len(self._lines) >= MOST_LINES:
            raise _Cut(f"behind {MOST_LINES} lines")
        if depth > MOST_DEPTH:
            raise _Cut(f"at a depth of {MOST_DEPTH}")
        self._lines.append(f"{self._prefix}{'| ' * depth}{word}: {text}")

    def _prove(self, literal: Literal, bindings: Bindings, depth: int, policy: str) -> Iterator[Bindings]:
        """The ways to satisfy a literal under bindings, each extending them."""
        goal = substitute(literal, bindings)
        text = print_literal(goal, policy)
        self._say(depth, "Call", text)
        if not isinstance(goal.body, Atom) or goal.negated:
            yield from self._check(goal, bindings, text, depth, policy)
            return
        for found in self._derive(goal.body, depth, policy):
            extended = {**bindings, **_named(goal.body.args, found)}
            done = print_literal(substitute(goal, extended), policy)
            self._say(depth, "Exit", done)
            yield extended
            self._say(depth, "Redo", done)
        self._say(depth, "Fail", text)

    def _check(self, goal: Literal, bindings: Bindings, text: str, depth: int, policy: str) -> Iterator[Bindings]:
        """A builtin, or a negated literal: at most one way, and nothing to redo."""
        names = [term for term in goal.body.args if isinstance(term, Var)] if not goal.negated else []
        variables = tuple(dict.fromkeys(names))
        answers = self._engine.answers(variables, (goal,))
        if not answers:
            self._say(depth, "Fail", text)
            return
        extended = {**bindings, **{var.name: cell for var, cell in zip(variables, answers[0], strict=True)}}
        self._say(depth, "Exit", print_literal(substitute(goal, extended), policy))
        yield extended

    def _derive(self, atom: Atom, depth: int, policy: str) -> Iterator[Row]:
        """The rows that match an atom: facts first, then by rule."""
        pred = Pred(atom.table, len(atom.args))
        rules = self._engine.rules.get(pred, {})
        recursive = pred in self._open
        known = self._engine.rows(pred) if recursive or not rules else self._engine.facts(pred)
        for row in sorted(known, key=row_sort_key):
            if _matches(atom.args, row):
                text = print_literal(Literal(Atom(atom.table, tuple([Const(cell) for cell in row]))), policy)
                self._say(depth, "Note", f"Trying {text}")
                yield row
        if recursive:
            return
        self._open.append(pred)
        try:
            for rule in rules.values():
                yield from self._by_rule(rule, atom, depth)
        finally:
            self._open.remove(pred)

    def _by_rule(self, rule: Rule, atom: Atom, depth: int) -> Iterator[Row]:
        bindings = _bind_head(rule, atom)
        if bindings is None:
            return
        self._say(depth, "Note", f"Trying {rule.text}")
        if not rule.body:
            self._say(depth + 1, "Call", "true")
            self._say(depth + 1, "Exit", "true")
        if any(isinstance(term, Aggregate) for term in rule.head):
            pred = Pred(rule.table, len(rule.head))
            yield from (row for row in sorted(self._engine.rows(pred), key=row_sort_key) if _matches(atom.args, row))
            return
        for found in self._conjunction(rule.body, bindings, depth + 1, rule.policy):
            row = tuple([term.value if isinstance(term, Const) else found[term.name] for term in rule.head])  # type: ignore[union-attr]
            if _matches(atom.args, row):
                yield row

    def _conjunction(
        self, body: tuple[Literal, ...], bindings: Bindings, depth: int, policy: str
    ) -> Iterator[Bindings]:
        if not body:
            yield bindings
            return
        for extended in self._prove(body[0], bindings, depth, policy):
            yield from self._conjunction(body[1:], extended, depth, policy)


def _bind_head(rule: Rule, atom: Atom) -> Bindings | None:
    """The rule's variables that the goal's constants fix, or None where head and goal differ."""
    bindings: Bindings = {}
    for ours, theirs in zip(rule.head, atom.args, strict=True):
        if not isinstance(theirs, Const):
            continue
        if isinstance(ours, Const) and ours.value != theirs.value:
            return None
        if isinstance(ours, Var) and bindings.setdefault(ours.name, theirs.value) != theirs.value:
            return None
    return bindings


def _matches(args: tuple[Term, ...], row: Row) -> bool:
    bindings: dict[str, Value] = {}
    for term, cell in zip(args, row, strict=True):
        if isinstance(term, Const) and term.value != cell:
            return False
        if isinstance(term, Var) and bindings.setdefault(term.name, cell) != cell:
            return False
    return True


def _named(args: tuple[Term, ...], row: Row) -> Bindings:
    return {term.name: cell for term, cell in zip(args, row, strict=True) if isinstance(term, Var)}
