"""Rules."""

from __future__ import annotations

from jsonschema import Draft202012Validator

from congress.api.schemas.operation import (
    EXPECTED,
    PAGED,
    PREVIEW,
    PREVIEWED,
    SEEN,
    TEXT,
    TEXT_OR_NULL,
    Operation,
    Operations,
    Schema,
    filtering,
    listing,
    record,
)
from congress.api.schemas.policies import RULE, RULES

NEW_RULE = Draft202012Validator(RULE)
_SEVERAL: Schema = {"type": "object", "required": ["rules"], "properties": {"rules": {**RULES, "minItems": 1}}}
NEW_RULES = Draft202012Validator(_SEVERAL)
_CHANGE: Schema = {
    "type": "object",
    "minProperties": 1,
    "additionalProperties": False,
    "properties": RULE["properties"],
}
RULE_CHANGE = Draft202012Validator(_CHANGE)
FILTERS = ("name", "comment", "enabled")

_SHOWN = record(rule=TEXT, id=TEXT, comment=TEXT, name=TEXT_OR_NULL, enabled={"type": "boolean"})
_SHOWN_OR_PREVIEWED: Schema = {"anyOf": [_SHOWN, PREVIEWED]}

OPERATIONS: Operations = {
    "/v1/policies/{policy}/rules": {
        "get": Operation(
            "List the rules of a policy, as they were written, in the order of their insertion.",
            {200: listing(_SHOWN)},
            query=filtering(FILTERS) | PAGED,
        ),
        "post": Operation(
            "Insert one rule or fact, or several (`rules`), all or none.",
            {
                201: {"anyOf": [_SHOWN, record(rules={"type": "array", "items": _SHOWN})]},
                200: PREVIEWED,
            },
            body={"anyOf": [RULE, _SEVERAL]},
            query=PREVIEW,
        ),
    },
    "/v1/policies/{policy}/rules/{rule}": {
        "get": Operation("Show a rule.", {200: _SHOWN, 304: None}, headers=SEEN),
        "put": Operation(
            "Put another rule in the place of this one, which keeps its id, in one step.",
            {200: _SHOWN_OR_PREVIEWED},
            body=RULE,
            query=PREVIEW,
            headers=EXPECTED,
        ),
        "patch": Operation(
            "Change some fields of a rule; `enabled` switches it off and on.",
            {200: _SHOWN_OR_PREVIEWED},
            body=_CHANGE,
            query=PREVIEW,
            headers=EXPECTED,
        ),
        "delete": Operation(
            "Delete a rule; answers what was deleted.",
            {200: _SHOWN_OR_PREVIEWED},
            query=PREVIEW,
            headers=EXPECTED,
        ),
    },
}
