"""Bundles: a set of policies as one versioned archive, with its parameters and tests, signed or not.

What a service does with them is in `installed`. For whoever builds, uploads or activates them, all without I/O::

    pack(bundle) -> bytes                      the archive; equal bundles give equal bytes
    unpack(data) -> Opened                     `.bundle`, `.digest`, `.signatures`; raises BundleRefused
    sign(data, key) -> bytes                   the archive with one more signature; `key` is an Ed25519 private key
    verify(opened, keys) -> str                the id of the key that signed it; raises SignatureRefused
    activations(bundle) -> list[Activation]    the policies to create, with the facts of their parameters; raises
                                               ParameterInvalid (see `congress.policies.activation`)

An archive is an uncompressed tar file of regular files: `manifest.json`, one file for each policy and test, and
`signatures.json` when it is signed. The manifest holds a SHA-256 of every other file but the signatures, and the
signatures are over the manifest, so they cover everything. Only the one archive that `pack` would make of its content
is accepted: nothing can hide in headers, order, padding or spelling, names cannot lead anywhere, and since nothing is
compressed no archive grows when it is opened. `digest` (of the manifest) identifies the content, signed or not.

Rules are checked for their grammar when a bundle is opened, and against the service's datasources when it is activated;
`Bundle.datasources` says which tables with which columns it was made for.
"""

from __future__ import annotations

from congress.policies.bundles.activating import activations
from congress.policies.bundles.archive import Opened, pack, unpack
from congress.policies.bundles.content import Bundle, BundledPolicy
from congress.policies.bundles.errors import BundleRefused, SignatureRefused
from congress.policies.bundles.signatures import Signature
from congress.policies.bundles.signing import key_id, read_private_key, read_public_key, sign, verify

__all__ = [
    "Bundle",
    "BundleRefused",
    "BundledPolicy",
    "Opened",
    "Signature",
    "SignatureRefused",
    "activations",
    "key_id",
    "pack",
    "read_private_key",
    "read_public_key",
    "sign",
    "unpack",
    "verify",
]
