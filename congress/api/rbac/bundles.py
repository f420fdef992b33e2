"""Who may do what with bundles of policies."""

from __future__ import annotations

from congress.api.rbac.base import ADMIN, READER, rule

_ALL, _ONE = "/v1/bundles", "/v1/bundles/{bundle}"
_VERSION = f"{_ONE}/versions/{{version}}"

RULES = [
    rule("bundles:list", READER, "List the bundles of policies.", f"GET {_ALL}"),
    rule("bundles:upload", ADMIN, "Upload a bundle.", f"POST {_ALL}"),
    rule("bundles:show", READER, "Show a bundle and its versions.", f"GET {_ONE}", f"GET {_VERSION}"),
    rule(
        "bundles:activate",
        ADMIN,
        "Activate a version of a bundle, roll it back, deactivate it.",
        f"POST {_VERSION}/activate",
        f"POST {_ONE}/rollback",
        f"POST {_ONE}/deactivate",
    ),
    rule("bundles:delete", ADMIN, "Delete a bundle or a version of it.", f"DELETE {_ONE}", f"DELETE {_VERSION}"),
]
