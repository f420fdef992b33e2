"""Which literals are calls of builtins: by name and number of arguments, with or without `builtin:`."""

from __future__ import annotations

from collections.abc import Mapping

from congress.datalog.builtins import BUILTINS, NOW_NAME, Z3_BUILTINS, Builtin
from congress.datalog.diagnostics import nearest
from congress.datalog.passes.draft import Draft
from congress.datalog.syntax.ast import Atom
from congress.datalog.syntax.printer import print_atom

BUILTIN_POLICY = "builtin"


def builtins_of(kind: str) -> Mapping[str, Builtin]:
    return Z3_BUILTINS if kind == "z3" else BUILTINS


def is_now(draft: Draft, atom: Atom) -> bool:
    """Whether the atom is the ticking table `now(x)`."""
    if atom.table != NOW_NAME or atom.sign or atom.modal or len(atom.args) != 1:
        return False
    return atom.policy == BUILTIN_POLICY or (atom.policy is None and draft.kind != "z3")


def builtin_of(draft: Draft, atom: Atom) -> Builtin | None:
    """The builtin that the atom calls, or None when it is a table. Refuses calls that cannot be meant."""
    if atom.policy not in (None, BUILTIN_POLICY):
        return None
    table = builtins_of(draft.kind)
    builtin = table.get(atom.table)
    if atom.policy is None:
        if builtin is None or builtin.arity != len(atom.args) or atom.sign or atom.modal:
            return None
        if draft.kind == "z3":
            message = f"Builtin {atom.table} needs its prefix in a policy of kind z3"
            draft.refuse("bare-builtin", message, atom.span, f"write builtin:{print_atom(atom)}")
        return builtin
    if atom.sign or atom.modal:
        draft.refuse("update-in-call", f"{print_atom(atom)} changes a builtin", atom.span, "builtins cannot be changed")
    elif builtin is None:
        known = [*table, NOW_NAME]
        draft.refuse("unknown-builtin", f"There is no builtin {atom.table}", atom.span, nearest(atom.table, known))
    elif builtin.arity != len(atom.args):
        message = f"builtin:{atom.table} takes {builtin.arity} arguments, not {len(atom.args)}"
        draft.refuse("builtin-arity", message, atom.span, f"it is builtin:{builtin.signature}")
    return builtin
