"""Who may have statements checked that are being written."""

from __future__ import annotations

from congress.api.rbac.base import MEMBER, READER, rule

_POLICY = "/v1/policies/{policy}"

RULES = [
    rule("policies:check", MEMBER, "Have statements checked without inserting them.", f"POST {_POLICY}/check"),
    rule("policies:vocabulary", READER, "List what rules can be made of.", f"GET {_POLICY}/vocabulary"),
]
