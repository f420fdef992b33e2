"""What may stand where: the number of heads, and modals."""

from __future__ import annotations

from congress.datalog.passes.draft import Draft
from congress.datalog.syntax.ast import Atom, Fact, Rule
from congress.datalog.syntax.printer import print_atom, print_literal, print_statement


def check_structure(draft: Draft) -> None:
    """One head; only `execute` in a head and around no fact; no modal in a body; facts alone in database policies."""
    statement = draft.statement
    if isinstance(statement, Rule) and not draft.is_query:
        _check_heads(draft, statement)
    elif isinstance(statement, Fact) and statement.atom.modal and not draft.is_query:
        message = f"Fact {print_atom(statement.atom)} should not have a modal"
        hint = f"write {print_atom(statement.atom)} :- true" if statement.atom.modal == "execute" else ""
        draft.refuse("modal-fact", message, statement.span, hint)
    for premise in draft.body:
        atom = premise.written.atom
        if atom.modal and not (draft.is_query and atom.modal == "execute"):
            message = f"Modals not allowed in the rule body; found {atom.modal} in body literal "
            draft.refuse("modal-in-body", message + print_literal(premise.written), atom.span)


def _check_heads(draft: Draft, rule: Rule) -> None:
    if draft.kind == "database":
        message = f"Policy {draft.policy} holds facts only, found rule {print_statement(rule)}"
        draft.refuse("database-holds-facts", message, rule.span, "put the rule into a policy of kind nonrecursive")
    if len(rule.heads) > 1:
        if any(head.modal for head in rule.heads):
            message = f"May not have multiple rule heads with a modal: {print_statement(rule)}"
        else:
            message = f"Non-formula found: {print_statement(rule)}"
        hint = "write one rule for each head; several heads stand in sequences of a simulation only"
        draft.refuse("multiple-heads", message, rule.heads[1].span, hint)
    for head in rule.heads:
        _check_modal(draft, head)


def _check_modal(draft: Draft, head: Atom) -> None:
    if head.modal not in (None, "execute"):
        message = f"Only 'execute' modal is allowed; found {head.modal} in head {print_atom(head)}"
        draft.refuse("wrong-modal", message, head.span)
