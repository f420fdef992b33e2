"""What can be wrong with a request about actions."""

from __future__ import annotations

from congress.errors import CongressError


class ActionNotFound(CongressError):
    """No entry of the ledger has this id."""

    def __init__(self, key: str) -> None:
        super().__init__(f"No action found with id {key}; old ones are forgotten")
        self.key = key


class ActionDecided(CongressError):
    """The entry is in a state in which this decision has no meaning."""

    def __init__(self, key: str, state: str, decision: str, possible: tuple[str, ...]) -> None:
        super().__init__(
            f"action {key} is {state}; {decision} is possible while it is {' or '.join(possible)}"
        )


class EnforcementUnknown(CongressError):
    """There is no such level of enforcement."""

    def __init__(self, level: str, levels: tuple[str, ...]) -> None:
        super().__init__(f"Unknown level of enforcement: {level}; use one of {', '.join(levels)}")


class ActionSettingInvalid(CongressError):
    """An option in group `actions` cannot be read; the text names it."""
