"""Datasources."""

from __future__ import annotations

from jsonschema import Draft202012Validator

from congress.api.schemas.operation import (
    ERROR,
    EXPECTED,
    NOTHING,
    PAGED,
    SEEN,
    TEXT,
    TEXT_OR_NULL,
    Operation,
    Operations,
    Schema,
    filtering,
    listing,
    record,
)
from congress.api.schemas.policies import EXECUTE

NEW_DATASOURCE_SCHEMA: Schema = {
    "type": "object",
    "required": ["name", "driver"],
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 255},
        "driver": {"type": "string", "minLength": 1, "maxLength": 255},
        "description": TEXT_OR_NULL,
        "enabled": {"type": ["boolean", "null"]},
        "config": {"type": ["object", "null"]},
    },
}
NEW_DATASOURCE = Draft202012Validator(NEW_DATASOURCE_SCHEMA)
_DATASOURCE = record(
    id=TEXT,
    name=TEXT,
    driver=TEXT,
    description=TEXT_OR_NULL,
    type=NOTHING,
    enabled={"type": "boolean"},
    config={"type": "object", "additionalProperties": TEXT},
)
COLUMNS = record(
    table_id=TEXT,
    columns={"type": "array", "items": record(name=TEXT, description=TEXT)},
)
_ACTION = record(
    name=TEXT,
    args={"type": "array", "items": record(name=TEXT, description=TEXT)},
    description=TEXT,
)

FILTERS = ("name", "driver", "enabled")

OPERATIONS: Operations = {
    "/v1/data-sources": {
        "get": Operation(
            "List the datasources; secrets are hidden.", {200: listing(_DATASOURCE)}, query=filtering(FILTERS) | PAGED
        ),
        "post": Operation("Create and start a datasource.", {201: _DATASOURCE}, body=NEW_DATASOURCE_SCHEMA),
    },
    "/v1/data-sources/{datasource}": {
        "get": Operation(
            "Show a datasource, by name or id; secrets are hidden.", {200: _DATASOURCE, 304: None}, headers=SEEN
        ),
        "delete": Operation("Stop and delete a datasource.", {200: NOTHING}, headers=EXPECTED),
        "post": Operation(
            "Poll soon (`request-refresh`) or act on the cloud (`execute`).",
            {200: {"type": ["object", "null"]}, 501: ERROR},
            body={"anyOf": [EXECUTE, {"type": ["object", "null"]}]},
            query={"action": "`request-refresh` or `execute`."},
        ),
    },
    "/v1/data-sources/{datasource}/schema": {
        "get": Operation(
            "Show all tables with their columns.", {200: record(tables={"type": "array", "items": COLUMNS})}
        )
    },
    "/v1/data-sources/{datasource}/tables/{table}/spec": {
        "get": Operation("Show the columns of one table.", {200: COLUMNS})
    },
    "/v1/data-sources/{datasource}/actions": {
        "get": Operation("List what the datasource can do.", {200: listing(_ACTION)})
    },
}
