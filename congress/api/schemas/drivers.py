"""Drivers."""

from __future__ import annotations

from congress.api.schemas.datasources import COLUMNS
from congress.api.schemas.operation import PAGED, TEXT, TEXT_OR_NULL, Operation, Operations, Schema, listing, record

_FLAG: Schema = {"type": "boolean"}
_OPTION = record(
    name=TEXT,
    description=TEXT,
    required=_FLAG,
    secret=_FLAG,
    default=TEXT_OR_NULL,
    takes={**TEXT, "description": "What it must be, in words."},
    choices={"type": "array", "items": TEXT, "description": "What it can be, when that is a few words."},
    multiline={**_FLAG, "description": "Whether it is JSON, which wants room."},
)
_DRIVER = record(
    id=TEXT,
    description=TEXT,
    config={"type": "object", "additionalProperties": {"enum": ["required", "(optional)"]}},
    options={"type": "array", "items": _OPTION},
    tables={"type": "array", "items": COLUMNS},
)

OPERATIONS: Operations = {
    "/v1/system/drivers": {
        "get": Operation("List the drivers.", {200: listing(record(id=TEXT, description=TEXT))}, query=PAGED)
    },
    "/v1/system/drivers/{driver}": {
        "get": Operation("Show a driver: its options, secrets and tables.", {200: _DRIVER})
    },
}
