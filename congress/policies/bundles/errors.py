"""Why a bundle is not taken."""

from __future__ import annotations

from congress.errors import CongressError


class BundleRefused(CongressError):
    """An archive that is no bundle, is damaged, or holds what a bundle may not hold; the text says what and where."""


class SignatureRefused(BundleRefused):
    """A bundle without a signature of a key that is trusted, or with one that does not fit its content."""


class BundleNotFound(CongressError):
    """There is no bundle, or no version of it, of this name."""

    def __init__(self, bundle: str, version: str | None = None) -> None:
        what = f"bundle {bundle}" if version is None else f"version {version} of bundle {bundle}"
        super().__init__(f"there is no {what}; `POST /v1/bundles` uploads one")


class BundleConflict(CongressError):
    """What was asked for does not go together with what there is; the text says with what, and what to do."""


class PolicyOfBundle(BundleConflict):
    """A policy was to be changed by itself that a bundle brought."""

    def __init__(self, policy: str, bundle: str) -> None:
        super().__init__(
            f"policy {policy} belongs to bundle {bundle}, and only its enforcement can be changed here; activate "
            "another version of the bundle, roll it back, or deactivate it"
        )
