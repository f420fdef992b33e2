"""The action ledger."""

from __future__ import annotations

from jsonschema import Draft202012Validator

from congress.api.schemas.operation import TEXT, TEXT_OR_NULL, Operation, Operations, Schema, listing, record
from congress.db.actions import STATES

DECISION_SCHEMA: Schema = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"comment": {"type": "string", "maxLength": 10_000, "description": "Why, for the audit."}},
}
DECISION = Draft202012Validator(DECISION_SCHEMA)

_STATE: Schema = {"type": "string", "enum": list(STATES)}
_ENTRY = record(
    id=TEXT,
    policy=TEXT,
    table=TEXT,
    datasource=TEXT,
    action=TEXT,
    args={"type": "array"},
    state=_STATE,
    outcome={"type": "string", "description": "What it waits for, or how it ended."},
    attempts={"type": "integer"},
    epoch={"type": ["integer", "null"], "description": "Of the node that tried it last."},
    node=TEXT_OR_NULL,
    created_at=TEXT,
    updated_at=TEXT,
)
_EVENTS: Schema = {"type": "array", "items": record(at=TEXT, state=TEXT, actor=TEXT, detail=TEXT)}
_WHOLE: Schema = {
    **_ENTRY,
    "required": [*_ENTRY["required"], "events"],
    "properties": {**_ENTRY["properties"], "events": _EVENTS},
}
_ENTRIES = listing(_ENTRY)
_PAUSED: Schema = {"type": "boolean", "description": "Whether congress-manage has stopped actions everywhere."}


def _decision(summary: str) -> dict[str, Operation]:
    return {"post": Operation(summary, {200: _WHOLE}, body=DECISION_SCHEMA)}


OPERATIONS: Operations = {
    "/v1/actions": {
        "get": Operation(
            "List what rules asked to be done, newest first.",
            {
                200: {
                    **_ENTRIES,
                    "required": [*_ENTRIES["required"], "paused"],
                    "properties": {**_ENTRIES["properties"], "paused": _PAUSED},
                }
            },
            query={
                "policy": "Only those of this policy, by its name.",
                "state": f"Only those in this state: {', '.join(STATES)}.",
                "limit": "Only so many, 1000 when not given and at most 10000.",
                "marker": "Only those after this one: `next_marker` of the page before.",
            },
        )
    },
    "/v1/actions/{entry}": {"get": Operation("Show one of them, with all that happened to it.", {200: _WHOLE})},
    "/v1/actions/{entry}/approve": _decision("Let a proposed action be done."),
    "/v1/actions/{entry}/reject": _decision("Let a proposed or pending action not be done."),
    "/v1/actions/{entry}/retry": _decision(
        "Have an action tried again that failed, expired, was rejected, or whose outcome is unknown."
    ),
}
