"""Why a bundle is not taken."""

from __future__ import annotations

from congress.errors import CongressError


class BundleRefused(CongressError):
    """An archive that is no bundle, is damaged, or holds what a bundle may not hold; the text says what and where."""


class SignatureRefused(BundleRefused):
    """A bundle without a signature of a key that is trusted, or with one that does not fit its content."""
