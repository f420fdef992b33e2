"""The head's terms, and where aggregates may stand among them."""

from __future__ import annotations

from congress.datalog import core
from congress.datalog.diagnostics import nearest
from congress.datalog.passes.columns import term
from congress.datalog.passes.draft import Draft
from congress.datalog.syntax.ast import AggregateCall, Atom, Column, Constant, Fact
from congress.datalog.syntax.printer import print_argument, print_atom

FUNCTIONS = ("count", "sum", "min", "max")


def resolve_head_terms(draft: Draft) -> None:
    """Turn the head's arguments into terms; aggregates only in heads of ordinary rules, over variables."""
    head = draft.head
    if head is None or draft.table is None:
        return
    terms: list[core.HeadTerm] = []
    for argument in head.args:
        if isinstance(argument, Column):
            message = f"Literal {print_atom(head)} uses column references in a head"
            draft.refuse("columns-of-policy", message, argument.span, "give the arguments of a head by position")
            return
        if isinstance(argument, AggregateCall):
            terms += _aggregate(draft, head, argument)
        else:
            resolved = term(draft, argument)
            if not isinstance(resolved, core.Any_):
                terms.append(resolved)
    draft.terms = tuple(terms)


def _aggregate(draft: Draft, head: Atom, call: AggregateCall) -> list[core.HeadTerm]:
    written = print_argument(call)
    if call.function not in FUNCTIONS:
        message = f"{written} in head {print_atom(head)} is no aggregate"
        hint = nearest(call.function, FUNCTIONS) or f"the aggregates are {', '.join(FUNCTIONS)}"
        draft.refuse("unknown-aggregate", message, call.span, hint)
    elif isinstance(draft.statement, Fact) or head.modal or head.sign or draft.is_action:
        message = f"Aggregate {written} in {print_atom(head)}, which is not the head of an ordinary rule"
        hint = "compute it with a rule of an ordinary policy, and use that rule's table"
        draft.refuse("aggregate-place", message, call.span, hint)
    elif isinstance(call.argument, Constant):
        message = f"Aggregate {written} of a constant in head {print_atom(head)}"
        draft.refuse("aggregate-argument", message, call.span, "aggregate a variable of the body")
    else:
        return [core.Aggregate(call.function, core.Var(call.argument.name))]
    return []
