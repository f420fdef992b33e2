"""Who may do what with the rules of policies."""

from __future__ import annotations

from congress.api.rbac.base import ADMIN, READER, rule

_COLLECTION, _ELEMENT = "/v1/policies/{policy}/rules", "/v1/policies/{policy}/rules/{rule}"

RULES = [
    rule("rules:list", READER, "List the rules of a policy.", f"GET {_COLLECTION}"),
    rule("rules:create", ADMIN, "Insert a rule.", f"POST {_COLLECTION}"),
    rule("rules:show", READER, "Show a rule.", f"GET {_ELEMENT}"),
    rule("rules:replace", ADMIN, "Replace a rule.", f"PUT {_ELEMENT}"),
    rule("rules:update", ADMIN, "Change a rule, or switch it off and on.", f"PATCH {_ELEMENT}"),
    rule("rules:delete", ADMIN, "Delete a rule.", f"DELETE {_ELEMENT}"),
]
