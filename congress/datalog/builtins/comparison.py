"""Comparisons. Numbers compare by size, so 1 equals 1.0; ordering a number and a string has no answer."""

from __future__ import annotations

from congress.datalog.builtins.builtin import Builtin
from congress.datalog.values import Real, Value


def _plain(value: Value) -> str | int | float:
    return float(value) if value.__class__ is Real else value


def equal(x: Value, y: Value) -> bool:
    return _plain(x) == _plain(y)


def lt(x: Value, y: Value) -> bool:
    return x < y  # type: ignore[operator]


def lteq(x: Value, y: Value) -> bool:
    return x <= y  # type: ignore[operator]


def gt(x: Value, y: Value) -> bool:
    return x > y  # type: ignore[operator]


def gteq(x: Value, y: Value) -> bool:
    return x >= y  # type: ignore[operator]


def larger(x: Value, y: Value) -> Value:
    return y if y > x else x  # type: ignore[operator]


BUILTINS = (
    Builtin("lt", 2, 0, lt, "comparison", "x is smaller than y"),
    Builtin("lteq", 2, 0, lteq, "comparison", "x is smaller than y or equal"),
    Builtin("equal", 2, 0, equal, "comparison", 'x equals y; numbers by size (1 equals 1.0, but not "1")'),
    Builtin("gt", 2, 0, gt, "comparison", "x is larger than y"),
    Builtin("gteq", 2, 0, gteq, "comparison", "x is larger than y or equal"),
    Builtin("max", 2, 1, larger, "comparison", "z is the larger of x and y", invents=False),
)
