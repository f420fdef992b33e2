"""The plan: an explicit representation between checked rules and the executors.

A plan consists of stored tables (`Stored`) and of plan rules over them. It differs from the program it was made from in
that each table is resolved to where its rows are stored, negation over omitted columns has become negation of a
projection, and tables that need not be computed whole are replaced by the part that is asked for (see `demand`).
Both executors work from it: `executors.naive`, which is obviously right, and `executors.compiled`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from congress.datalog.builtins import Builtin
from congress.datalog.core import Aggregate, Const, HeadTerm, TableId, Term, Var
from congress.datalog.graph import strongly_connected
from congress.datalog.values import Row, Value
from congress.errors import CongressError


class Pred(NamedTuple):
    """A table at one arity (policies of kind `action` may use a name at several)."""

    table: TableId
    arity: int


class Stored(NamedTuple):
    """A place where rows are kept.

    kind `facts`: base rows; `full`: all rows of a derived table; `part`: those rows of it that match a demand;
    `demand`: the bound cells asked for; `group`: the rows of one aggregating rule; `projection`: some columns of
    another stored table; `answer`, `parameters`: of a query.
    `detail` is the adornment (a string of `b` and `f`) of parts and demands, and (source, columns) of projections.
    """

    kind: str
    pred: Pred
    detail: Any = ""


class Scan(NamedTuple):
    """A stored table applied to terms; ANY columns only where it is not negated."""

    table: Stored
    args: tuple[Term, ...]
    negated: bool = False


class Apply(NamedTuple):
    """A builtin applied to terms."""

    builtin: Builtin
    args: tuple[Term, ...]
    negated: bool = False


Step: TypeAlias = Scan | Apply
Bindings: TypeAlias = dict[str, Value]


class PlanRule(NamedTuple):
    """`head(args) :- body`; the body's order is free as long as negated steps and inputs of builtins come bound."""

    head: Stored
    args: tuple[HeadTerm, ...]
    body: tuple[Step, ...]

    @property
    def aggregated(self) -> bool:
        return any(isinstance(term, Aggregate) for term in self.args)


class Unstratified(CongressError):
    """Negation or an aggregate depends on itself. `.members`: the stored tables of the cycle."""

    def __init__(self, message: str, members: frozenset[Stored]) -> None:
        super().__init__(message)
        self.members = members


@dataclass(frozen=True, slots=True)
class Component:
    """Stored tables that are evaluated together: one table, or the tables of a recursion."""

    members: tuple[Stored, ...]
    recursive: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """Rules by head, and components in evaluation order."""

    rules: Mapping[Stored, tuple[PlanRule, ...]]
    components: tuple[Component, ...]
    rank: Mapping[Stored, int]


def variables(terms: Iterable[Any]) -> set[str]:
    """Names of the variables among terms; an aggregate's variable counts."""
    found: set[str] = set()
    for term in terms:
        if isinstance(term, Var):
            found.add(term.name)
        elif isinstance(term, Aggregate):
            found.add(term.variable.name)
    return found


def arrange(rules: Mapping[Stored, tuple[PlanRule, ...]]) -> Plan:
    """Order the derived tables into components. Raises Unstratified."""
    edges: dict[Stored, set[Stored]] = {
        head: {step.table for rule in group for step in rule.body if step.__class__ is Scan and step.table in rules}
        for head, group in rules.items()
    }
    components: list[Component] = []
    rank: dict[Stored, int] = {}
    for members in strongly_connected(edges):
        group = set(members)
        recursive = len(group) > 1 or members[0] in edges[members[0]]
        if recursive:
            _check_stratified(group, rules)
        for member in members:
            rank[member] = len(components)
        components.append(Component(tuple(members), recursive))
    return Plan(rules, tuple(components), rank)


def _check_stratified(group: set[Stored], rules: Mapping[Stored, tuple[PlanRule, ...]]) -> None:
    for head in group:
        for rule in rules[head]:
            inside = [step for step in rule.body if step.__class__ is Scan and step.table in group]
            creates = any(step.__class__ is Apply for step in rule.body) and head.kind == "demand"
            if inside and (rule.aggregated or creates or any(step.negated for step in inside)):
                message = f"Rules are recursive through negation or an aggregate at {head.pred.table}"
                raise Unstratified(message, frozenset(group))


def match(args: tuple[Term, ...], row: Row, bindings: Bindings) -> Bindings | None:
    """The bindings extended so that the arguments equal the row, or None."""
    extended = dict(bindings)
    for term, cell in zip(args, row, strict=True):
        if isinstance(term, Const):
            if term.value != cell:
                return None
        elif isinstance(term, Var) and extended.setdefault(term.name, cell) != cell:
            return None
    return extended
