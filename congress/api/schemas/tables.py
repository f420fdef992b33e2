"""Tables and rows."""

from __future__ import annotations

from jsonschema import Draft202012Validator

from congress.api.schemas.explanations import EXPLANATION
from congress.api.schemas.operation import PAGED, TEXT, Operation, Operations, Schema, listing, record

_TABLE = record(id=TEXT)
_DATA = record(data={"type": "array", "items": {"type": ["string", "number"]}})
_ROW: Schema = {**_DATA, "properties": {**_DATA["properties"], "explanation": EXPLANATION}}
_LISTED = listing(_ROW)
_TOTAL: Schema = {"type": "integer", "description": "How many rows the filters leave, on all pages."}
_ROWS: Schema = {**_LISTED, "properties": {**_LISTED["properties"], "total": _TOTAL}}
_TRACED: Schema = {**_ROWS, "properties": {**_ROWS["properties"], "trace": TEXT}}
_CHANGED: Schema = {
    "type": "object",
    "properties": {"insert": {"type": "array"}, "delete": {"type": "array"}},
    "additionalProperties": False,
    "minProperties": 1,
}
PATCH = Draft202012Validator(_CHANGED)
_PUSHED: Schema = {"anyOf": [{"type": "array"}, {"type": "object", "maxProperties": 0}]}

_FILTERED = {
    "column.0": "Only rows with this cell in column 0; likewise for other columns, by number or name "
    "(`column.status`).",
    "text": "Only rows with a cell that has this text in it, in whatever case of letters.",
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
            query={
                "trace": "`true` adds how the rows were found, in the classic line format.",
                "explain": "`true` adds to each row why it is there; at most 100 rows on a page then.",
                "explain_depth": "How deep these explanations go, 10 when not given and at most 100.",
                "explain_nodes": "How many premises each may have, 200 when not given and at most 5000.",
            }
            | _PAGED_ROWS,
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
        "patch": Operation(
            "Add rows to a table that takes pushed data, and take some away: `insert` and `delete` are lists of what "
            "`PUT` takes. The answer's `ETag` names the state of the table; with it in `If-Match` the request is "
            "answered with 412 when somebody else changed the table meanwhile.",
            {200: None},
            body=_CHANGED,
        ),
    },
}
