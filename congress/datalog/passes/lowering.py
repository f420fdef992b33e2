"""The last step: a draft that passed every check becomes a rule of the core language."""

from __future__ import annotations

from congress.datalog import core
from congress.datalog.passes.draft import Draft
from congress.datalog.syntax.ast import Conjunction
from congress.datalog.syntax.printer import print_statement, rule_key


def lower_body(draft: Draft) -> tuple[core.Literal, ...]:
    return tuple([premise.resolved for premise in draft.body if premise.resolved is not None])


def lower_rule(draft: Draft) -> core.Rule:
    statement = draft.statement
    if draft.table is None or isinstance(statement, Conjunction):
        raise ValueError("a query is not lowered to a rule")
    return core.Rule(
        policy=draft.policy,
        table=draft.table,
        head=draft.terms,
        body=lower_body(draft),
        key=rule_key(statement),
        text=print_statement(statement),
        unsafe=draft.unsafe,
    )
