"""Tables and rows."""

from __future__ import annotations

from congress.api.schemas.operation import PAGED, TEXT, Operation, Operations, Schema, listing, record

_TABLE = record(id=TEXT)
_ROW = record(data={"type": "array", "items": {"type": ["string", "number"]}})
_ROWS = listing(_ROW)
_TRACED: Schema = {**_ROWS, "properties": {**_ROWS["properties"], "trace": TEXT}}
_PUSHED: Schema = {"anyOf": [{"type": "array"}, {"type": "object", "maxProperties": 0}]}

_FILTERED = {
    "column.0": "Only rows with this cell in column 0; likewise for other columns, by number or name (`column.status`)."
} | PAGED
_PAGED_ROWS = {**_FILTERED, "marker": "Only rows after this one, a JSON list: `next_marker` of the page before."}

OPERATIONS: Operations = {
    "/v1/policies/{policy}/tables": {
        "get": Operation("List the tables that a policy's rules name.", {200: listing(_TABLE)}, query=PAGED)
    },
    "/v1/policies/{policy}/tables/{table}": {"get": Operation("Show that a table exists.", {200: _TABLE})},
    "/v1/policies/{policy}/tables/{table}/rows": {
        "get": Operation(
            "List the rows of a table, sorted.",
            {200: _TRACED},
            query={"trace": "`true` adds how the rows were found, in the classic line format."} | _PAGED_ROWS,
        ),
        "put": Operation("Always refused: the rows of a policy follow from its rules.", {}),
    },
    "/v1/data-sources/{datasource}/tables": {
        "get": Operation("List the tables of a datasource.", {200: listing(_TABLE)}, query=PAGED)
    },
    "/v1/data-sources/{datasource}/tables/{table}": {"get": Operation("Show that a table exists.", {200: _TABLE})},
    "/v1/data-sources/{datasource}/tables/{table}/rows": {
        "get": Operation("List the rows of a table, as last received, sorted.", {200: _ROWS}, query=_PAGED_ROWS),
        "put": Operation("Replace the rows of a table that takes pushed data.", {200: None}, body=_PUSHED),
    },
}
