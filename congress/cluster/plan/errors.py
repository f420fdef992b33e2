"""What keeps a plan from being made or carried out."""

from __future__ import annotations

from congress.errors import CongressError


class PlanError(CongressError):
    """There is no order in which it could be done."""
