"""Who may do what with policies."""

from __future__ import annotations

from congress.api.rbac.base import ADMIN, MEMBER, READER, rule

_COLLECTION, _ELEMENT = "/v1/policies", "/v1/policies/{policy}"

RULES = [
    rule("policies:list", READER, "List the policies.", f"GET {_COLLECTION}"),
    rule("policies:create", ADMIN, "Create a policy, also one from the library.", f"POST {_COLLECTION}"),
    rule("policies:show", READER, "Show a policy.", f"GET {_ELEMENT}"),
    rule("policies:update", ADMIN, "Change a policy's description.", f"PATCH {_ELEMENT}"),
    rule("policies:delete", ADMIN, "Delete a policy.", f"DELETE {_ELEMENT}"),
    rule("policies:simulate", MEMBER, "Ask what would be.", f"POST {_ELEMENT}?action=simulate"),
    rule("policies:explain", MEMBER, "Ask why a row holds, or why not.", f"POST {_ELEMENT}?action=explain"),
    rule("policies:execute", ADMIN, "Act on the cloud.", f"POST {_ELEMENT}?action=execute"),
]
