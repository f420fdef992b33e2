"""Who may know which version of the API is spoken."""

from __future__ import annotations

from congress.api.rbac.base import ANYBODY, rule

RULES = [
    rule(
        "versions:show",
        ANYBODY,
        "Show the version of the API and its description.",
        "GET /v1",
        "GET /v1/",
        "GET /v1/openapi.json",
    )
]
