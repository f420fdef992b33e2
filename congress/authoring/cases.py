"""Tests of policies as authors write them: YAML files beside the policies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import jsonschema

from congress.authoring.errors import InputUnusable
from congress.authoring.rows import flattened

_ROW_LISTS = {"type": "object", "additionalProperties": {"type": ["array", "object"]}}
_TEXTS = {"type": "array", "items": {"type": "string"}}

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["tests"],
    "properties": {
        "policy": {"type": "string", "description": "The policy that is tested; its tables need no prefix"},
        "rows": {**_ROW_LISTS, "description": "Rows under all tests of the file"},
        "tests": {
            "type": "array",
            "description": "The tests, see below",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["note"],
                "dependentRequired": {"query": ["answers"], "simulate": ["answers"]},
                "anyOf": [{"required": ["want"]}, {"required": ["query"]}, {"required": ["simulate"]}],
                "properties": {
                    "note": {"type": "string", "minLength": 1, "description": "What is so"},
                    "rows": {**_ROW_LISTS, "description": "Rows; a table that is named takes the place of the file's"},
                    "parameters": {"type": "object", "description": "Values of the tested policy's parameters"},
                    "now": {"type": "string", "description": "What time it is, `YYYY-MM-DD hh:mm:ss`"},
                    "want": {
                        "type": "object",
                        "additionalProperties": {"type": "array", "items": {"type": "array"}},
                        "description": "Table -> all its rows. Of the tested policy, a table `error`, `warning` or "
                        "`execute[…]` that is not named must be empty",
                    },
                    "query": {"type": "string", "description": "An atom, a conjunction or a rule"},
                    "simulate": {
                        "type": "object",
                        "additionalProperties": False,
                        "required": ["query", "sequence"],
                        "properties": {
                            "query": {"type": "string"},
                            "sequence": {"type": "string"},
                            "action_policy": {"type": "string"},
                            "delta": {"type": "boolean"},
                        },
                        "description": "`query`, `sequence` and perhaps `action_policy` and `delta`",
                    },
                    "answers": {**_TEXTS, "description": "All answers of `query` or `simulate`, in any order"},
                },
            },
        },
    },
}
"""JSON schema of a file of tests."""


@dataclass(frozen=True, slots=True)
class Case:
    """One test. `want`: table as written -> rows, None when none are wanted; `simulate`: None without one."""

    file: str
    note: str
    policy: str
    rows: Mapping[str, Sequence[Any]]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    now: str | None = None
    want: Mapping[str, Sequence[Sequence[Any]]] | None = None
    query: str | None = None
    simulate: Mapping[str, Any] | None = None
    answers: Sequence[str] = ()


def cases_from(data: Any, origin: str, policies: Sequence[str], main: str | None) -> list[Case]:
    """The tests in the data of a YAML document. Raises InputUnusable."""
    problems = sorted(
        jsonschema.Draft202012Validator(SCHEMA).iter_errors(data), key=lambda each: list(map(str, each.path))
    )
    if problems:
        raise InputUnusable(f"{origin}: {_place(problems[0].path, data)}: {problems[0].message[:300]}")
    policy: str | None = data.get("policy") or main or (policies[0] if len(policies) == 1 else None)
    if policy is None or policy not in policies:
        raise InputUnusable(
            f"{origin}: say with `policy` which policy is tested; there are: {', '.join(policies) or 'none'}"
        )
    shared = flattened(_named(data.get("rows", {}), policy, policies), origin)
    return [_case(each, origin, policy, shared, policies) for each in data["tests"]]


def _case(
    given: Mapping[str, Any], origin: str, policy: str, shared: Mapping[str, Any], policies: Sequence[str]
) -> Case:
    rows = flattened(_named(given.get("rows", {}), policy, policies), f"{origin}: {given['note']}")
    return Case(
        origin,
        given["note"],
        policy,
        {**shared, **rows},
        given.get("parameters", {}),
        given.get("now"),
        given.get("want"),
        given.get("query"),
        given.get("simulate"),
        given.get("answers", ()),
    )


def _named(rows: Mapping[str, Any], policy: str, policies: Sequence[str]) -> dict[str, Any]:
    """The rows, tables without a policy under the tested one."""
    return {
        table if ":" in table or isinstance(found, Mapping) or table in policies else f"{policy}:{table}": found
        for table, found in rows.items()
    }


def _place(path: Iterable[Any], data: Any) -> str:
    """A place in the document, tests by their notes."""
    parts = list(path)
    if len(parts) > 1 and parts[0] == "tests" and isinstance(data["tests"][parts[1]], Mapping):
        note = data["tests"][parts[1]].get("note", f"number {parts[1] + 1}")
        return f"test '{note}'" + "".join(f".{part}" for part in parts[2:])
    return ".".join(map(str, parts)) or "the document"
