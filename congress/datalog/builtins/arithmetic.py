"""Arithmetic on numbers. Results that are not finite or absurdly long have no answer."""

from __future__ import annotations

from congress.datalog.builtins.builtin import MAX_BITS, Builtin, Number, number, numeric
from congress.datalog.values import Value


def plus(x: Value, y: Value) -> Number:
    return numeric(number(x) + number(y))


def minus(x: Value, y: Value) -> Number:
    return numeric(number(x) - number(y))


def mul(x: Value, y: Value) -> Number:
    return numeric(number(x) * number(y))


def div(x: Value, y: Value) -> Number:
    x, y = number(x), number(y)
    if x.__class__ is int and y.__class__ is int:
        return numeric(x // y)
    return numeric(x / y)


def to_float(x: Value) -> Number:
    return numeric(float(x))


def to_int(x: Value) -> Number:
    if isinstance(x, str) and len(x) > MAX_BITS // 4:
        raise OverflowError("the number is too long")
    return numeric(int(x))


BUILTINS = (
    Builtin("plus", 2, 1, plus, "arithmetic", "z = x + y"),
    Builtin("minus", 2, 1, minus, "arithmetic", "z = x - y"),
    Builtin("mul", 2, 1, mul, "arithmetic", "z = x · y"),
    Builtin("div", 2, 1, div, "arithmetic", "z = x / y; rounded down when both are integers; no answer when y is zero"),
    Builtin("float", 1, 1, to_float, "arithmetic", "y is x as a real number; x may be a string that holds a number"),
    Builtin("int", 1, 1, to_int, "arithmetic", "y is x as an integer, cut towards zero; x may be a string of digits"),
)
