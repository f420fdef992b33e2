"""Policies."""

from __future__ import annotations

from jsonschema import Draft202012Validator

from congress.api.schemas.explanations import ABSENCE_OR_NULL, EXPLANATION_OR_NULL
from congress.api.schemas.operation import (
    ERROR,
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
from congress.policies.actions.enforcement import LEVELS
from congress.policies.content import KINDS

ENFORCEMENT: Schema = {
    "type": "string",
    "enum": list(LEVELS),
    "description": "`monitor` records which rows enter; `propose` asks for approval of the actions that rows ask for; "
    "`enforce` executes them.",
}
RULE: Schema = {
    "type": "object",
    "required": ["rule"],
    "properties": {
        "rule": TEXT,
        "name": {"type": ["string", "null"], "maxLength": 255},
        "comment": {"type": ["string", "null"], "maxLength": 255},
        "enabled": {"type": "boolean", "description": "Whether the rule is in effect; `false` only keeps it."},
    },
}
RULES: Schema = {"type": "array", "items": RULE}
WITH_RULES_SCHEMA: Schema = {
    "type": "object",
    "required": ["name", "rules"],
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 255},
        "description": TEXT,
        "kind": {"type": "string", "enum": list(KINDS)},
        "abbreviation": {"type": "string", "minLength": 1, "maxLength": 5},
        "enforcement": ENFORCEMENT,
        "rules": RULES,
    },
}
WITH_RULES = Draft202012Validator(WITH_RULES_SCHEMA)
EXPLAIN_SCHEMA: Schema = {
    "type": "object",
    "required": ["table", "row"],
    "properties": {
        "table": TEXT,
        "row": {"type": "array", "items": {"type": ["string", "number", "boolean", "null"]}},
    },
}
EXPLAIN = Draft202012Validator(EXPLAIN_SCHEMA)

ACTIVATION_SCHEMA: Schema = {
    "type": ["object", "null"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 255},
        "parameters": {"type": ["object", "null"]},
        "enforcement": ENFORCEMENT,
    },
}
ACTIVATION = Draft202012Validator(ACTIVATION_SCHEMA)

POLICY_CHANGE_SCHEMA: Schema = {
    "type": "object",
    "minProperties": 1,
    "additionalProperties": False,
    "properties": {
        "description": TEXT,
        "abbreviation": {"type": "string", "maxLength": 5},
        "enforcement": ENFORCEMENT,
        "name": TEXT,
        "kind": TEXT,
        "owner_id": TEXT,
        "id": TEXT,
    },
}
POLICY_CHANGE = Draft202012Validator(POLICY_CHANGE_SCHEMA)
FILTERS = ("name", "kind")

_PLAIN: Schema = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 255},
        "description": TEXT_OR_NULL,
        "kind": TEXT_OR_NULL,
        "abbreviation": {"type": ["string", "null"], "maxLength": 5},
        "enforcement": {"anyOf": [ENFORCEMENT, {"type": "null"}]},
    },
}
_SIMULATE = record(query=TEXT, sequence=TEXT, action_policy=TEXT)
EXECUTE: Schema = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": TEXT,
        "args": {
            "type": "object",
            "properties": {"positional": {"type": "array"}, "named": {"type": "object"}},
        },
    },
}
_POLICY = record(
    id=TEXT, name=TEXT, owner_id=TEXT, description=TEXT, abbreviation=TEXT, kind=TEXT, enforcement=ENFORCEMENT
)
_POLICY["properties"]["bundle"] = {"type": "string", "description": "The bundle that brought it, if one did."}
_STRINGS: Schema = {"type": "array", "items": TEXT}
_ACTION_ANSWER: Schema = {
    "type": "object",
    "properties": {
        "result": _STRINGS,
        "trace": TEXT,
        "holds": {"type": "boolean"},
        "explanation": EXPLANATION_OR_NULL,
        "absence": ABSENCE_OR_NULL,
        "text": TEXT,
    },
}

OPERATIONS: Operations = {
    "/v1/policies": {
        "get": Operation("List the policies.", {200: listing(_POLICY)}, query=filtering(FILTERS) | PAGED),
        "post": Operation(
            "Create a policy: an empty one, one with `rules`, or one from the library.",
            {201: _POLICY, 200: PREVIEWED},
            body={"anyOf": [_PLAIN, WITH_RULES_SCHEMA, ACTIVATION_SCHEMA]},
            query={
                "library_policy": "Id of a library policy to activate; the body is then `{}`, or has `parameters` (an "
                "object), `name` (instead of the library's) and `enforcement` (also of policies it depends on)."
            }
            | PREVIEW,
        ),
    },
    "/v1/policies/{policy}": {
        "get": Operation("Show a policy, by name or id.", {200: _POLICY, 304: None}, headers=SEEN),
        "patch": Operation(
            "Change description, abbreviation or enforcement of a policy; its name stays, since rules refer to it.",
            {200: _POLICY},
            body=POLICY_CHANGE_SCHEMA,
            headers=EXPECTED,
        ),
        "delete": Operation(
            "Delete a policy and its rules; answers what was deleted.",
            {200: {"anyOf": [_POLICY, PREVIEWED]}},
            query=PREVIEW,
            headers=EXPECTED,
        ),
        "post": Operation(
            "Ask something of a policy: what would be (`simulate`), why is it so (`explain`), do it (`execute`).",
            {200: _ACTION_ANSWER, 501: ERROR},
            body={"anyOf": [_SIMULATE, EXPLAIN_SCHEMA, EXECUTE]},
            query={
                "action": "`simulate`, `explain` or `execute`.",
                "delta": "With `simulate`: `true` answers only what changes, marked `+` and `-`.",
                "trace": "With `simulate`: `true` adds the steps taken.",
            },
        ),
    },
}
