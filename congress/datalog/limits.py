"""How large a text may be before it is refused, so that hostile input costs nobody but its sender."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Greatest permitted sizes: `text` in characters, the others in pieces.

    `digits` is what Python converts to text without being told otherwise, so that every integer can be printed.
    """

    text: int = 1_000_000
    literals: int = 1_000
    arguments: int = 500
    digits: int = 4_300


DEFAULT_LIMITS = Limits()
