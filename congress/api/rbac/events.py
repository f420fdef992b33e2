"""Who may follow events."""

from __future__ import annotations

from congress.api.rbac.base import READER, rule

RULES = [rule("events:follow", READER, "Follow what opens and closes in watched tables.", "GET /v1/events")]
