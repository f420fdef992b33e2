"""The change log of watched tables."""

from __future__ import annotations

from congress.api.schemas.operation import INTEGER, TEXT, Operation, Operations, listing, record

_CHANGE = record(
    id=TEXT,
    table=TEXT,
    row={"type": "array"},
    change={"type": "string", "enum": ["entered", "left"]},
    number={"type": "integer", "description": "Counts the changes of this row."},
    at=TEXT,
    revision=INTEGER,
    epoch=INTEGER,
    publication=INTEGER,
    node=TEXT,
)

OPERATIONS: Operations = {
    "/v1/policies/{policy}/history": {
        "get": Operation(
            "List which rows entered and left watched tables, newest first, as all engines together recorded it.",
            {200: listing(_CHANGE)},
            query={
                "table": "Only changes of this table.",
                "row": "Only changes of this row, a JSON list.",
                "change": "Only `entered` or only `left`.",
                "since": "Only changes seen at this time or later, in UTC or with an offset: 2026-01-31T12:00:00.",
                "until": "Only changes seen before this time.",
                "limit": "Only so many, 1000 when not given and at most 10000.",
                "marker": "Only those after this one: `next_marker` of the page before.",
            },
        )
    }
}
