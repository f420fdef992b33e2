"""Outgoing webhooks for events, and their dead letters."""

from __future__ import annotations

from jsonschema import Draft202012Validator

from congress.api.schemas.operation import INTEGER, TEXT, TEXT_OR_NULL, Operation, Operations, Schema, record

_WEBHOOK = record(
    id=TEXT,
    url=TEXT,
    description=TEXT,
    policy=TEXT_OR_NULL,
    table=TEXT_OR_NULL,
    position={"type": "string", "description": "The last event that it is done with."},
    attempts={"type": "integer", "description": "How often the next events were not taken."},
    error=TEXT_OR_NULL,
    dead_letters=INTEGER,
    created_at=TEXT,
    updated_at=TEXT,
)
_LETTER = record(
    id=TEXT,
    first_event=TEXT,
    last_event=TEXT,
    body=TEXT,
    state={"type": "string", "enum": ["dead", "due"]},
    attempts=INTEGER,
    error=TEXT,
    at=TEXT,
)
_NEW: Schema = {
    "type": "object",
    "required": ["url"],
    "properties": {
        "url": {"type": "string", "minLength": 1, "maxLength": 2000},
        "description": {"type": ["string", "null"], "maxLength": 1000},
        "policy": {"type": ["string", "null"], "minLength": 1, "maxLength": 255},
        "table": {"type": ["string", "null"], "minLength": 1, "maxLength": 1000},
    },
    "additionalProperties": False,
}
NEW = Draft202012Validator(_NEW)

_ALL, _ONE = "/v1/event-webhooks", "/v1/event-webhooks/{webhook}"

OPERATIONS: Operations = {
    _ALL: {
        "get": Operation(
            "List the webhooks to which events are sent, and how far each is.",
            {200: record(results={"type": "array", "items": _WEBHOOK})},
        ),
        "post": Operation(
            "Have events sent to an address from now on, of all policies and tables or of one. The answer tells the "
            "secret that signs what is sent, this once.",
            {201: {**_WEBHOOK, "properties": {**_WEBHOOK["properties"], "secret": TEXT}}},
            body=_NEW,
        ),
    },
    _ONE: {
        "get": Operation("Show a webhook, and how far it is.", {200: _WEBHOOK}),
        "delete": Operation("Send nothing there any more; its dead letters are forgotten.", {200: _WEBHOOK}),
    },
    f"{_ONE}/dead-letters": {
        "get": Operation(
            "List what a webhook did not take, however often it was sent.",
            {200: record(results={"type": "array", "items": _LETTER})},
        )
    },
    f"{_ONE}/dead-letters/{{letter}}": {"delete": Operation("Give a dead letter up.", {200: _LETTER})},
    f"{_ONE}/dead-letters/{{letter}}/retry": {"post": Operation("Have a dead letter sent again.", {200: _LETTER})},
}
