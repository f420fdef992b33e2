"""How a route is described: the material of request checks, of the OpenAPI document and of its tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Schema: TypeAlias = dict[str, Any]
"""A JSON schema (draft 2020-12)."""

TEXT: Schema = {"type": "string"}
INTEGER: Schema = {"type": "integer"}
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


NEXT_MARKER: Schema = {"type": "string", "description": "The `marker` of the next page, when `limit` left some out."}
PAGED = {
    "limit": "Only so many, from the beginning or after `marker`.",
    "marker": "Only those after this one: `next_marker` of the page before.",
}
PREVIEW = {"preview": "`true` changes nothing and answers what would appear, vanish and be executed."}
SEEN = {"If-None-Match": "ETags that the client has; then the answer is 304 without body."}
EXPECTED = {"If-Match": "The ETag that the client has read; when it is another one by now, the answer is 412."}


def listing(item: Schema) -> Schema:
    """The schema of `{"results": [item, …]}`, a list that can be read in pages."""
    found = record(results={"type": "array", "items": item})
    return {**found, "properties": {**found["properties"], "next_marker": NEXT_MARKER}}


def record(**properties: Schema) -> Schema:
    """The schema of an object that has all of these keys."""
    return {"type": "object", "required": list(properties), "properties": properties}


_PREVIEW_ROWS: Schema = {
    "type": "array",
    "items": record(policy=TEXT, table=TEXT, rows={"type": "array", "items": {"type": "array"}}),
}
PREVIEWED = record(
    preview={"const": True},
    appear=_PREVIEW_ROWS,
    vanish=_PREVIEW_ROWS,
    actions={"type": "array", "items": record(datasource=TEXT, action=TEXT, args={"type": "array"})},
)
"""What a change would do to the rows of watched tables, and which actions it would ask for."""


JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Operation:
    """One verb on one path.

    `answers`: status -> schema of the body, None where there is no body; errors (any 4xx) need not be listed.
    `query`: parameter -> what it does. `body`: schema of the request body, None when none is read. `headers` of the
    request that it heeds -> what they do. `media` and `body_media`: the types of the
    answers' bodies and of the request's.
    """

    summary: str
    answers: Mapping[int, Schema | None]
    body: Schema | None = None
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    media: str = JSON
    body_media: str = JSON


Operations: TypeAlias = Mapping[str, Mapping[str, Operation]]
"""path -> verb in lower case -> operation."""


def filtering(fields: Iterable[str]) -> dict[str, str]:
    """The parameters of a list that can be filtered by fields."""
    return {field: f"Only those with this {field}." for field in fields}
