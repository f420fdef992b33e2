"""Rules."""

from __future__ import annotations

from jsonschema import Draft202012Validator

from congress.api.schemas.operation import TEXT, TEXT_OR_NULL, Operation, Operations, Schema, listing, record

NEW_RULE_SCHEMA: Schema = {
    "type": "object",
    "required": ["rule"],
    "properties": {
        "rule": TEXT,
        "name": {"type": ["string", "null"], "maxLength": 255},
        "comment": {"type": ["string", "null"], "maxLength": 255},
    },
}
NEW_RULE = Draft202012Validator(NEW_RULE_SCHEMA)
_RULE = record(rule=TEXT, id=TEXT, comment=TEXT, name=TEXT_OR_NULL)

OPERATIONS: Operations = {
    "/v1/policies/{policy}/rules": {
        "get": Operation("List the rules of a policy, as they were written.", {200: listing(_RULE)}),
        "post": Operation("Insert one rule or fact.", {201: _RULE}, body=NEW_RULE_SCHEMA),
    },
    "/v1/policies/{policy}/rules/{rule}": {
        "get": Operation("Show a rule.", {200: _RULE}),
        "delete": Operation("Delete a rule; answers what was deleted.", {200: _RULE}),
    },
}
