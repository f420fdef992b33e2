"""The printer: the syntax tree back to text that parses to the same tree."""

from __future__ import annotations

from congress.datalog.syntax.ast import (
    AggregateCall,
    Argument,
    Atom,
    Column,
    Conjunction,
    Constant,
    Fact,
    Literal,
    Program,
    Question,
    Rule,
)
from congress.datalog.syntax.strings import quote
from congress.datalog.values import Value

_BARE = ("true", "false")


def print_value(value: Value) -> str:
    """A value as it is written in a policy."""
    if isinstance(value, str):
        return quote(value)
    return repr(value)


def print_argument(argument: Argument) -> str:
    if isinstance(argument, Constant):
        return print_value(argument.value)
    if isinstance(argument, Column):
        return f"{argument.reference}={print_argument(argument.term)}"
    if isinstance(argument, AggregateCall):
        return f"{argument.function}({print_argument(argument.argument)})"
    return argument.name


def print_atom(atom: Atom) -> str:
    """`policy:table(x, "y")`; tables without columns keep their parentheses, `true` and `false` go without."""
    text = f"{atom.policy}:{atom.name}" if atom.policy is not None else atom.name
    if atom.args or text not in _BARE:
        text = f"{text}({', '.join(map(print_argument, atom.args))})"
    return f"{atom.modal}[{text}]" if atom.modal else text


def print_literal(literal: Literal) -> str:
    return f"not {print_atom(literal.atom)}" if literal.negated else print_atom(literal.atom)


def print_statement(statement: Question, *, pretty: bool = False) -> str:
    """A statement on one line; `pretty` puts each literal of a body on a line of its own."""
    if isinstance(statement, Fact):
        return print_atom(statement.atom)
    if isinstance(statement, Conjunction):
        return ", ".join(map(print_literal, statement.literals))
    heads = ", ".join(map(print_atom, statement.heads))
    literals = [print_literal(literal) for literal in statement.body]
    return f"{heads} :-\n  " + ",\n  ".join(literals) if pretty else f"{heads} :- {', '.join(literals)}"


def print_program(program: Program) -> str:
    """The statements one to a line, without comments (see the formatter for those)."""
    return "".join(print_statement(statement) + "\n" for statement in program.statements)


def rule_key(statement: Rule | Fact) -> str:
    """The text that rules share which differ in the order of their body literals only."""
    if isinstance(statement, Fact):
        return print_atom(statement.atom)
    heads = ", ".join(map(print_atom, statement.heads))
    return f"{heads} :- {', '.join(sorted(map(print_literal, statement.body)))}"
