"""Arguments to positions: column references are looked up, columns that an atom does not mention become ANY."""

from __future__ import annotations

from congress.datalog import core
from congress.datalog.catalog import DATASOURCE
from congress.datalog.diagnostics import nearest
from congress.datalog.passes.draft import Draft
from congress.datalog.syntax.ast import AggregateCall, Atom, Column, Constant, Span, Term
from congress.datalog.syntax.printer import print_atom


def positional(draft: Draft, atom: Atom, table: core.TableId) -> tuple[core.Term, ...]:
    """The terms of the atom in the order of the table's columns."""
    columns = None
    if not atom.modal and not atom.sign and draft.catalog.kind(table.policy) == DATASOURCE:
        columns = draft.catalog.columns(table.policy, table.name)
    if any(isinstance(argument, Column) for argument in atom.args):
        if columns is None:
            _refuse_references(draft, atom, table)
            return ()
        return _Layout(draft, atom, columns).terms()
    given = plain_terms(draft, atom)
    if columns is None:
        return given
    if len(given) > len(columns):
        message = f"Literal {print_atom(atom)} contained {len(given)} arguments but only {len(columns)} are permitted"
        draft.refuse("too-many-arguments", message, atom.span, f"the columns are {', '.join(columns)}")
    return given + (core.ANY,) * (len(columns) - len(given))


def plain_terms(draft: Draft, atom: Atom) -> tuple[core.Term, ...]:
    """The terms of an atom without column references."""
    return tuple([term(draft, argument) for argument in atom.args if not isinstance(argument, Column)])


def term(draft: Draft, written: Term) -> core.Term:
    if isinstance(written, Constant):
        return core.Const(written.value)
    if isinstance(written, AggregateCall):
        message = f"Aggregate {written.function} outside the head of a rule"
        draft.refuse("aggregate-place", message, written.span, "write a rule with the aggregate in its head")
        return core.ANY
    return core.Var(written.name)


def _refuse_references(draft: Draft, atom: Atom, table: core.TableId) -> None:
    """Column references without columns: say whether they can come, or never will."""
    kind = draft.catalog.kind(table.policy)
    literal = f"Literal {print_atom(atom)}"
    if kind in (None, DATASOURCE) and atom.policy is not None and not atom.modal and not atom.sign:
        tables = draft.catalog.tables(table.policy)
        if tables is not None and table.name not in tables:
            return  # said by check_datasource_table
        message = f"{literal} uses named arguments, but the schema is unknown."
        hint = f"create datasource {table.policy} first, or give all columns by position"
        draft.refuse("schema-unknown", message, atom.span, hint)
        draft.waits_for = table.policy
        return
    message = f"{literal} uses column references, but '{table.policy}' does not reference a datasource policy."
    draft.refuse("columns-of-policy", message, atom.span, "give the arguments by position")


class _Layout:
    """The columns of one atom while they are filled."""

    def __init__(self, draft: Draft, atom: Atom, columns: tuple[str, ...]) -> None:
        self.draft, self.atom, self.columns = draft, atom, columns
        self.filled: dict[int, core.Term] = {}

    def terms(self) -> tuple[core.Term, ...]:
        references = False
        for position, argument in enumerate(self.atom.args):
            if isinstance(argument, Column):
                references = True
                self.refer(argument)
            elif references:
                message = f"Positional argument in {print_atom(self.atom)} behind a column reference"
                self.draft.refuse("column-order", message, argument.span, "positional arguments come first")
            elif position < len(self.columns):
                self.filled[position] = term(self.draft, argument)
            else:
                self.too_many(argument.span)
        return tuple([self.filled.get(position, core.ANY) for position in range(len(self.columns))])

    def refer(self, column: Column) -> None:
        position = self.position(column)
        if position is None:
            return
        if position in self.filled:
            name = f"{column.reference}" if isinstance(column.reference, str) else f"number {column.reference}"
            message = f"Column {name} is given more than once in {print_atom(self.atom)}"
            self.draft.refuse("duplicate-column", message, column.span, "keep one of them")
            return
        self.filled[position] = term(self.draft, column.term)

    def position(self, column: Column) -> int | None:
        if isinstance(column.reference, str):
            if column.reference in self.columns:
                return self.columns.index(column.reference)
            message = f"In literal {print_atom(self.atom)} column name {column.reference} does not exist"
            hint = nearest(column.reference, self.columns) or f"the columns are {', '.join(self.columns)}"
            self.draft.refuse("unknown-column", message, column.span, hint)
            return None
        if column.reference < len(self.columns):
            return column.reference
        message = f"In literal {print_atom(self.atom)} column index {column.reference} is too large"
        hint = f"there are {len(self.columns)} columns, counted from 0"
        self.draft.refuse("column-out-of-range", message, column.span, hint)
        return None

    def too_many(self, span: Span) -> None:
        message = f"Literal {print_atom(self.atom)} contains more arguments than the {len(self.columns)} permitted"
        self.draft.refuse("too-many-arguments", message, span, f"the columns are {', '.join(self.columns)}")
