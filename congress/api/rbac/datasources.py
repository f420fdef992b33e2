"""Who may do what with datasources. Their secrets are shown to nobody."""

from __future__ import annotations

from congress.api.rbac.base import ADMIN, MEMBER, READER, rule

_COLLECTION, _ELEMENT = "/v1/data-sources", "/v1/data-sources/{datasource}"

RULES = [
    rule("data-sources:list", READER, "List the datasources.", f"GET {_COLLECTION}"),
    rule("data-sources:create", ADMIN, "Create a datasource.", f"POST {_COLLECTION}"),
    rule("data-sources:show", READER, "Show a datasource.", f"GET {_ELEMENT}"),
    rule("data-sources:delete", ADMIN, "Delete a datasource.", f"DELETE {_ELEMENT}"),
    rule("data-sources:request-refresh", MEMBER, "Have a cloud read now.", f"POST {_ELEMENT}?action=request-refresh"),
    rule("data-sources:execute", ADMIN, "Act on the cloud.", f"POST {_ELEMENT}?action=execute"),
    rule("data-sources:schema", READER, "Show all tables with their columns.", f"GET {_ELEMENT}/schema"),
    rule("data-sources:spec", READER, "Show the columns of a table.", f"GET {_ELEMENT}/tables/{{table}}/spec"),
    rule("data-sources:actions", READER, "List what a datasource can do.", f"GET {_ELEMENT}/actions"),
]
