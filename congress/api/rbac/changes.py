"""Who may follow what changes in watched tables."""

from __future__ import annotations

from congress.api.rbac.base import READER, rule

RULES = [
    rule("changes:list", READER, "List the changes of a policy's watched tables.", "GET /v1/policies/{policy}/changes")
]
