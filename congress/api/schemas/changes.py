"""Changes of watched tables."""

from __future__ import annotations

from congress.api.schemas.operation import TEXT, Operation, Operations, Schema, listing, record

_ROWS: Schema = {"type": "array", "items": {"type": "array"}}
_CHANGE = record(
    sequence={"type": "integer"},
    table=TEXT,
    inserted=_ROWS,
    deleted=_ROWS,
    at=TEXT,
    milliseconds={"type": "number"},
)
_CHANGES = listing(_CHANGE)
_BESIDE: Schema = {
    "latest": {"type": "integer", "description": "The last sequence number, of this policy or another."},
    "complete": {"type": "boolean", "description": "Whether no change after `since` has been forgotten."},
}

OPERATIONS: Operations = {
    "/v1/policies/{policy}/changes": {
        "get": Operation(
            "List which rows of watched tables appeared and disappeared.",
            {200: {**_CHANGES, "properties": {**_CHANGES["properties"], **_BESIDE}}},
            query={
                "since": "Only changes with a higher sequence number.",
                "wait": "Seconds, at most 20, to wait for a change when there is none to tell.",
            },
        )
    }
}
