"""Which table an atom means."""

from __future__ import annotations

from congress.datalog import core
from congress.datalog.builtins import NOW_NAME
from congress.datalog.catalog import DATASOURCE
from congress.datalog.diagnostics import nearest
from congress.datalog.passes.builtin_calls import BUILTIN_POLICY, builtins_of
from congress.datalog.passes.draft import Draft
from congress.datalog.syntax.ast import Atom, Fact
from congress.datalog.syntax.printer import print_atom


def resolve_head(draft: Draft) -> None:
    """Give the head its table; refuse heads that belong to another policy or that a builtin would hide."""
    head = draft.head
    if head is None:
        return
    draft.table = table_of(draft, head)
    if head.modal:
        return
    if head.policy not in (None, draft.policy) and not (draft.is_action and head.sign):
        if isinstance(draft.statement, Fact):
            message = f"Fact {print_atom(head)} should not reference any policy: {head.policy}"
        else:
            message = f"Non-modal rule head {print_atom(head)} should not reference any policy: {head.policy}"
        draft.refuse("foreign-head", message, head.span, f"put it into policy {head.policy}, or leave the prefix out")
    elif not head.sign and is_builtin(draft, head):
        message = f"Conflict with built-in tablename: {head.table}"
        draft.refuse("builtin-head", message, head.span, "choose another name")


def table_of(draft: Draft, atom: Atom) -> core.TableId:
    """The full name of an atom's table. An action without a service belongs to the service named like the policy."""
    if atom.modal:
        return core.TableId(draft.policy, f"{atom.modal}[{atom.policy or draft.policy}:{atom.name}]")
    if atom.policy is None:
        return core.TableId(draft.foreign_tables.get(atom.name, draft.policy), atom.name)
    return core.TableId(atom.policy, atom.name)


def check_datasource_table(draft: Draft, atom: Atom, table: core.TableId) -> None:
    """Refuse a table that its datasource does not have; other policies may get the table yet."""
    if atom.modal or atom.sign or draft.catalog.kind(table.policy) != DATASOURCE:
        return
    tables = draft.catalog.tables(table.policy)
    if tables is None:
        return
    known = list(tables)
    if table.name not in known:
        message = f"Literal {print_atom(atom)} uses unknown table {table.name} of datasource {table.policy}"
        draft.refuse("unknown-table", message, atom.span, nearest(table.name, known))


def is_builtin(draft: Draft, head: Atom) -> bool:
    """Whether a table of this name and arity would be hidden by a builtin."""
    if head.policy == BUILTIN_POLICY:
        return True
    builtin = builtins_of(draft.kind).get(head.table)
    return (builtin is not None and builtin.arity == len(head.args)) or (head.table == NOW_NAME and len(head.args) == 1)
