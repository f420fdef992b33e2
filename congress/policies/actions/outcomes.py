"""How an attempt at an action can end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from congress.db.actions import Entry


@dataclass(frozen=True, slots=True)
class Outcome:
    """`done`; `refused`: not done, another try may help; `hopeless`: not done, and never will be; `uncertain`: nobody
    knows whether it was done. `text` says why."""

    kind: Literal["done", "refused", "hopeless", "uncertain"]
    text: str = ""


Act: TypeAlias = Callable[[Entry], Outcome]
"""Has an action done, in the caller's thread. What it raises counts as uncertain."""
