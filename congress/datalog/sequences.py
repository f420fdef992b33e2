"""Sequences of a simulation: updates of rows and rules, and invocations of actions, in the order of their text."""

from __future__ import annotations

from dataclasses import replace

from congress.datalog import core
from congress.datalog.catalog import DATASOURCE, Catalog
from congress.datalog.diagnostics import DatalogError, diagnose
from congress.datalog.limits import DEFAULT_LIMITS, Limits
from congress.datalog.passes import run_statement_passes
from congress.datalog.passes.arity import UNCHECKED, mismatch, permitted_arity
from congress.datalog.passes.columns import plain_terms, positional
from congress.datalog.passes.draft import Draft
from congress.datalog.passes.lowering import lower_body, lower_rule
from congress.datalog.passes.names import check_datasource_table, is_builtin
from congress.datalog.passes.safety import variables
from congress.datalog.statements import parse
from congress.datalog.syntax.ast import Argument, Atom, Column, Constant, Fact, Rule, Statement, Variable
from congress.datalog.syntax.printer import print_atom, print_statement

RESULT = "result"
"""The table of the action policy through which an action hands values to the steps behind it."""


def check_sequence(
    text: str, policy: str, action_policy: str, catalog: Catalog, *, limits: Limits = DEFAULT_LIMITS
) -> tuple[core.SequenceStep, ...]:
    """The steps of a sequence that is simulated in `policy`; an empty text has none.

    Whether an action is declared is not known here: see `not_a_step`. Raises DatalogError.
    """
    program = parse(text, source="<sequence>", limits=limits)
    return tuple([_Step(statement, policy, action_policy, catalog).check() for statement in program.statements])


def not_a_step(text: str, action_policy: str | None = None, *, statement: Statement | None = None) -> DatalogError:
    """The error for a step that is neither an update nor a declared action; a statement gives its place."""
    hint = "an update ends in + or -, as in p+(1)"
    if action_policy is not None:
        hint += f'; an action is declared in policy {action_policy} by a fact action("name")'
    message = f"Sequence contained non-action, non-update: {text}"
    span, source = (statement.span, statement.source) if statement else (None, None)
    return DatalogError([diagnose("not-a-step", message, span, source, hint=hint)])


class _Step:
    """One statement of a sequence."""

    def __init__(self, statement: Statement, policy: str, action_policy: str, catalog: Catalog) -> None:
        self.statement, self.policy, self.action_policy, self.catalog = statement, policy, action_policy, catalog
        self.text = print_statement(statement)

    def check(self) -> core.SequenceStep:
        heads = self.statement.heads if isinstance(self.statement, Rule) else (self.statement.atom,)
        if any(head.modal for head in heads):
            raise self.not_a_step()
        if not heads[0].sign:
            return self.action(heads)
        if len(heads) > 1:
            raise self.not_a_step()
        return self.rule(heads[0]) if isinstance(self.statement, Rule) else self.row(heads[0])

    def not_a_step(self) -> DatalogError:
        return not_a_step(self.text, self.action_policy, statement=self.statement)

    def draft(self, statement: Statement, policy: str) -> Draft:
        kind = self.catalog.kind(policy) or "nonrecursive"
        return Draft(statement, policy, kind, self.catalog)

    def target(self, head: Atom) -> str:
        """The policy or datasource that an update changes."""
        policy = head.policy or self.policy
        if self.catalog.kind(policy) is None:
            source = self.statement.source
            message = f"Unknown policy {policy} in {self.text}"
            raise DatalogError([diagnose("unknown-policy", message, head.span, source, hint="create it first")])
        return policy

    def row(self, head: Atom) -> core.RowStep:
        """A fact that appears or disappears; a variable in it means the string of its name."""
        policy = self.target(head)
        atom = replace(head, args=tuple([_named(argument) for argument in head.args]), policy=policy, sign="")
        table = core.TableId(policy, atom.table)
        draft = self.draft(Fact(atom, self.statement.span, self.statement.source), policy)
        check_datasource_table(draft, atom, table)
        if is_builtin(draft, atom):
            message = f"Conflict with built-in tablename: {atom.table}"
            draft.refuse("builtin-head", message, head.span, "builtins cannot be changed")
        terms = positional(draft, atom, table)
        draft.raise_problems()
        if core.ANY in terms:
            columns = ", ".join(self.catalog.columns(table.policy, table.name) or ())
            message = f"Step {self.text} leaves columns of {table} open"
            draft.refuse("missing-columns", message, head.span, f"give all of {columns}")
        permitted = permitted_arity(table, self.catalog)
        if permitted not in (None, UNCHECKED, len(terms)):
            message = mismatch(print_atom(atom), len(terms), permitted)
            draft.refuse("arity-mismatch", message, head.span, f"table {table} has {permitted} columns elsewhere")
        draft.raise_problems()
        row = tuple([term.value for term in terms if isinstance(term, core.Const)])
        return core.RowStep(head.sign, table, row, self.text)

    def rule(self, head: Atom) -> core.RuleStep:
        policy = self.target(head)
        rule = self.statement
        if not isinstance(rule, Rule):
            raise TypeError("a rule step is made of a rule")
        if self.catalog.kind(policy) == DATASOURCE:
            raise self.not_a_step()
        plain = replace(rule, heads=(replace(head, sign="", policy=None),))
        return core.RuleStep(head.sign, lower_rule(run_statement_passes(self.draft(plain, policy))), self.text)

    def action(self, heads: tuple[Atom, ...]) -> core.ActionStep:
        """An invocation: heads and body are checked in the queried policy, but `result` is the action policy's."""
        draft = Draft(self.statement, self.policy, "nonrecursive", self.catalog)
        draft.head = None
        draft.foreign_tables = {RESULT: self.action_policy}
        if isinstance(self.statement, Rule) and len(self.statement.heads) > 1:
            draft.statement = replace(self.statement, heads=self.statement.heads[:1])
        run_statement_passes(draft)
        bound = {name for literal in lower_body(draft) if not literal.negated for name in variables(literal.body.args)}
        resolved = []
        for index, head in enumerate(heads):
            if head.sign or head.policy not in (None, self.action_policy):
                raise self.not_a_step()
            terms = self.terms(draft, head)
            free = [name for name in variables(terms) if name not in bound]
            if free and index == 0:
                raise self.unbound(draft, head, free[0])
            if not free:
                resolved.append((head.table, terms))
        return core.ActionStep(tuple(resolved), lower_body(draft), self.text)

    def terms(self, draft: Draft, head: Atom) -> tuple[core.Term, ...]:
        for argument in head.args:
            if isinstance(argument, Column):
                message = f"Action {print_atom(head)} uses column references"
                draft.refuse("columns-of-policy", message, argument.span, "give the arguments by position")
        terms = plain_terms(draft, head)
        draft.raise_problems()
        return terms

    def unbound(self, draft: Draft, head: Atom, name: str) -> DatalogError:
        hint = f'if {name} is a string, write "{name}"'
        source = draft.statement.source
        if isinstance(self.statement, Fact):
            message = f"Fact not ground: {print_atom(head)}"
            return DatalogError([diagnose("fact-not-ground", message, head.span, source, hint=hint)])
        message = f"Variable {name} found in head but not in body, rule {self.text}"
        return DatalogError([diagnose("unsafe-head", message, head.span, source, hint=hint)])


def _named(argument: Argument) -> Argument:
    """The argument with a variable replaced by the string of its name."""
    if isinstance(argument, Column):
        term = _named(argument.term)
        return argument if isinstance(term, Column) else replace(argument, term=term)
    return Constant(argument.name, argument.span) if isinstance(argument, Variable) else argument
