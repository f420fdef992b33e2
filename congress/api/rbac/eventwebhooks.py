"""Who may have events sent elsewhere."""

from __future__ import annotations

from congress.api.rbac.base import ADMIN, READER, rule

_ALL, _ONE = "/v1/event-webhooks", "/v1/event-webhooks/{webhook}"

RULES = [
    rule("event-webhooks:list", READER, "List the webhooks to which events are sent.", f"GET {_ALL}", f"GET {_ONE}"),
    rule("event-webhooks:create", ADMIN, "Have events sent to an address.", f"POST {_ALL}"),
    rule("event-webhooks:delete", ADMIN, "Send events there no more.", f"DELETE {_ONE}"),
    rule("dead-letters:list", READER, "List what a webhook did not take.", f"GET {_ONE}/dead-letters"),
    rule("dead-letters:retry", ADMIN, "Send it again.", f"POST {_ONE}/dead-letters/{{letter}}/retry"),
    rule("dead-letters:delete", ADMIN, "Give it up.", f"DELETE {_ONE}/dead-letters/{{letter}}"),
]
