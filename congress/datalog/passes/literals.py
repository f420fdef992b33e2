"""The body's literals: each becomes a call, an atom of a resolved table, or nothing (`true`)."""

from __future__ import annotations

from congress.datalog import core
from congress.datalog.builtins import Builtin
from congress.datalog.passes.builtin_calls import BUILTIN_POLICY, builtin_of, is_now
from congress.datalog.passes.columns import plain_terms, positional
from congress.datalog.passes.draft import Draft, Premise
from congress.datalog.passes.names import check_datasource_table, table_of
from congress.datalog.syntax.ast import Atom, Column
from congress.datalog.syntax.printer import print_atom


def resolve_body(draft: Draft) -> None:
    for premise in draft.body:
        premise.resolved = _resolve(draft, premise)


def _resolve(draft: Draft, premise: Premise) -> core.Literal | None:
    literal = premise.written
    truth = _truth(literal.atom)
    if truth is not None:
        holds = truth != literal.negated
        return None if holds else core.Literal(core.Atom(core.FALSE, ()), False, literal.span)
    return core.Literal(_body(draft, literal.atom), literal.negated, literal.span)


def _truth(atom: Atom) -> bool | None:
    if atom.args or atom.policy is not None or atom.sign or atom.modal:
        return None
    return {"true": True, "false": False}.get(atom.table)


def _body(draft: Draft, atom: Atom) -> core.Atom | core.Call:
    if is_now(draft, atom):
        _refuse_columns(draft, atom)
        return core.Atom(core.NOW, plain_terms(draft, atom))
    builtin = builtin_of(draft, atom)
    if builtin is not None:
        return _call(draft, atom, builtin)
    table = table_of(draft, atom)
    if table.policy == BUILTIN_POLICY:
        return core.Atom(core.FALSE, ())
    check_datasource_table(draft, atom, table)
    return core.Atom(table, positional(draft, atom, table))


def _call(draft: Draft, atom: Atom, builtin: Builtin) -> core.Call:
    _refuse_columns(draft, atom)
    return core.Call(builtin, plain_terms(draft, atom))


def _refuse_columns(draft: Draft, atom: Atom) -> None:
    for argument in atom.args:
        if isinstance(argument, Column):
            message = f"Builtin {print_atom(atom)} uses column references"
            draft.refuse("columns-of-policy", message, argument.span, "give the arguments of a builtin by position")
