"""Who may know the drivers."""

from __future__ import annotations

from congress.api.rbac.base import READER, rule

RULES = [
    rule("drivers:list", READER, "List the drivers.", "GET /v1/system/drivers"),
    rule("drivers:show", READER, "Show a driver.", "GET /v1/system/drivers/{driver}"),
]
