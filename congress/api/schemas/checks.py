"""Checks of statements that are being written, and the words that they can be made of."""

from __future__ import annotations

from jsonschema import Draft202012Validator

from congress.api.schemas.operation import SEEN, TEXT, TEXT_OR_NULL, Operation, Operations, Schema, record

_CHECK: Schema = {
    "type": "object",
    "required": ["text"],
    "additionalProperties": False,
    "properties": {
        "text": {"type": "string", "maxLength": 100_000},
        "replaces": {**TEXT_OR_NULL, "description": "Id of the rule in whose place the text is to be put."},
    },
}
CHECK = Draft202012Validator(_CHECK)

_PLACE: Schema = {"type": "integer", "minimum": 0, "description": "Counted in characters of the text, from 0."}
_STATEMENT = record(text=TEXT, start=_PLACE, end=_PLACE)
_DIAGNOSTIC = record(
    severity={"type": "string", "enum": ["error", "warning"]},
    code={"type": "string", "description": "One of `docs/reference/language.md`, `rule-exists` or `undefined-table`."},
    message=TEXT,
    hint=TEXT,
    start=_PLACE,
    end=_PLACE,
    line={"type": "integer", "minimum": 1},
    column={"type": "integer", "minimum": 1},
)
_COLUMNS: Schema = {"type": "array", "items": record(name=TEXT, description=TEXT)}
_TABLES: Schema = {"type": "array", "items": record(name=TEXT, columns=_COLUMNS)}

OPERATIONS: Operations = {
    "/v1/policies/{policy}/check": {
        "post": Operation(
            "Tell all that is wrong with statements, and where, without inserting or evaluating them.",
            {
                200: record(
                    accepted={"type": "boolean"},
                    statements={"type": "array", "items": _STATEMENT},
                    diagnostics={"type": "array", "items": _DIAGNOSTIC},
                )
            },
            body=_CHECK,
        )
    },
    "/v1/policies/{policy}/vocabulary": {
        "get": Operation(
            "List what a rule of the policy can be made of: tables with their columns, and builtins.",
            {
                200: record(
                    datasources={"type": "array", "items": record(name=TEXT, tables=_TABLES)},
                    policies={"type": "array", "items": record(name=TEXT, tables={"type": "array", "items": TEXT})},
                    builtins={"type": "array", "items": record(name=TEXT, signature=TEXT, description=TEXT)},
                ),
                304: None,
            },
            headers=SEEN,
        )
    },
}
