"""Drivers."""

from __future__ import annotations

from congress.api.schemas.datasources import COLUMNS
from congress.api.schemas.operation import PAGED, TEXT, Operation, Operations, listing, record

_DRIVER = record(
    id=TEXT,
    description=TEXT,
    config={"type": "object", "additionalProperties": {"enum": ["required", "(optional)"]}},
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
