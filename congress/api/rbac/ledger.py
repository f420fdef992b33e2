"""Who may see, and decide about, what rules ask to be done."""

from __future__ import annotations

from congress.api.rbac.base import ADMIN, READER, rule

_ELEMENT = "/v1/actions/{entry}"

RULES = [
    rule("actions:list", READER, "List actions.", "GET /v1/actions"),
    rule("actions:show", READER, "Show an action.", f"GET {_ELEMENT}"),
    rule("actions:approve", ADMIN, "Approve an action.", f"POST {_ELEMENT}/approve"),
    rule("actions:reject", ADMIN, "Reject an action.", f"POST {_ELEMENT}/reject"),
    rule("actions:retry", ADMIN, "Have an action tried again.", f"POST {_ELEMENT}/retry"),
]
