"""What can go wrong with a laboratory."""

from __future__ import annotations

from congress.errors import CongressError


class LaboratoryError(CongressError):
    """The laboratory cannot do what was asked; the text says why, and what to do."""
