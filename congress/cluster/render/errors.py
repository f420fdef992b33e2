"""What stops a deployment from being written down."""

from __future__ import annotations

from congress.errors import CongressError


class RenderError(CongressError):
    """Two parts of a deployment want different things of one file, or a secret would be read by everybody."""
