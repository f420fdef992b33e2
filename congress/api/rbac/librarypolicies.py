"""Who may do what with the policy library."""

from __future__ import annotations

from congress.api.rbac.base import ADMIN, READER, rule

_COLLECTION, _ELEMENT = "/v1/librarypolicies", "/v1/librarypolicies/{item}"

RULES = [
    rule("librarypolicies:list", READER, "List the policy library.", f"GET {_COLLECTION}"),
    rule("librarypolicies:create", ADMIN, "Add a policy to the library.", f"POST {_COLLECTION}"),
    rule("librarypolicies:show", READER, "Show a library policy.", f"GET {_ELEMENT}"),
    rule("librarypolicies:replace", ADMIN, "Replace a library policy.", f"PUT {_ELEMENT}"),
    rule("librarypolicies:delete", ADMIN, "Delete a library policy.", f"DELETE {_ELEMENT}"),
]
