"""Core atoms and rows as text."""

from __future__ import annotations

from congress.datalog.core import Atom, Const, Literal, TableId
from congress.datalog.passes.places import print_use
from congress.datalog.syntax.printer import print_value
from congress.datalog.values import Row


def print_row(table: TableId, row: Row) -> str:
    """A row with its table's full name: `nova:servers("a", 1)`."""
    return f"{table}({', '.join(map(print_value, row))})"


def print_literal(literal: Literal, policy: str) -> str:
    """A literal as a rule of `policy` would have it; columns that are left out print as `_`."""
    if isinstance(literal.body, Atom):
        text = print_use(policy, literal.body.table, literal.body.args)
    else:
        text = print_use(policy, TableId(policy, literal.body.builtin.name), literal.body.args)
    return f"not {text}" if literal.negated else text


def constants(row: Row) -> tuple[Const, ...]:
    """A row as terms."""
    return tuple([Const(cell) for cell in row])
