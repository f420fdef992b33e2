"""Tables and rows."""

from __future__ import annotations

from congress.api.schemas.operation import TEXT, Operation, Operations, Schema, listing, record

_TABLE = record(id=TEXT)
_ROW = record(data={"type": "array", "items": {"type": ["string", "number"]}})
_ROWS = listing(_ROW)
_TRACED: Schema = {**_ROWS, "properties": {**_ROWS["properties"], "trace": TEXT}}
_PUSHED: Schema = {"anyOf": [{"type": "array"}, {"type": "object", "maxProperties": 0}]}

OPERATIONS: Operations = {
    "/v1/policies/{policy}/tables": {
        "get": Operation("List the tables that a policy's rules name.", {200: listing(_TABLE)})
    },
    "/v1/policies/{policy}/tables/{table}": {"get": Operation("Show that a table exists.", {200: _TABLE})},
    "/v1/policies/{policy}/tables/{table}/rows": {
        "get": Operation(
            "List the rows of a table, sorted.",
            {200: _TRACED},
            query={"trace": "`true` adds how the rows were found, in the classic line format."},
        ),
        "put": Operation("Always refused: the rows of a policy follow from its rules.", {}),
    },
    "/v1/data-sources/{datasource}/tables": {
        "get": Operation("List the tables of a datasource.", {200: listing(_TABLE)})
    },
    "/v1/data-sources/{datasource}/tables/{table}": {"get": Operation("Show that a table exists.", {200: _TABLE})},
    "/v1/data-sources/{datasource}/tables/{table}/rows": {
        "get": Operation("List the rows of a table, as last received.", {200: _ROWS}),
        "put": Operation("Replace the rows of a table that takes pushed data.", {200: None}, body=_PUSHED),
    },
}
