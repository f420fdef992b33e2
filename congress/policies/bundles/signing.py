"""Signatures of bundles: Ed25519 (RFC 8032) over the manifest, keys in PEM files as OpenSSL writes them."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from congress.policies.bundles.archive import Opened, pack, unpack
from congress.policies.bundles.errors import BundleRefused, SignatureRefused
from congress.policies.bundles.signatures import MOST, Signature

_PURPOSE = b"congress bundle manifest\n"
"""Before the manifest in what is signed, so that a signature for another purpose is none here."""


def key_id(key: Ed25519PublicKey) -> str:
    """The id of a public key: the SHA-256 of its 32 bytes, in hex."""
    return hashlib.sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()


def read_private_key(pem: bytes) -> Ed25519PrivateKey:
    """The private key in a PEM text without password. Raises SignatureRefused."""
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise SignatureRefused(f"this is no private key in PEM without password: {str(error)[:200]}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise SignatureRefused("the private key is not one for Ed25519; make one with `congress bundle keygen`")
    return key


def read_public_key(pem: bytes) -> Ed25519PublicKey:
    """The public key in a PEM text. Raises SignatureRefused."""
    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise SignatureRefused(f"this is no public key in PEM: {str(error)[:200]}") from error
    if not isinstance(key, Ed25519PublicKey):
        raise SignatureRefused("the public key is not one for Ed25519; make one with `congress bundle keygen`")
    return key


def sign(data: bytes, key: Ed25519PrivateKey) -> bytes:
    """The archive with a signature of this key, which replaces an older one of it. Raises BundleRefused."""
    opened = unpack(data)
    ours = key_id(key.public_key())
    raw = key.sign(_PURPOSE + opened.manifest)
    others = [each for each in opened.signatures if each.key != ours]
    signatures = sorted([*others, Signature(ours, base64.b64encode(raw).decode())], key=lambda each: each.key)
    if len(signatures) > MOST:
        raise BundleRefused(f"the bundle has {MOST} signatures already")
    return pack(opened.bundle, signatures)


def verify(opened: Opened, keys: Iterable[Ed25519PublicKey]) -> str:
    """The id of the first of these keys whose signature the bundle has. Raises SignatureRefused."""
    trusted = {key_id(key): key for key in keys}
    if not opened.signatures:
        raise SignatureRefused(f"bundle {opened.bundle.name} {opened.bundle.version} is not signed")
    for each in opened.signatures:
        key = trusted.get(each.key)
        if key is not None:
            _verify(opened, key, each)
            return each.key
    signers = ", ".join(each.key[:16] for each in opened.signatures)
    raise SignatureRefused(
        f"bundle {opened.bundle.name} {opened.bundle.version} is signed by {signers}, none of which is trusted"
    )


def _verify(opened: Opened, key: Ed25519PublicKey, given: Signature) -> None:
    try:
        key.verify(base64.b64decode(given.signature, validate=True), _PURPOSE + opened.manifest)
    except (InvalidSignature, ValueError) as error:
        raise SignatureRefused(
            f"the signature of key {given.key[:16]} does not fit the content of bundle {opened.bundle.name}; "
            "it was changed after it was signed"
        ) from error
