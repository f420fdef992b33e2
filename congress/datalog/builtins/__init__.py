"""Builtins: tables that are computed from their arguments. One file for each family; no builtin does I/O.

`BUILTINS` serves every kind of policy but `z3`, whose policies use `Z3_BUILTINS`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from congress.datalog.builtins import (
    arithmetic,
    bitvectors,
    comparison,
    datetimes,
    networks,
    strings,
    validation,
)
from congress.datalog.builtins.builtin import Builtin

__all__ = ["BUILTINS", "NOW_NAME", "Z3_BUILTINS", "Builtin"]

NOW_NAME = "now"
"""`now(x)` looks like a builtin but is a table that ticks, see `congress.datalog.core.NOW`."""


def _table(families: Iterable[Iterable[Builtin]]) -> Mapping[str, Builtin]:
    return {builtin.name: builtin for family in families for builtin in family}


BUILTINS = _table(
    [
        comparison.BUILTINS,
        arithmetic.BUILTINS,
        strings.BUILTINS,
        datetimes.BUILTINS,
        networks.BUILTINS,
        validation.BUILTINS,
    ]
)
Z3_BUILTINS = _table([bitvectors.BUILTINS])
