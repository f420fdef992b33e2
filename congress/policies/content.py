"""Policies and rules as they are wanted, and the records that they become."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from congress import datalog
from congress.db.policies import PolicyRecord
from congress.db.rules import RuleRecord
from congress.policies.actions.enforcement import ENFORCE, checked
from congress.policies.errors import PolicyNameInvalid, UnknownKind

KINDS = ("nonrecursive", "action", "database", "materialized", "z3", "datasource")


@dataclass(frozen=True, slots=True)
class NewPolicy:
    """A policy to create; `abbreviation` None takes the first five characters of the name."""

    name: str
    kind: str = "nonrecursive"
    abbreviation: str | None = None
    description: str = ""
    enforcement: str = ENFORCE

    def record(self) -> PolicyRecord:
        """What is stored, with a new id. Raises PolicyNameInvalid, UnknownKind, EnforcementUnknown."""
        if len(self.name) > 255 or not datalog.is_policy_name(self.name):
            raise PolicyNameInvalid(self.name)
        kind = self.kind.lower()
        if kind not in KINDS:
            raise UnknownKind(self.kind, KINDS)
        abbreviation = self.name[:5] if self.abbreviation is None else self.abbreviation
        level = checked(self.enforcement)
        return PolicyRecord(str(uuid.uuid4()), self.name, abbreviation, self.description, "user", kind, level)


@dataclass(frozen=True, slots=True)
class NewRule:
    """A rule or fact to insert, as text."""

    rule: str
    comment: str = ""
    name: str | None = None
    enabled: bool = True

    def record(self, rule_id: str | None = None) -> RuleRecord:
        """What is stored, with a new id unless one is given."""
        return RuleRecord(rule_id or str(uuid.uuid4()), self.rule, self.comment, self.name, self.enabled)


def distinct(rules: Sequence[NewRule]) -> Sequence[NewRule]:
    """The rules without repetitions, the order of body literals aside. Raises DatalogError for what is no rule.

    Two stored rules that are one rule to the engine would make the deletion of either take both out of effect.
    """
    if len(rules) == 1:
        return rules
    kept: dict[tuple[str, ...], NewRule] = {}
    for rule in rules:
        head, *body = datalog.print_statement(datalog.parse_statement(rule.rule), pretty=True).split("\n")
        kept.setdefault((head, *sorted(line.strip().rstrip(",") for line in body)), rule)
    return list(kept.values())
