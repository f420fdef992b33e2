"""What can go wrong when a workspace is used."""

from __future__ import annotations

from congress.datalog.values import Row
from congress.engine.budget import LimitExceeded
from congress.errors import CongressError

__all__ = [
    "InvalidPolicy",
    "InvalidRow",
    "LimitExceeded",
    "PolicyExists",
    "RowMissing",
    "RuleExists",
    "RuleMissing",
    "UnknownPolicy",
    "UnknownTable",
]


class UnknownPolicy(CongressError):
    """A policy or datasource of this name does not exist. `.name`."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Unknown policy {name}")
        self.name = name


class UnknownTable(CongressError):
    """The policy has no such table. `.policy`, `.table`."""

    def __init__(self, policy: str, table: str) -> None:
        super().__init__(f"table '{table}' doesn't exist")
        self.policy, self.table = policy, table


class PolicyExists(CongressError):
    """A policy or datasource of this name exists already. `.name`."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Policy with name {name} already exists")
        self.name = name


class RuleExists(CongressError):
    """The policy has this rule already (body order aside). `.text`."""

    def __init__(self, policy: str, text: str) -> None:
        super().__init__(f"Rule already exists in policy {policy}: {text}")
        self.text = text


class RuleMissing(CongressError):
    """The policy has no such rule. `.text`."""

    def __init__(self, policy: str, text: str) -> None:
        super().__init__(f"Policy {policy} has no such rule: {text}")
        self.text = text


class RowMissing(CongressError):
    """The row that is to be explained does not hold. `.row`."""

    def __init__(self, policy: str, table: str, row: Row) -> None:
        super().__init__(f"Table {policy}:{table} has no row {row!r}; ask for an explanation of its absence")
        self.row = row


class InvalidPolicy(CongressError):
    """A policy cannot have this name or kind."""


class InvalidRow(CongressError):
    """A row with another number of cells than its table has columns, or that does not stand as the question
    supposes."""
