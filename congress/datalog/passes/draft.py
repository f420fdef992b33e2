"""The statement on its way through the passes: what is written, what is resolved so far, what is wrong."""

from __future__ import annotations

from dataclasses import dataclass, field

from congress.datalog import core
from congress.datalog.catalog import Catalog
from congress.datalog.diagnostics import DatalogError, Diagnostic, IncompleteSchema, diagnose
from congress.datalog.syntax.ast import Atom, Conjunction, Fact, Literal, Question, Rule, Span


@dataclass(slots=True)
class Premise:
    """A literal of the body as written, and what it is resolved to (None: it holds always, and disappears)."""

    written: Literal
    resolved: core.Literal | None = None


@dataclass(slots=True)
class Draft:
    """Passes read `statement` and fill in the rest. A draft of a query has no `head`."""

    statement: Question
    policy: str
    kind: str
    catalog: Catalog
    is_query: bool = False
    foreign_tables: dict[str, str] = field(default_factory=dict)
    """Unqualified tables that belong to another policy: in sequences, `result` is one of the action policy."""
    head: Atom | None = None
    table: core.TableId | None = None
    terms: tuple[core.HeadTerm, ...] = ()
    body: list[Premise] = field(default_factory=list)
    unsafe: frozenset[str] = frozenset()
    problems: list[Diagnostic] = field(default_factory=list)
    waits_for: str | None = None
    """The datasource whose unknown columns are the reason for a problem."""

    def __post_init__(self) -> None:
        self.head = None if self.is_query else head_of(self.statement)
        self.body = [Premise(literal) for literal in literals_of(self.statement, self.is_query)]

    @property
    def is_action(self) -> bool:
        return self.kind == "action"

    def refuse(self, code: str, message: str, span: Span, hint: str = "") -> None:
        self.problems.append(diagnose(code, message, span, self.statement.source, hint=hint))

    def raise_problems(self) -> None:
        if self.waits_for is not None and all(problem.code == "schema-unknown" for problem in self.problems):
            raise IncompleteSchema(self.problems, self.waits_for)
        if self.problems:
            raise DatalogError(self.problems)


def head_of(statement: Question) -> Atom | None:
    if isinstance(statement, Rule):
        return statement.heads[0]
    return statement.atom if isinstance(statement, Fact) else None


def literals_of(statement: Question, is_query: bool) -> tuple[Literal, ...]:
    """The body; that of a queried atom is the atom itself."""
    if isinstance(statement, Rule):
        return statement.body
    if isinstance(statement, Conjunction):
        return statement.literals
    return (Literal(statement.atom, False, statement.span),) if is_query else ()
