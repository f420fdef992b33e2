"""Who may ask why."""

from __future__ import annotations

from congress.api.rbac.base import MEMBER, rule

RULES = [
    rule(
        "rows:explain",
        MEMBER,
        "Ask why a row is in a table, or why not.",
        "POST /v1/policies/{policy}/tables/{table}/explain",
    )
]
