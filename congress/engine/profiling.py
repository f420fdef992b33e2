"""What the evaluation of one rule costs, and how it goes through the tables."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import NamedTuple

from congress.datalog.core import Aggregate, Atom, Literal, Rule, TableId, Var
from congress.engine.budget import Limits
from congress.engine.executors.base import Executor
from congress.engine.executors.query import QueryPlan
from congress.engine.executors.state import State
from congress.engine.text import print_literal


class Step(NamedTuple):
    """One table on the way: `by` are the positions of the columns by which its rows are found, none where it is
    walked through, all where one row is looked up; `rows` is how many the table has."""

    literal: str
    table: TableId
    by: tuple[int, ...]
    columns: int
    rows: int


@dataclass(frozen=True, slots=True)
class Profile:
    """`seconds`: of one evaluation from scratch, generated code at hand. `rows`: distinct rows of the head (before
    aggregation). Builtins are no steps: they are computed as soon as their inputs are known."""

    rule: Rule
    seconds: float
    rows: int
    steps: tuple[Step, ...]


def profile(engine: Executor, rule: Rule, limits: Limits) -> Profile:
    """Evaluate a rule twice, the second time by the clock. The tables that it reads are not evaluated with it where
    the engine keeps them. Raises LimitExceeded; TypeError for an executor without plans."""
    if not isinstance(engine, State):
        raise TypeError("only the incremental executor has plans to look at")
    head = [term.variable if isinstance(term, Aggregate) else term for term in rule.head]
    names = dict.fromkeys(term.name for term in head if isinstance(term, Var) and term.name not in rule.unsafe)
    plan = QueryPlan(engine, tuple(map(Var, names)), rule.body, 0)
    try:
        plan.run((), limits)
        began = time.perf_counter()
        rows = plan.run((), limits)
        seconds = time.perf_counter() - began
        steps = [
            Step(_printed(access.table, access.args, access.negated, rule.policy), access.table, access.fixed,
                 len(access.args), access.rows)
            for access in plan.accesses()
        ]  # fmt: skip
    finally:
        plan.release()
    return Profile(rule, seconds, len(rows), tuple(steps))


def _printed(table: TableId, args: tuple[object, ...], negated: bool, policy: str) -> str:
    return print_literal(Literal(Atom(table, args), negated), policy)  # type: ignore[arg-type]
