"""Strings."""

from __future__ import annotations

from congress.datalog.builtins.builtin import Builtin, text, textual
from congress.datalog.values import Value


def concat(x: Value, y: Value) -> str:
    return textual(text(x) + text(y))


def length(x: Value) -> int:
    return len(text(x))


BUILTINS = (
    Builtin("concat", 2, 1, concat, "strings", "z is x followed by y; both must be strings"),
    Builtin("len", 1, 1, length, "strings", "y is the number of characters of the string x"),
)
