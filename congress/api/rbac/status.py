"""Who may know how policies, rules and datasources are."""

from __future__ import annotations

from congress.api.rbac.base import READER, rule

RULES = [
    rule("policies:status", READER, "Show the state of a policy.", "GET /v1/policies/{policy}/status"),
    rule("rules:status", READER, "Show the state of a rule.", "GET /v1/policies/{policy}/rules/{rule}/status"),
    rule("data-sources:status", READER, "Show the state of a datasource.", "GET /v1/data-sources/{datasource}/status"),
]
