"""The builtins of policies of kind `z3`: integers of 32 bits in two's complement, which wrap around."""

from __future__ import annotations

from congress.datalog.builtins.builtin import Builtin
from congress.datalog.values import Value

_BITS = 32
_MASK = (1 << _BITS) - 1


def _signed(number: int) -> int:
    number &= _MASK
    return number - (1 << _BITS) if number >> (_BITS - 1) else number


def _int(value: Value) -> int:
    if not isinstance(value, int):
        raise TypeError(f"not an integer: {value!r}")
    return _signed(value)


def _equal(x: Value, y: Value) -> bool:
    return _int(x) == _int(y)


def _lt(x: Value, y: Value) -> bool:
    return _int(x) < _int(y)


def _lteq(x: Value, y: Value) -> bool:
    return _int(x) <= _int(y)


def _gt(x: Value, y: Value) -> bool:
    return _int(x) > _int(y)


def _gteq(x: Value, y: Value) -> bool:
    return _int(x) >= _int(y)


def _plus(x: Value, y: Value) -> int:
    return _signed(_int(x) + _int(y))


def _minus(x: Value, y: Value) -> int:
    return _signed(_int(x) - _int(y))


def _mul(x: Value, y: Value) -> int:
    return _signed(_int(x) * _int(y))


def _and(x: Value, y: Value) -> int:
    return _int(x) & _int(y)


def _or(x: Value, y: Value) -> int:
    return _int(x) | _int(y)


def _bnot(x: Value) -> int:
    return ~_int(x)


_FAMILY = "32-bit integers"

BUILTINS = (
    Builtin("lt", 2, 0, _lt, _FAMILY, "x is smaller than y"),
    Builtin("lteq", 2, 0, _lteq, _FAMILY, "x is smaller than y or equal"),
    Builtin("equal", 2, 0, _equal, _FAMILY, "x equals y"),
    Builtin("gt", 2, 0, _gt, _FAMILY, "x is larger than y"),
    Builtin("gteq", 2, 0, _gteq, _FAMILY, "x is larger than y or equal"),
    Builtin("plus", 2, 1, _plus, _FAMILY, "z = x + y, wrapping around"),
    Builtin("minus", 2, 1, _minus, _FAMILY, "z = x - y, wrapping around"),
    Builtin("mul", 2, 1, _mul, _FAMILY, "z = x · y, wrapping around"),
    Builtin("and", 2, 1, _and, _FAMILY, "z has the bits that x and y both have"),
    Builtin("or", 2, 1, _or, _FAMILY, "z has the bits that x or y has"),
    Builtin("bnot", 1, 1, _bnot, _FAMILY, "y has the bits that x lacks"),
)
