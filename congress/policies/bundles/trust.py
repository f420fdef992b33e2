"""Whose bundles a service takes: the public keys that its operator trusts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from congress.errors import CongressError
from congress.policies.bundles.archive import Opened
from congress.policies.bundles.errors import SignatureRefused
from congress.policies.bundles.signing import key_id, read_public_key, verify


class KeysUnusable(CongressError):
    """The trusted keys cannot be read, or there are none although they are needed; the text says which and why."""


@dataclass(frozen=True, slots=True)
class Trust:
    """`places`: PEM files of public keys, and directories whose `*.pem` are such files; they are read each time, so
    that keys come and go without a restart. `required`: whether bundles without a trusted signature are refused."""

    places: Sequence[Path] = ()
    required: bool = False

    def keys(self) -> list[Ed25519PublicKey]:
        """The trusted keys. Raises KeysUnusable."""
        found = [_key(file) for file in self._files()]
        if self.required and not found:
            raise KeysUnusable(
                "[bundles] require_signature is on, and trusted_keys names no key; name the public keys of those who "
                "sign, or switch it off"
            )
        return found

    def signer(self, opened: Opened) -> str | None:
        """The id of the trusted key that signed a bundle, None for one without, if that will do.

        Raises SignatureRefused, also for a signature of a trusted key that does not fit; KeysUnusable.
        """
        keys = self.keys()
        trusted = {key_id(key) for key in keys}
        if not self.required and not any(each.key in trusted for each in opened.signatures):
            return None
        try:
            return verify(opened, keys)
        except SignatureRefused as error:
            raise SignatureRefused(
                f"{error}; sign it with `congress bundle sign` and a key whose public half is among [bundles] "
                "trusted_keys, then upload it again"
            ) from error

    def _files(self) -> Iterable[Path]:
        for place in self.places:
            yield from sorted(place.glob("*.pem")) if place.is_dir() else [place]


def _key(file: Path) -> Ed25519PublicKey:
    try:
        return read_public_key(file.read_bytes())
    except OSError as error:
        raise KeysUnusable(f"[bundles] trusted_keys: {file} cannot be read: {error.strerror}") from error
    except SignatureRefused as error:
        raise KeysUnusable(f"[bundles] trusted_keys: {file}: {error}") from error
