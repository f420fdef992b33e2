"""Who may know how the nodes of the service are."""

from __future__ import annotations

from congress.api.rbac.base import READER, rule

RULES = [
    rule("system:status", READER, "Show the state of all nodes of the service.", "GET /v1/system/status"),
    rule("metrics:show", READER, "Show the numbers of this node, as Prometheus reads them.", "GET /metrics"),
]
