"""How a route is described: the material of request checks, of the OpenAPI document and of its tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Schema: TypeAlias = dict[str, Any]
"""A JSON schema (draft 2020-12)."""

TEXT: Schema = {"type": "string"}
TEXT_OR_NULL: Schema = {"type": ["string", "null"]}
NOTHING: Schema = {"type": "null"}
ERROR: Schema = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["message", "error_code", "error_data"],
            "properties": {"message": TEXT, "error_code": {"type": "integer"}, "error_data": {}},
        }
    },
}


def listing(item: Schema) -> Schema:
    """The schema of `{"results": [item, …]}`."""
    return record(results={"type": "array", "items": item})


def record(**properties: Schema) -> Schema:
    """The schema of an object that has all of these keys."""
    return {"type": "object", "required": list(properties), "properties": properties}


@dataclass(frozen=True, slots=True)
class Operation:
    """One verb on one path.

    `answers`: status -> schema of the body, None where there is no body; errors (any 4xx) need not be listed.
    `query`: parameter -> what it does. `body`: schema of the request body, None when none is read.
    """

    summary: str
    answers: Mapping[int, Schema | None]
    body: Schema | None = None
    query: Mapping[str, str] = field(default_factory=dict)


Operations: TypeAlias = Mapping[str, Mapping[str, Operation]]
"""path -> verb in lower case -> operation."""
