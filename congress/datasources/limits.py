"""How much of a cloud's answers is taken: bounds that keep one hostile or broken service from harming the others."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """The options of group `datasources` (see `congress.conf.datasources`), which explains them."""

    unreachable_after: int = 3
    table_rows: int = 2_000_000
    poll_seconds: float = 900.0
    single_objects: int = 200
