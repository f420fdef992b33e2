"""Who may read the change log."""

from __future__ import annotations

from congress.api.rbac.base import READER, rule

RULES = [
    rule("history:list", READER, "List recorded changes of watched tables.", "GET /v1/policies/{policy}/history")
]
