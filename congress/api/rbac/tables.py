"""Who may read tables, and who may fill them."""

from __future__ import annotations

from congress.api.rbac.base import ADMIN, READER, rule

_POLICY, _DATASOURCE = "/v1/policies/{policy}/tables", "/v1/data-sources/{datasource}/tables"

RULES = [
    rule("tables:list", READER, "List tables.", f"GET {_POLICY}", f"GET {_DATASOURCE}"),
    rule("tables:show", READER, "Show a table.", f"GET {_POLICY}/{{table}}", f"GET {_DATASOURCE}/{{table}}"),
    rule("policy-rows:list", READER, "List the rows of a policy's table.", f"GET {_POLICY}/{{table}}/rows"),
    rule("policy-rows:replace", ADMIN, "Always refused by the service.", f"PUT {_POLICY}/{{table}}/rows"),
    rule("rows:list", READER, "List the rows of a datasource's table.", f"GET {_DATASOURCE}/{{table}}/rows"),
    rule(
        "rows:replace",
        ADMIN,
        "Push rows into a datasource. A sender that shows the datasource's webhook secret needs no token.",
        f"PUT {_DATASOURCE}/{{table}}/rows",
    ),
    rule("rows:change", ADMIN, "Add and delete pushed rows of a datasource.", f"PATCH {_DATASOURCE}/{{table}}/rows"),
]
