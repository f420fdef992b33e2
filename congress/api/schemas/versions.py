"""Versions of the API, its description, and health."""

from __future__ import annotations

from congress.api.schemas.operation import TEXT, Operation, Operations, Schema, record

_VERSION = record(id=TEXT, status=TEXT, updated=TEXT, links={"type": "array"})
_HEALTH: Schema = {
    "type": "object",
    "required": ["status"],
    "properties": {
        "status": TEXT,
        "reason": {**TEXT, "description": "All reasons in one text."},
        "reasons": {"type": "object", "additionalProperties": TEXT, "description": "Name of the check -> why not."},
    },
}

OPERATIONS: Operations = {
    "/": {
        verb: Operation(
            "List the versions of the API.",
            {200: None if verb == "head" else record(versions={"type": "array", "items": _VERSION})},
        )
        for verb in ("get", "post", "put", "patch", "delete", "options", "head")
    },
    "/v1": {"get": Operation("Show version 1.", {200: record(version=_VERSION)})},
    "/v1/": {"get": Operation("Show version 1.", {200: record(version=_VERSION)})},
    "/v1/openapi.json": {"get": Operation("This API in the OpenAPI 3.1 format.", {200: {"type": "object"}})},
    "/healthcheck/live": {
        "get": Operation(
            "Whether the process works; 503 when it had better be replaced.", {200: _HEALTH, 503: _HEALTH}
        ),
        "head": Operation("Whether the process works; 503 when it had better be replaced.", {200: None, 503: None}),
    },
    "/healthcheck/ready": {
        "get": Operation("Whether the server should get requests; 503 when not.", {200: _HEALTH, 503: _HEALTH}),
        "head": Operation("Whether the server should get requests; 503 when not.", {200: None, 503: None}),
    },
}
