"""The core language: what a checked rule is lowered to, and all that the engine knows of the policy language.

In core form every table is resolved to a `TableId`, column references are expanded to positions, `true` and `false`
are gone, the body stands in an order in which it can be evaluated from left to right, and every variable of the head is
bound.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from congress.datalog.values import Row, Value

if TYPE_CHECKING:
    from congress.datalog.builtins import Builtin
    from congress.datalog.syntax.ast import Span


class TableId(NamedTuple):
    """A table's full name. `name` keeps everything after the policy: `servers.addresses`, `p+` (update tables),
    `execute[nova:servers.pause]` (modal heads, filed under the policy that defines the rule)."""

    policy: str
    name: str

    def __str__(self) -> str:
        return f"{self.policy}:{self.name}"


TRUE_TABLE_POLICY = "builtin"
FALSE = TableId(TRUE_TABLE_POLICY, "false")
"""A table that is always empty: what `false` in a body is lowered to (`true` and `not false` just disappear)."""
NOW = TableId(TRUE_TABLE_POLICY, "now")
"""The ticking table of one row `(YYYY-MM-DD hh:mm:ss,)`: what `now(x)` and `builtin:now(x)` are lowered to."""


@dataclass(frozen=True, slots=True)
class Var:
    """A variable, by its name in the rule."""

    name: str


@dataclass(frozen=True, slots=True)
class Any_:  # noqa: N801 - `Any` is taken
    """A column that the rule does not mention (an omitted column of a table with a schema): matches every value."""


ANY = Any_()


@dataclass(frozen=True, slots=True)
class Const:
    """A constant."""

    value: Value


@dataclass(frozen=True, slots=True)
class Aggregate:
    """`function(variable)` in a head: one of `count`, `sum`, `min`, `max`.

    `count` counts the distinct values of the variable within the group; `sum` adds the variable's value once for every
    combination of body rows; values that are not numbers make a `sum` skip the row.
    """

    function: str
    variable: Var


Term: TypeAlias = Var | Const | Any_
HeadTerm: TypeAlias = Var | Const | Aggregate


@dataclass(frozen=True, slots=True)
class Atom:
    """A table applied to terms; `len(args)` is the arity."""

    table: TableId
    args: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A builtin applied to terms: `builtin.inputs` inputs first, then its outputs. Never contains ANY."""

    builtin: Builtin
    args: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Literal:
    """An atom or a call in a body, possibly negated.

    A negated atom with ANY columns means that no row at all matches the other columns. A negated call has no unbound
    outputs. A call that fails (wrong types, division by zero) has no answer, and its negation has none either.
    """

    body: Atom | Call
    negated: bool = False
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Rule:
    """A checked rule or fact (`body == ()`).

    `key` identifies the rule for insertion and removal: two rules of one policy that differ only in the order of body
    literals have the same key. `text` is the canonical text. `unsafe` lists head variables that the body does not bind,
    which only rules of action policies may have; such rules are evaluated by simulation alone.
    """

    policy: str
    table: TableId
    head: tuple[HeadTerm, ...]
    body: tuple[Literal, ...]
    key: str
    text: str
    unsafe: frozenset[str] = frozenset()

    @property
    def is_fact(self) -> bool:
        return not self.body

    @property
    def row(self) -> Row:
        """The row of a fact."""
        return tuple([term.value for term in self.head if isinstance(term, Const)])


@dataclass(frozen=True, slots=True)
class Query:
    """A checked query: the answers are the distinct bindings of `variables` that make the body true.

    `head` is what an answer instantiates when it is printed: the queried atom itself, or the head of the queried rule
    followed by its body. It is the syntax tree, printed with the variables replaced.
    """

    policy: str
    variables: tuple[Var, ...]
    body: tuple[Literal, ...]
    head: object


@dataclass(frozen=True, slots=True)
class RowStep:
    """A step `p+(1)` or `p-(1)` of a simulated sequence: a row of `table` appears (sign +) or disappears (sign -)."""

    sign: str
    table: TableId
    row: Row
    text: str


@dataclass(frozen=True, slots=True)
class RuleStep:
    """A step `p+(x) :- q(x)` or `p-(x) :- q(x)`: the rule, without the sign, appears or disappears."""

    sign: str
    rule: Rule
    text: str


@dataclass(frozen=True, slots=True)
class ActionStep:
    """A step `act(x), option(y) :- body`: an action with its options, arguments from the body's first answer.

    `heads[0]` is the action; a step without body has constant arguments only. `body` is evaluated in the queried policy
    and the action policy's `result` table.
    """

    heads: tuple[tuple[str, tuple[Term, ...]], ...]
    body: tuple[Literal, ...]
    text: str


SequenceStep: TypeAlias = RowStep | RuleStep | ActionStep
