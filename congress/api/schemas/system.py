"""The nodes of the service."""

from __future__ import annotations

from congress.api.schemas.operation import TEXT, TEXT_OR_NULL, Operation, Operations, Schema, record

_STATUS: Schema = {
    "type": "object",
    "description": "What the node says of itself: `ready`, `reasons` why not, `policy_revision`, `leases`, `tables` "
    "with sequence and age, `paused`, and what else its parts tell.",
}
_NODE = record(
    id=TEXT,
    host=TEXT,
    pid={"type": "integer"},
    roles={"type": "array", "items": TEXT},
    version=TEXT,
    started_at=TEXT,
    state={
        "enum": ["up", "unknown", "silent"],
        "description": "`up`: gave a sign of life lately; `unknown`: the node that answers has just started and cannot "
        "tell yet; `silent`: gave none for longer than it may.",
    },
    seconds_since_refresh={"type": "number"},
    status=_STATUS,
)
_LEASE = record(
    name=TEXT,
    holder={**TEXT_OR_NULL, "description": "The node that holds it, null when it was given back."},
    host=TEXT_OR_NULL,
    epoch={"type": "integer"},
    since=TEXT,
)

OPERATIONS: Operations = {
    "/v1/system/status": {
        "get": Operation(
            "Show all nodes of the service, as the one that answers knows them.",
            {
                200: record(
                    node={**TEXT, "description": "The node that answers."},
                    paused={"type": "boolean"},
                    nodes={"type": "array", "items": _NODE},
                    leases={"type": "array", "items": _LEASE},
                )
            },
        )
    },
    "/metrics": {
        "get": Operation("Numbers of this node in the text format of Prometheus.", {200: TEXT}, media="text/plain")
    },
}
