"""How far a policy goes."""

from __future__ import annotations

from typing import Final

from congress.policies.actions.errors import EnforcementUnknown

MONITOR: Final = "monitor"
PROPOSE: Final = "propose"
ENFORCE: Final = "enforce"
LEVELS = (MONITOR, PROPOSE, ENFORCE)
"""`monitor` only records that rows entered; `propose` asks a person for each action; `enforce` acts."""


def checked(level: str) -> str:
    """The level. Raises EnforcementUnknown."""
    if level not in LEVELS:
        raise EnforcementUnknown(level, LEVELS)
    return level
