"""Reports of configuration agents: their form, and the rows that they become.

An id stands for content: options that two hosts declare alike are one row, and a host with another release of a service
has options with ids of their own.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator

from congress.datalog.values import Row, row
from congress.datasources.contract import BadPushedData, Column

_ID, _OPTION = Column("id", "id"), Column("option_id", "the option")
_MIN, _MAX = Column("min", "least value; empty for none"), Column("max", "greatest value; empty for none")
_CHOICES = Column("choices", "permitted values, separated by commas; empty for any")

_LIMITS: Mapping[str, tuple[Column, ...]] = {
    "int_type": (_MIN, _MAX, _CHOICES),
    "float_type": (_MIN, _MAX),
    "string_type": (
        Column("regex", "regular expression; empty for none"),
        Column("max_length", "greatest length; 0 for no limit"),
        Column("quotes", "whether quotes around the value are taken off"),
        Column("ignore_case", "whether the case of letters matters not"),
        _CHOICES,
    ),
    "list_type": (Column("item_type", "type of the items"), Column("bounds", "whether brackets stand around it")),
    "ipaddr_type": (Column("version", "4 or 6; empty for both"),),
    "uri_type": (Column("max_length", "greatest length"), Column("schemes", "permitted ones, separated by commas")),
    "range_type": (_MIN, _MAX),
}
_INFO = (
    Column("type", "type of the values, e.g. Integer, String, Boolean"),
    Column("default", "value when none is given; **** for a secret"),
    Column("deprecated", "whether it will go away"),
    Column("deprecated_reason", "why"),
    Column("mutable", "whether it can change while the service runs"),
    Column("positional", "whether it is a positional argument of a command line"),
    Column("required", "whether a value must be given"),
    Column("sample_default", "default that the sample file shows"),
    Column("secret", "whether values are hidden"),
    Column("help", "what it is for"),
)
TABLES: Mapping[str, tuple[Column, ...]] = {
    "host": (_ID, Column("name", "name of the host")),
    "service": (
        Column("service", "name of the service"),
        Column("host", "id of the host"),
        Column("version", "release, as the host's agent was told"),
    ),
    "file": (
        _ID,
        Column("host_id", "the host"),
        Column("template", "id of the template that it follows"),
        Column("name", "path on the host"),
    ),
    "template": (_ID, Column("name", "path of the configuration of oslo-config-generator")),
    "template_ns": (Column("template", "id of the template"), Column("namespace", "id of a namespace in it")),
    "namespace": (_ID, Column("name", "name, e.g. nova.conf")),
    "module": (
        Column("id", "id of the namespace that it declares"),
        Column("base_dir", "directory of the code"),
        Column("module", "module of the code"),
    ),
    "option": (
        _ID,
        Column("namespace", "id of the namespace"),
        Column("group", "section of the file"),
        Column("name", "name in the file"),
    ),
    "option_info": (_OPTION, *_INFO),
    "binding": (
        _OPTION,
        Column("file_id", "the file that sets the option"),
        Column("val", "the value; **** for a secret; several rows for an option that may be repeated"),
    ),
    **{table: (_OPTION, *columns) for table, columns in _LIMITS.items()},
}
"""Table -> columns."""

_TEXT = {"type": "string"}
_CELL = {"type": ["string", "number"]}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(properties), "properties": properties}


def _list(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


_LIMIT = {
    "anyOf": [
        {
            "type": "array",
            "prefixItems": [{"const": table}, {**_list(_CELL), "minItems": len(columns), "maxItems": len(columns)}],
            "minItems": 2,
            "maxItems": 2,
        }
        for table, columns in _LIMITS.items()
    ]
}
_DESCRIBED = _object(group=_TEXT, name=_TEXT, **{one.name: _CELL for one in _INFO}, limits=_list(_LIMIT))
_VALUE = {"type": "array", "prefixItems": [_TEXT, _TEXT, _TEXT, _CELL], "minItems": 4, "maxItems": 4}
REPORT = _object(
    host={**_TEXT, "minLength": 1},
    version=_TEXT,
    namespaces={
        "type": "object",
        "additionalProperties": _object(module=_TEXT, base_dir=_TEXT, options=_list(_DESCRIBED)),
    },
    files=_list(
        _object(service=_TEXT, file=_TEXT, template=_TEXT, namespaces=_list(_TEXT), values=_list(_VALUE)),
    ),
)
"""The schema of a report."""
_VALIDATOR = Draft202012Validator(REPORT)


def checked(number: int, report: Any) -> Mapping[str, Any]:
    """The report, when it has the form of one. Raises BadPushedData."""
    violation = next(_VALIDATOR.iter_errors(report), None)
    if violation is None:
        return report  # type: ignore[no-any-return]
    place = "/".join(map(str, violation.absolute_path)) or "as a whole"
    raise BadPushedData(f"item {number} of the pushed list is no report of an agent: {place}: {violation.message:.200}")


def identity(*content: Any) -> str:
    """The id of something that consists of this."""
    return str(uuid.uuid3(uuid.NAMESPACE_URL, json.dumps(content, sort_keys=True)))


def rows_of(report: Mapping[str, Any]) -> Mapping[str, Iterable[Row]]:
    """The rows that a checked report becomes, by table."""
    found: dict[str, set[Row]] = {table: set() for table in TABLES}
    for table, cells in _rows(report):
        found[table].add(row(cells))
    return found


def _rows(report: Mapping[str, Any]) -> Iterator[tuple[str, Iterable[Any]]]:
    host = identity("host", report["host"])
    yield "host", (host, report["host"])
    spaces = {name: identity("namespace", name, content) for name, content in report["namespaces"].items()}
    for name, content in report["namespaces"].items():
        yield "namespace", (spaces[name], name)
        yield "module", (spaces[name], content["base_dir"], content["module"])
        for option in content["options"]:
            yield from _option(spaces[name], option)
    for file in report["files"]:
        yield "service", (file["service"], host, report["version"])
        yield from _file(host, file, spaces)


def _option(space: str, option: Mapping[str, Any]) -> Iterator[tuple[str, Iterable[Any]]]:
    known = identity("option", space, option["group"], option["name"])
    yield "option", (known, space, option["group"], option["name"])
    yield "option_info", (known, *(option[column.name] for column in _INFO))
    for table, cells in option["limits"]:
        yield table, (known, *cells)


def _file(host: str, file: Mapping[str, Any], spaces: Mapping[str, str]) -> Iterator[tuple[str, Iterable[Any]]]:
    known = sorted(spaces[name] for name in file["namespaces"] if name in spaces)
    template, this = identity("template", file["template"], known), identity("file", host, file["file"])
    yield "template", (template, file["template"])
    yield "file", (this, host, template, file["file"])
    for space in known:
        yield "template_ns", (template, space)
    for name, group, option, value in file["values"]:
        if name in spaces:
            yield "binding", (identity("option", spaces[name], group, option), this, value)
