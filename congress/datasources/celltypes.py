"""What the cells of a column should hold: the types that drivers declare, and how a cell is held against them.

A cell that does not fit is kept, and counted in the datasource's status: a new state of a cloud is no reason to know
nothing of it. The word None, for an absent value, fits every column that is nullable.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from congress.datalog.values import Real, Value

_UUID = re.compile(r"[0-9a-f]{8}(-?)[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CellType:
    """`holds`: whether a cell other than None is of the type; None where any is. `values`: all of an enumeration."""

    description: str
    holds: Callable[[Value], bool] | None = None
    values: tuple[Value, ...] = ()


def _one_of(*values: Value) -> CellType:
    return CellType(f"one of {', '.join(map(str, values))}", frozenset(values).__contains__, values)


def _parses(parse: Callable[[str], object]) -> Callable[[Value], bool]:
    def holds(cell: Value) -> bool:
        if not isinstance(cell, str):
            return False
        try:
            parse(cell)
        except ValueError:
            return False
        return True

    return holds


CELL_TYPES: Mapping[str, CellType] = {
    "Scalar": CellType("any string or number"),
    "Str": CellType("a string", lambda cell: isinstance(cell, str)),
    "Bool": _one_of("True", "False"),
    "Int": CellType("an integer", lambda cell: isinstance(cell, int)),
    "Float": CellType("a number", lambda cell: isinstance(cell, int | Real)),
    "UUID": CellType("a UUID", lambda cell: isinstance(cell, str) and _UUID.fullmatch(cell) is not None),
    "IPAddress": CellType("an IPv4 or IPv6 address", _parses(ipaddress.ip_address)),
    "IPNetwork": CellType(
        "a range of addresses such as 10.0.0.0/24", _parses(lambda text: ipaddress.ip_network(text, strict=False))
    ),
    "IngressEgress": _one_of("ingress", "egress"),
    "FloatingIPStatus": _one_of("ACTIVE", "DOWN", "ERROR", "OTHER"),
    "NeutronStatus": _one_of("ACTIVE", "DOWN", "BUILD", "ERROR", "OTHER"),
    "IPv4IPv6": _one_of(4, 6),
}

Check = tuple[int, Callable[[Value], bool], bool]
"""Position of a cell in its row, whether it is of its type, whether it may be None."""


def checks(columns: Iterable[tuple[str, bool]]) -> tuple[Check, ...]:
    """What there is to check in a row of columns of these types, each nullable or not."""
    found = ((place, CELL_TYPES[name].holds, nullable) for place, (name, nullable) in enumerate(columns))
    wanted = ((place, holds, nullable) for place, holds, nullable in found if holds is not None or not nullable)
    return tuple((place, holds or _anything, nullable) for place, holds, nullable in wanted)


def fits(row: tuple[Value, ...], wanted: Iterable[Check]) -> bool:
    """Whether each cell of a row is what its column says."""
    return all(nullable if row[place] == "None" else holds(row[place]) for place, holds, nullable in wanted)


def _anything(_cell: Value) -> bool:
    return True
