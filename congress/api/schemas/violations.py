"""Violations: the stays of rows in watched tables."""

from __future__ import annotations

from congress.api.schemas.explanations import ABSENCE_OR_NULL, EXPLANATION_OR_NULL
from congress.api.schemas.operation import INTEGER, TEXT, Operation, Operations, Schema, listing, record

_MOMENT = record(event=TEXT, at=TEXT, revision=INTEGER, epoch=INTEGER, publication=INTEGER, node=TEXT)
_VIOLATION = record(
    id=TEXT,
    policy=TEXT,
    table=TEXT,
    row={"type": "array"},
    state={"type": "string", "enum": ["open", "closed"]},
    occurrence={"type": "integer", "description": "Counts the stays of this row."},
    opened=_MOMENT,
    closed={"anyOf": [_MOMENT, {"type": "null"}]},
    seconds={"type": "number", "description": "How long it lasted, or has lasted so far."},
)
_LISTED = listing(_VIOLATION)
_LIST: Schema = {
    **_LISTED,
    "required": ["results", "latest"],
    "properties": {
        **_LISTED["properties"],
        "latest": {"type": "string", "description": "The last event that the list takes into account."},
    },
}
_EXPLAINED: Schema = {
    **_VIOLATION,
    "required": [*_VIOLATION["required"], "explanation", "closing"],
    "properties": {**_VIOLATION["properties"], "explanation": EXPLANATION_OR_NULL, "closing": ABSENCE_OR_NULL},
}

OPERATIONS: Operations = {
    "/v1/violations": {
        "get": Operation(
            "List violations, the latest first: when a row entered a watched table and when it left.",
            {200: _LIST},
            query={
                "policy": "Only those of this policy.",
                "table": "Only those of this table.",
                "row": "Only those of this row, a JSON list.",
                "state": "Only `open` or only `closed`.",
                "text": "Only those whose row has this text somewhere in its JSON.",
                "open_at": "Only those that were open at this time, in UTC or with an offset: 2026-01-31T12:00:00.",
                "opened_since": "Only those that opened at this time or later.",
                "opened_until": "Only those that opened before this time.",
                "closed_since": "Only those that closed at this time or later.",
                "closed_until": "Only those that closed before this time.",
                "since_revision": "Only those that opened or closed at a policy revision after this one.",
                "since_event": "Only those that opened or closed after this event.",
                "limit": "Only so many, 1000 when not given and at most 10000.",
                "marker": "Only those after this one: `next_marker` of the page before.",
            },
        )
    },
    "/v1/violations/{violation}": {
        "get": Operation("Show a violation, with the explanations of its moments.", {200: _EXPLAINED})
    },
}
