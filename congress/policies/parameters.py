"""Parameters of library policies: declared with a type and perhaps a default, given at activation, turned into facts.

A value never becomes part of a rule's text. It becomes a fact, or a fact for each element, of the table that the
parameter names, and the rules of the policy read that table like any other.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from congress import datalog
from congress.datalog.values import Row, row
from congress.errors import CongressError


class ParameterInvalid(CongressError):
    """A parameter is declared wrongly, or its value does not fit the declaration; the text says which and how."""


def _is_number(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool)


_CELLS: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "string": (lambda value: isinstance(value, str), '"a"'),
    "number": (_is_number, "1"),
    "boolean": (lambda value: isinstance(value, bool), "true"),
}
"""Type of one cell -> whether a value is of it, and an example."""

LISTS = {"list of strings": "string", "list of numbers": "number"}
ROWS = "list of rows"
CELLS = tuple(_CELLS)
TYPES = (*CELLS, *LISTS, ROWS)


@dataclass(frozen=True, slots=True)
class Parameter:
    """`columns`: names and types of the cells of one fact. `default` is None when a value must be given."""

    name: str
    type: str
    table: str
    columns: tuple[tuple[str, str], ...]
    default: Any

    def facts(self, value: Any) -> list[str]:
        """The facts that say the value, as text. Raises ParameterInvalid."""
        return [f"{self.table}({', '.join(map(datalog.print_value, cells))})" for cells in self._rows(value)]

    def _rows(self, value: Any) -> Iterator[Row]:
        if self.type in _CELLS:
            yield self._row([value], value)
            return
        if not isinstance(value, list):
            raise self._mismatch(value)
        for element in value:
            cells = element if self.type == ROWS else [element]
            if not isinstance(cells, list) or len(cells) != len(self.columns):
                raise self._mismatch(element, "each element")
            yield self._row(cells, element)

    def _row(self, cells: Sequence[Any], shown: Any) -> Row:
        for cell, (_name, kind) in zip(cells, self.columns, strict=True):
            if not _CELLS[kind][0](cell):
                raise self._mismatch(shown, "" if self.type in _CELLS else "each element")
        return row(cells)

    def _mismatch(self, value: Any, what: str = "") -> ParameterInvalid:
        examples = [_CELLS[kind][1] for _name, kind in self.columns]
        example = examples[0] if self.type != ROWS else f"[{', '.join(examples)}]"
        wanted = f"a {self.type}, such as {example if self.type in _CELLS else f'[{example}]'}"
        if what and self.type == ROWS:
            named = ", ".join(f"{name} ({kind})" for name, kind in self.columns)
            wanted += f"; {what} is a list of {named}"
        return ParameterInvalid(f"parameter {self.name}: {_shown(value)} does not fit; give {wanted}")


def _shown(value: Any) -> str:
    """A value as its sender wrote it, not too long."""
    return json.dumps(value, ensure_ascii=False, default=str)[:100]


def declared(items: Sequence[Any]) -> list[Parameter]:
    """The parameters that a library policy declares. Raises ParameterInvalid."""
    parameters = [_parameter(item) for item in items]
    names = [parameter.name for parameter in parameters]
    repeated = next((name for name in names if names.count(name) > 1), None)
    if repeated is not None:
        raise ParameterInvalid(f"parameter {repeated} is declared twice")
    return parameters


def _parameter(item: Any) -> Parameter:
    name = item.get("name") if isinstance(item, Mapping) else None
    if not isinstance(name, str) or not name:
        raise ParameterInvalid(f"a parameter is an object with name and type, not {item!r:.100}")
    unknown = sorted(set(item) - {"name", "type", "table", "columns", "default", "description"})
    if unknown:
        raise ParameterInvalid(f"parameter {name} has unknown keys: {', '.join(map(str, unknown))}")
    kind, table = item.get("type"), item.get("table", name)
    if kind not in TYPES:
        raise ParameterInvalid(f"parameter {name} has type {kind!r:.50}; use one of {', '.join(TYPES)}")
    if not datalog.is_policy_name(table) or ":" in table:
        raise ParameterInvalid(f"parameter {name}: {table!r:.50} cannot be the name of a table; set `table`")
    if not isinstance(item.get("description", ""), str):
        raise ParameterInvalid(f"parameter {name}: the description is no string")
    columns = _columns(name, item.get("columns")) if kind == ROWS else ((name, LISTS.get(kind, kind)),)
    if kind != ROWS and "columns" in item:
        raise ParameterInvalid(f"parameter {name}: only a {ROWS} has columns")
    found = Parameter(name, kind, table, columns, item.get("default"))
    if found.default is not None:
        found.facts(found.default)
    return found


def _columns(name: str, given: Any) -> tuple[tuple[str, str], ...]:
    if not isinstance(given, list) or not given:
        raise ParameterInvalid(f"parameter {name}: a {ROWS} needs `columns`, a list of objects with name and type")
    for column in given:
        if (
            not isinstance(column, Mapping)
            or set(column) != {"name", "type"}
            or not isinstance(column["name"], str)
            or column["type"] not in CELLS
        ):
            raise ParameterInvalid(
                f"parameter {name}: {column!r:.100} is no column; give name and type, one of {', '.join(CELLS)}"
            )
    return tuple((column["name"], column["type"]) for column in given)


def values(parameters: Sequence[Parameter], given: Mapping[str, Any]) -> list[tuple[Parameter, Any]]:
    """Each parameter with the value given for it, else its default. Raises ParameterInvalid."""
    known = [parameter.name for parameter in parameters]
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise ParameterInvalid(f"there is no parameter {', '.join(unknown)}; there are: {', '.join(known) or 'none'}")
    missing = [one.name for one in parameters if one.name not in given and one.default is None]
    if missing:
        raise ParameterInvalid(f"a value is needed for each of the parameters: {', '.join(missing)}")
    return [(parameter, given.get(parameter.name, parameter.default)) for parameter in parameters]
