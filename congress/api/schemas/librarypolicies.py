"""Library policies."""

from __future__ import annotations

from jsonschema import Draft202012Validator

from congress.api.schemas.operation import (
    EXPECTED,
    PAGED,
    SEEN,
    TEXT,
    Operation,
    Operations,
    Schema,
    filtering,
    listing,
    record,
)
from congress.api.schemas.policies import RULES, WITH_RULES_SCHEMA
from congress.policies.parameters import CELLS, TYPES

_CELL: Schema = {"enum": list(CELLS)}
_PARAMETERS: Schema = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["name", "type"],
        "additionalProperties": False,
        "properties": {
            "name": {"type": "string", "minLength": 1, "maxLength": 255},
            "type": {"enum": list(TYPES)},
            "description": TEXT,
            "default": {},
            "table": TEXT,
            "columns": {"type": "array", "minItems": 1, "items": record(name=TEXT, type=_CELL)},
        },
    },
}
_MORE: Schema = {"parameters": _PARAMETERS, "depends-on": {"type": "array", "items": TEXT}}
_NEW: Schema = {**WITH_RULES_SCHEMA, "properties": {**WITH_RULES_SCHEMA["properties"], **_MORE}}
NEW_LIBRARY_POLICY = Draft202012Validator(_NEW)
_INCLUDE = {"include_rules": "`false` leaves the rules out."}
_ITEM = record(id=TEXT, name=TEXT, abbreviation=TEXT, description=TEXT, kind=TEXT)
_ITEM_WITH_RULES: Schema = {**_ITEM, "properties": {**_ITEM["properties"], **_MORE, "rules": RULES}}

FILTERS = ("name", "kind")

OPERATIONS: Operations = {
    "/v1/librarypolicies": {
        "get": Operation(
            "List the policy library.",
            {200: listing(_ITEM_WITH_RULES)},
            query=_INCLUDE | filtering(FILTERS) | PAGED,
        ),
        "post": Operation(
            "Add a policy to the library; `parameters` and `depends-on` as in `docs/library.md`.",
            {201: _ITEM_WITH_RULES},
            body=_NEW,
            query=_INCLUDE,
        ),
    },
    "/v1/librarypolicies/{item}": {
        "get": Operation(
            "Show a library policy, by id.", {200: _ITEM_WITH_RULES, 304: None}, query=_INCLUDE, headers=SEEN
        ),
        "put": Operation(
            "Replace a library policy.", {200: _ITEM_WITH_RULES}, body=_NEW, query=_INCLUDE, headers=EXPECTED
        ),
        "delete": Operation(
            "Delete a library policy; answers what was deleted.",
            {200: _ITEM_WITH_RULES},
            query=_INCLUDE,
            headers=EXPECTED,
        ),
    },
}
