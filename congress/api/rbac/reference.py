"""Prints the page of all rules: `python -m congress.api.rbac.reference > docs/reference/rbac.md`."""

from __future__ import annotations

from oslo_policy.policy import DocumentedRuleDefault

from congress.api import rbac
from congress.api.rbac import base
from congress.api.senders import ACCEPTED

_HEAD = """# Who may do what

With `auth_strategy = keystone` each operation is guarded by a rule of oslo.policy. Each can be overridden in the
operator's policy file; [authentication](../authentication.md) tells how. `*` marks what a sender may do with the
datasource's secret instead of a token. A token for a domain is never enough.

| persona | is | may |
|---|---|---|
| admin | whoever has the role `admin`, in any project or on the system | everything |
| member | whoever has the role `member` on the system | what a reader may, and ask costly questions |
| reader | whoever has the role `reader` on the system | read everything, the data of all projects |
| anybody | whoever has a valid token | know the version of the API |

A role in one project, other than `admin`, gives nothing here, since tables hold what all projects own.

## Operations

| operation | rule | persona |
|---|---|---|
"""
_BASES = """
## Rules that other rules are made of

| rule | default | meaning |
|---|---|---|
"""
_FOOT = "\nThis page is written by `python -m congress.api.rbac.reference`.\n"
_PERSONAS = {base.ADMIN: "admin", base.MEMBER: "member", base.READER: "reader", base.ANYBODY: "anybody"}


def page() -> str:
    """The page, in Markdown."""
    operations = "".join(_rows(rule) for rule in rbac.documented())
    bases = "".join(f"| `{rule.name}` | `{rule.check_str}` | {rule.description} |\n" for rule in base.BASES)
    return _HEAD + operations + _BASES + bases + _FOOT


def _rows(rule: DocumentedRuleDefault) -> str:
    persona = _PERSONAS[rule.check_str] + (" *" if rule.name in ACCEPTED else "")
    return "".join(f"| `{one['method']} {one['path']}` | `{rule.name}` | {persona} |\n" for one in rule.operations)


if __name__ == "__main__":
    print(page(), end="")
