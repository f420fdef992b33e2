"""What the tools that will read the generated files say about them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ToolCheck:
    """`tool` as people call it, `of`: the file. `accepted`: None where the tool is not installed; `said`: its words."""

    tool: str
    of: str
    accepted: bool | None
    said: str = ""
