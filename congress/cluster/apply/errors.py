"""What can go wrong while a plan is carried out."""

from __future__ import annotations

from congress.errors import CongressError


class ApplyError(CongressError):
    """A step could not be done, or did not bring about what it should. Applying again goes on from there."""
