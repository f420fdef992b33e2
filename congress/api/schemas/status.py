"""States."""

from __future__ import annotations

from congress.api.schemas.operation import TEXT, Operation, Operations, Schema, record

_POLICY = record(name=TEXT, id=TEXT)
_RULE: Schema = {
    **record(id=TEXT, comment=TEXT, original_str=TEXT),
    "description": "`error` says why a stored rule is not in effect.",
}
_DATASOURCE = record(
    last_updated=TEXT,
    last_error=TEXT,
    number_of_updates=TEXT,
    initialized=TEXT,
    subscriptions={"type": "array"},
    subscribers={"type": "array"},
)

OPERATIONS: Operations = {
    "/v1/policies/{policy}/status": {"get": Operation("Show the state of a policy.", {200: _POLICY})},
    "/v1/policies/{policy}/rules/{rule}/status": {"get": Operation("Show the state of a rule.", {200: _RULE})},
    "/v1/data-sources/{datasource}/status": {
        "get": Operation("Show when the cloud was last read and what went wrong.", {200: _DATASOURCE})
    },
}
