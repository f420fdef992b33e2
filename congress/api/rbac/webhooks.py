"""Who may notify datasources, and who may let others do it without a token."""

from __future__ import annotations

from congress.api.rbac.base import ADMIN, READER, rule

_ELEMENT = "/v1/data-sources/{datasource}"

RULES = [
    rule(
        "webhook:notify",
        ADMIN,
        "Notify a datasource. A sender that shows the datasource's webhook secret needs no token.",
        f"POST {_ELEMENT}/webhook",
        f"POST {_ELEMENT}/tables/{{table}}/webhook",
    ),
    rule("webhook-secrets:list", READER, "List the ids of a datasource's secrets.", f"GET {_ELEMENT}/webhook-secrets"),
    rule("webhook-secrets:create", ADMIN, "Make a secret.", f"POST {_ELEMENT}/webhook-secrets"),
    rule("webhook-secrets:delete", ADMIN, "Make a secret invalid.", f"DELETE {_ELEMENT}/webhook-secrets/{{secret}}"),
]
