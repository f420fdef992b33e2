"""Events: every opening and closing of a violation, as they happen."""

from __future__ import annotations

from congress.api.schemas.operation import INTEGER, TEXT, TEXT_OR_NULL, Operation, Operations, Schema, record

EVENT = record(
    id=TEXT,
    policy=TEXT,
    table=TEXT,
    row={"type": "array"},
    change={"type": "string", "enum": ["entered", "left"]},
    violation=TEXT_OR_NULL,
    number={"type": "integer", "description": "Counts the changes of this row."},
    at=TEXT,
    revision=INTEGER,
    epoch=INTEGER,
    publication=INTEGER,
    node=TEXT,
)
_MISSED: Schema = {"anyOf": [record(after=TEXT, until=TEXT), {"type": "null"}]}

OPERATIONS: Operations = {
    "/v1/events": {
        "get": Operation(
            "Follow what opens and closes. With `Accept: text/event-stream` as server-sent events that are resumed by "
            "`Last-Event-ID`, else as JSON, answered when there is something to tell.",
            {200: record(results={"type": "array", "items": EVENT}, latest=TEXT, missed=_MISSED)},
            query={
                "after": "Only events after the one of this id; 0 for all that there are. The last one when not given.",
                "wait": "Seconds to wait for the first event, at most 20; of JSON answers.",
                "policy": "Only those of this policy.",
                "table": "Only those of this table.",
                "limit": "Only so many, 1000 when not given and at most 10000; of JSON answers.",
            },
            headers={"Last-Event-ID": "As `after`, which counts when both are given."},
        )
    }
}
