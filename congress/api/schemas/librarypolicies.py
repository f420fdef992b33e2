"""Library policies."""

from __future__ import annotations

from jsonschema import Draft202012Validator

from congress.api.schemas.operation import TEXT, Operation, Operations, Schema, listing, record
from congress.api.schemas.policies import RULES, WITH_RULES_SCHEMA

NEW_LIBRARY_POLICY = Draft202012Validator(WITH_RULES_SCHEMA)
_INCLUDE = {"include_rules": "`false` leaves the rules out."}
_ITEM = record(id=TEXT, name=TEXT, abbreviation=TEXT, description=TEXT, kind=TEXT)
_ITEM_WITH_RULES: Schema = {**_ITEM, "properties": {**_ITEM["properties"], "rules": RULES}}

OPERATIONS: Operations = {
    "/v1/librarypolicies": {
        "get": Operation(
            "List the policy library.",
            {200: listing(_ITEM_WITH_RULES)},
            query={**_INCLUDE, "name": "Only the item of this name."},
        ),
        "post": Operation(
            "Add a policy to the library.", {201: _ITEM_WITH_RULES}, body=WITH_RULES_SCHEMA, query=_INCLUDE
        ),
    },
    "/v1/librarypolicies/{item}": {
        "get": Operation("Show a library policy, by id.", {200: _ITEM_WITH_RULES}, query=_INCLUDE),
        "put": Operation("Replace a library policy.", {200: _ITEM_WITH_RULES}, body=WITH_RULES_SCHEMA, query=_INCLUDE),
        "delete": Operation(
            "Delete a library policy; answers what was deleted.", {200: _ITEM_WITH_RULES}, query=_INCLUDE
        ),
    },
}
