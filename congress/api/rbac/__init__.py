"""The rules of access: one for every path, verb and action, in files named as the handlers are.

`ROUTES` is made of the operations that the rules document, so what is documented is what is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from oslo_policy.policy import DocumentedRuleDefault, RuleDefault

from congress.api.rbac import (
    base,
    bundles,
    changes,
    checks,
    datasources,
    drivers,
    events,
    eventwebhooks,
    explanations,
    history,
    ledger,
    librarypolicies,
    policies,
    rules,
    status,
    system,
    tables,
    versions,
    violations,
    webhooks,
)

Names: TypeAlias = Mapping[str | None, str]
"""Action, None for a verb that takes none -> name of the rule."""

_MODULES = (
    versions, policies, rules, checks, tables, explanations, changes, history, violations, events,
    eventwebhooks, status, librarypolicies, bundles, datasources, webhooks, ledger, drivers, system,
)  # fmt: skip
_ACTION = "?action="


def documented() -> list[DocumentedRuleDefault]:
    """The rules that guard operations."""
    return [rule for module in _MODULES for rule in module.RULES]


def list_rules() -> list[RuleDefault]:
    """All rules, for oslo.policy's tools and for the service itself."""
    return [*base.BASES, *documented()]


def _routes() -> dict[tuple[str, str], dict[str | None, str]]:
    found: dict[tuple[str, str], dict[str | None, str]] = {}
    for rule in documented():
        for operation in rule.operations:
            path, _, action = str(operation["path"]).partition(_ACTION)
            found.setdefault((path, str(operation["method"])), {})[action.replace("-", "_") or None] = rule.name
    return found


ROUTES: Mapping[tuple[str, str], Names] = _routes()
"""(path, verb in capitals) -> the names of its rules."""
