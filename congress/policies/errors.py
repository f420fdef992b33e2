"""What can be wrong with a request about policies and rules, beside what the language and the engine say."""

from __future__ import annotations

from congress.errors import CongressError


class PolicyNotFound(CongressError):
    """No policy has this name or id."""

    def __init__(self, name_or_id: str) -> None:
        super().__init__(f"No policy found with name or id {name_or_id}")
        self.name_or_id = name_or_id


class PolicyNameTaken(CongressError):
    """A policy or datasource of this name exists."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Policy with name {name} already exists")


class PolicyNameInvalid(CongressError):
    """The name cannot be written as the policy of a table in a rule."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Policy name {name} is not a valid tablename; "
            "use letters, digits, underscores, dots and colons, at most 255, beginning with a letter or underscore"
        )


class UnknownKind(CongressError):
    """There is no such kind of policy."""

    def __init__(self, kind: str, kinds: tuple[str, ...]) -> None:
        super().__init__(f"Unknown kind of policy: {kind}; use one of {', '.join(kinds)}")


class SystemPolicy(CongressError):
    """The policy belongs to the system and stays."""

    def __init__(self, name_or_id: str) -> None:
        super().__init__(f"Cannot delete system-maintained policy {name_or_id}")


class DatasourcePolicy(CongressError):
    """The policy is a datasource: its tables come from a cloud, not from rules."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is a datasource; put the rule into a policy and refer to {name}'s tables from there")


class PolicyUnchangeable(CongressError):
    """What was to be changed of a policy cannot be; `field` names it."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"The policy's {field} cannot be changed: {why}")
        self.field = field


class RuleNotFound(CongressError):
    """The policy has no rule of this id."""

    def __init__(self, rule_id: str, policy: str) -> None:
        super().__init__(f"No rule found with ID {rule_id} in policy {policy}")
        self.rule_id, self.policy = rule_id, policy


class TooManyWriters(CongressError):
    """A change was tried again and again, and others were always faster."""

    def __init__(self) -> None:
        super().__init__("too many policies and rules are changed at this moment; nothing was changed, try again")


class LibraryPolicyNotFound(CongressError):
    """The library has no policy of this id."""

    def __init__(self, item_id: str) -> None:
        super().__init__(f"No policy found with policy id {item_id}")


class LibraryFileInvalid(CongressError):
    """A file of the policy library cannot be used; the text names file and cause."""
