"""What a builtin is, and the checks that its functions share."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from congress.datalog.values import Real, Value

Number: TypeAlias = int | Real

MAX_BITS = 14_000
"""Greatest size of an integer that a builtin returns; Python still prints it (4300 digits)."""
MAX_LENGTH = 1_000_000
"""Greatest length of a string that a builtin returns, in characters."""


@dataclass(frozen=True, slots=True)
class Builtin:
    """A computed table of `inputs` columns that must be bound and `outputs` columns that are computed from them.

    `function(*inputs)` answers a bool when there are no outputs, a value when there is one, else a tuple of values.
    It is pure. Whatever it raises means that the literal has no answer, negated or not.
    """

    name: str
    inputs: int
    outputs: int
    function: Callable[..., Any]
    family: str
    doc: str
    columns: str = "x, y, z"
    """Names of the columns for the reference; those too many are cut."""
    invents: bool = True
    """Whether outputs can be values that are not among the inputs, so that recursion through it might never end."""

    @property
    def signature(self) -> str:
        """`name(x, y)` as the reference shows it."""
        return f"{self.name}({', '.join(self.columns.split(', ')[: self.arity])})"

    @property
    def arity(self) -> int:
        return self.inputs + self.outputs


def number(value: Value) -> Number:
    """The value, when it is a number. Raises TypeError."""
    if isinstance(value, str):
        raise TypeError(f"not a number: {value!r}")
    return value


def text(value: Value) -> str:
    """The value, when it is a string. Raises TypeError."""
    if not isinstance(value, str):
        raise TypeError(f"not a string: {value!r}")
    return value


def numeric(result: float) -> Number:
    """A computed number as a value. Raises OverflowError when it is not finite or unreasonably long."""
    if isinstance(result, int):
        if result.bit_length() > MAX_BITS:
            raise OverflowError("the integer is too long")
        return result
    if not math.isfinite(result):
        raise OverflowError("the number is not finite")
    return Real(result)


def textual(result: str) -> str:
    """A computed string as a value. Raises OverflowError when it is unreasonably long."""
    if len(result) > MAX_LENGTH:
        raise OverflowError("the string is too long")
    return result
