"""What the rules are made of: who may do what unless the operator's policy file says otherwise.

Tables hold what all projects of the cloud own, so a role in one project is not enough to read them: readers and
members hold their role on the system. Administrators are whoever has the role admin, in any project, as everywhere in
a cloud.
"""

from __future__ import annotations

from oslo_policy.policy import DocumentedRuleDefault, RuleDefault

ADMIN = "rule:default"
MEMBER = "rule:admin_or_member"
READER = "rule:admin_or_reader"
ANYBODY = "rule:regular_user"

# NOTE: the first four have been in operators' policy files for years; what they say there must keep its effect.
BASES = [
    RuleDefault("context_is_admin", "role:admin", "Whoever may do everything."),
    RuleDefault("admin_only", "rule:context_is_admin", "Administrators."),
    RuleDefault("regular_user", "", "Everybody who has a valid token."),
    RuleDefault("default", "rule:admin_only", "Whatever is not allowed to others: nearly all that changes something."),
    RuleDefault(
        "admin_or_member",
        "rule:default or (role:member and system_scope:all)",
        "Whoever may ask costly questions that change nothing.",
    ),
    RuleDefault(
        "admin_or_reader",
        "rule:default or (role:reader and system_scope:all)",
        "Whoever may read everything, the data of all projects.",
    ),
]


def rule(name: str, check: str, description: str, *operations: str) -> DocumentedRuleDefault:
    """The rule `congress:<name>` for operations such as `GET /v1/policies` and `POST /v1/policies/{policy}?action=x`.

    A token for a domain is never enough: whoever administers a domain of the cloud does not administer the cloud.
    """
    split = [operation.partition(" ") for operation in operations]
    return DocumentedRuleDefault(
        name=f"congress:{name}",
        check_str=check,
        description=description,
        operations=[{"method": method, "path": path} for method, _, path in split],
        scope_types=["system", "project"],
    )
