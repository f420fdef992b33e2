"""Who may read violations."""

from __future__ import annotations

from congress.api.rbac.base import READER, rule

RULES = [
    rule("violations:list", READER, "List violations, open and closed.", "GET /v1/violations"),
    rule("violations:show", READER, "Show a violation with its explanations.", "GET /v1/violations/{violation}"),
]
