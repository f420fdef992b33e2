"""The syntax tree: what the parser makes of a policy's text, before any name is resolved.

Every node is immutable and remembers where it stood (`span`); two nodes are equal when they mean the same text,
wherever it stood.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from congress.datalog.values import Value


class Span(NamedTuple):
    """A stretch of source text: offsets `start` (included) and `end` (excluded), `line` and `column` counted from 1."""

    start: int
    end: int
    line: int
    column: int


NOWHERE = Span(0, 0, 1, 1)


@dataclass(frozen=True, slots=True)
class Source:
    """A text that was parsed, and the name under which diagnostics mention it."""

    name: str
    text: str

    def line(self, number: int) -> str:
        """The line of this number, counted from 1, without its end."""
        lines = self.text.split("\n", number)
        return lines[number - 1].rstrip("\r") if 0 < number <= len(lines) else ""


@dataclass(frozen=True, slots=True)
class Variable:
    name: str
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Constant:
    value: Value
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class AggregateCall:
    """`count(vm)` as an argument of a head."""

    function: str
    argument: Variable | Constant
    span: Span = field(default=NOWHERE, compare=False, repr=False)


Term: TypeAlias = Variable | Constant | AggregateCall


@dataclass(frozen=True, slots=True)
class Column:
    """`id=x` or `2=x` as an argument: a column chosen by its name or by its number, counted from 0."""

    reference: str | int
    term: Term
    span: Span = field(default=NOWHERE, compare=False, repr=False)


Argument: TypeAlias = Term | Column


@dataclass(frozen=True, slots=True)
class Atom:
    """A table applied to arguments. `sign` is `+`, `-` or empty; `modal` is `execute`, `insert`, `delete` or None."""

    table: str
    args: tuple[Argument, ...] = ()
    policy: str | None = None
    sign: str = ""
    modal: str | None = None
    span: Span = field(default=NOWHERE, compare=False, repr=False)

    @property
    def name(self) -> str:
        """The table's name with its sign, without its policy."""
        return self.table + self.sign


@dataclass(frozen=True, slots=True)
class Literal:
    atom: Atom
    negated: bool = False
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Rule:
    """`head, … :- literal, …`; more than one head has a meaning in sequences of a simulation only."""

    heads: tuple[Atom, ...]
    body: tuple[Literal, ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)
    source: Source | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Fact:
    """An atom that stands alone: a fact in a policy, a question in a query, a step in a sequence."""

    atom: Atom
    span: Span = field(default=NOWHERE, compare=False, repr=False)
    source: Source | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Conjunction:
    """Literals without a head; only a query may be one."""

    literals: tuple[Literal, ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)
    source: Source | None = field(default=None, compare=False, repr=False)


Statement: TypeAlias = Rule | Fact
Question: TypeAlias = Rule | Fact | Conjunction


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment with its marks (`// …`, `# …`, `/* … */`), without the end of its line."""

    text: str
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Program:
    """Statements in the order of the text, and the comments between and inside them."""

    statements: tuple[Statement, ...]
    comments: tuple[Comment, ...] = ()
    source: Source | None = field(default=None, compare=False, repr=False)
