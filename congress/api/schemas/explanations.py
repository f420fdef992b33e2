"""Explanations: why a row is there, and why it is not."""

from __future__ import annotations

from jsonschema import Draft202012Validator

from congress.api.schemas.operation import TEXT, TEXT_OR_NULL, Operation, Operations, Schema, record

_CELL: Schema = {"type": ["string", "number"]}
_CELLS: Schema = {"type": "array", "items": _CELL}
_PLACE: Schema = {"type": "integer", "minimum": 0}
_COLUMN = {"column": TEXT, "place": _PLACE}


def _with(required: Schema, **optional: Schema) -> Schema:
    """An object that may have more fields."""
    return {**required, "properties": {**required["properties"], **optional}}


_SOURCE = record(
    datasource=TEXT,
    table=TEXT,
    cells={"type": "object", "description": "Column -> cell."},
    age={"type": ["number", "null"], "description": "Seconds since it was read; null when it never was."},
    href=TEXT,
)
_NODE = _with(
    record(holds=TEXT, reason={"type": "string", "enum": ["rule", "row", "fact", "builtin", "absent", "cut"]}),
    policy=TEXT,
    table=TEXT,
    row=_CELLS,
    rule=TEXT,
    premises={"type": "array", "items": _PLACE, "description": "Places in `nodes`."},
    source=_SOURCE,
)
EXPLANATION = record(nodes={"type": "array", "items": _NODE, "minItems": 1}, complete={"type": "boolean"})
_EXPLANATION_OR_NULL: Schema = {"anyOf": [EXPLANATION, {"type": "null"}]}

_DIFFERENCE = record(**_COLUMN, has=_CELL, needs=_CELL)
_NEAR = _with(record(row=_CELLS, differs={"type": "array", "items": _DIFFERENCE}), source=_SOURCE)
_ARGUMENT = _with(
    record(variable=TEXT_OR_NULL, has=_CELL),
    needs={"type": "object", "description": "`value`, or a comparison such as `less than`."},
    **{"from": TEXT},
)
_FAILURE = _with(
    record(
        rule=TEXT,
        failing=TEXT,
        because={"type": "string", "enum": ["no match", "present", "false", "head", "group"]},
        holding={"type": "array", "items": TEXT},
        also_failing={"type": "array", "items": TEXT},
    ),
    policy=TEXT,
    table=TEXT,
    needs={"type": "array", "items": record(**_COLUMN, value=_CELL)},
    alike={"type": "array", "items": {"type": "array", "items": _PLACE}},
    nearest={"type": "array", "items": _NEAR},
    absence={"type": "object", "description": "Why the premise does not hold, in the same form."},
    blockers={"type": "array", "items": EXPLANATION},
    more_blockers={"type": "boolean"},
    arguments={"type": "array", "items": _ARGUMENT},
    has={"anyOf": [_CELLS, {"type": "null"}]},
)
ABSENCE = record(missing=TEXT, policy=TEXT, table=TEXT, row=_CELLS, failures={"type": "array", "items": _FAILURE})
EXPLANATION_OR_NULL: Schema = _EXPLANATION_OR_NULL
ABSENCE_OR_NULL: Schema = {"anyOf": [ABSENCE, {"type": "null"}]}

_QUESTION: Schema = {
    "type": "object",
    "required": ["row"],
    "properties": {"row": _CELLS},
    "additionalProperties": False,
}
QUESTION = Draft202012Validator(_QUESTION)

OPERATIONS: Operations = {
    "/v1/policies/{policy}/tables/{table}/explain": {
        "post": Operation(
            "Explain why a row is in the table, or why it is not: which rule came nearest, which premise failed, and "
            "what it would have needed.",
            {
                200: record(
                    holds={"type": "boolean"}, explanation=EXPLANATION_OR_NULL, absence=ABSENCE_OR_NULL, text=TEXT
                )
            },
            body=_QUESTION,
        )
    }
}
