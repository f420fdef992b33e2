"""Queries: an atom, a conjunction or a rule, and their answers as text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from congress.datalog import core
from congress.datalog.catalog import Catalog
from congress.datalog.limits import DEFAULT_LIMITS, Limits
from congress.datalog.passes import run_statement_passes
from congress.datalog.passes.arity import UNCHECKED, mismatch, permitted_arity
from congress.datalog.passes.draft import Draft
from congress.datalog.passes.lowering import lower_body
from congress.datalog.passes.places import print_use
from congress.datalog.statements import parse_question
from congress.datalog.syntax.ast import (
    AggregateCall,
    Argument,
    Atom,
    Column,
    Conjunction,
    Constant,
    Fact,
    Literal,
    Question,
    Rule,
    Variable,
)
from congress.datalog.syntax.printer import print_statement
from congress.datalog.values import Row, Value


def check_query(text: str, policy: str, catalog: Catalog, *, limits: Limits = DEFAULT_LIMITS) -> core.Query:
    """The query of a text, asked in `policy`.

    `variables` are all variables of the atom or conjunction, or of the rule's head and body, as they appear. Columns
    that are left out are no variables. Raises DatalogError, MultipleRules.
    """
    question = parse_question(text, limits=limits)
    draft = Draft(question, policy, catalog.kind(policy) or "nonrecursive", catalog, is_query=True)
    if isinstance(question, Rule):
        _check_head(draft, question)
    run_statement_passes(draft)
    body = lower_body(draft)
    _check_arity(draft, body)
    names = dict.fromkeys(name for atom in atoms(question) for name in variable_names(atom.args))
    return core.Query(policy, tuple(core.Var(name) for name in names), body, question)


def print_question(query: core.Query) -> str:
    """The query as text."""
    return print_statement(_instance(query, None))


def instantiate(query: core.Query, row: Row) -> str:
    """An answer as text: the query with its variables replaced by the row's values."""
    return print_statement(_instance(query, row))


def instantiate_delta(query: core.Query, row: Row, sign: str) -> str:
    """As `instantiate`, with the sign behind the table of the atom, or of the head, or of the first literal."""
    instance = _instance(query, row)
    if isinstance(instance, Fact):
        return print_statement(replace(instance, atom=_signed(instance.atom, sign)))
    if isinstance(instance, Rule):
        return print_statement(replace(instance, heads=(_signed(instance.heads[0], sign), *instance.heads[1:])))
    first, *others = instance.literals
    return print_statement(replace(instance, literals=(replace(first, atom=_signed(first.atom, sign)), *others)))


def atoms(question: Question) -> Iterable[Atom]:
    """All atoms in the order of the text."""
    if isinstance(question, Fact):
        yield question.atom
        return
    if isinstance(question, Rule):
        yield from question.heads
    for literal in question.body if isinstance(question, Rule) else question.literals:
        yield literal.atom


def variable_names(arguments: Iterable[Argument]) -> Iterable[str]:
    for argument in arguments:
        term = argument.term if isinstance(argument, Column) else argument
        if isinstance(term, Variable):
            yield term.name


def _check_head(draft: Draft, rule: Rule) -> None:
    """The head of a queried rule is a pattern to print: it needs no table, but the body must bind its variables."""
    if len(rule.heads) > 1:
        message = f"Non-formula found: {print_statement(rule)}"
        draft.refuse("multiple-heads", message, rule.heads[1].span, "ask with one head")
    bound = {name for literal in rule.body if not literal.negated for name in variable_names(literal.atom.args)}
    for argument in rule.heads[0].args:
        if isinstance(argument, AggregateCall):
            message = f"Aggregate {argument.function} in a query"
            hint = "insert the rule into a policy and query its table"
            draft.refuse("aggregate-place", message, argument.span, hint)
    for name in dict.fromkeys(variable_names(rule.heads[0].args)):
        if name not in bound:
            message = f"Variable {name} found in head but not in body, rule {print_statement(rule)}"
            draft.refuse("unsafe-head", message, rule.heads[0].span, f"use {name} in a positive literal of the body")
    draft.raise_problems()


def _check_arity(draft: Draft, body: Iterable[core.Literal]) -> None:
    for literal in body:
        if isinstance(literal.body, core.Atom):
            table, terms = literal.body.table, literal.body.args
            permitted = permitted_arity(table, draft.catalog)
            if permitted not in (None, UNCHECKED, len(terms)):
                message = mismatch(print_use(draft.policy, table, terms), len(terms), permitted)
                draft.refuse("arity-mismatch", message, literal.span or draft.statement.span)
    draft.raise_problems()


def _instance(query: core.Query, row: Row | None) -> Question:
    """The question with the row's values in place of its variables, or, without a row, as it was asked."""
    values = {} if row is None else {var.name: cell for var, cell in zip(query.variables, row, strict=True)}
    question = query.head
    if isinstance(question, Fact):
        return replace(question, atom=_bind_atom(question.atom, values))
    if isinstance(question, Rule):
        heads = tuple([_bind_atom(head, values) for head in question.heads])
        return replace(question, heads=heads, body=_bind_literals(question.body, values))
    if isinstance(question, Conjunction):
        return replace(question, literals=_bind_literals(question.literals, values))
    raise TypeError(f"not a query: {question!r}")


def _bind_literals(literals: Iterable[Literal], values: Mapping[str, Value]) -> tuple[Literal, ...]:
    return tuple([replace(literal, atom=_bind_atom(literal.atom, values)) for literal in literals])


def _bind_atom(atom: Atom, values: Mapping[str, Value]) -> Atom:
    return replace(atom, args=tuple([_bind(argument, values) for argument in atom.args]))


def _bind(argument: Argument, values: Mapping[str, Value]) -> Argument:
    if isinstance(argument, Column):
        bound = _bind(argument.term, values)
        return argument if isinstance(bound, Column) else replace(argument, term=bound)
    if isinstance(argument, Variable) and argument.name in values:
        return Constant(values[argument.name], argument.span)
    return argument


def _signed(atom: Atom, sign: str) -> Atom:
    return replace(atom, sign=atom.sign + sign)
