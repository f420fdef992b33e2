"""Signatures as an archive holds them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from congress.policies.bundles.content import refuse_unfit

SIGNATURES = "signatures.json"
MOST = 16
"""Signatures of one bundle."""
_SCHEMA: Mapping[str, Any] = {
    "type": "array",
    "minItems": 1,
    "maxItems": MOST,
    "items": {
        "type": "object",
        "additionalProperties": False,
        "required": ["key", "signature"],
        "properties": {
            "key": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            "signature": {"type": "string", "maxLength": 88},
        },
    },
}


@dataclass(frozen=True, slots=True)
class Signature:
    """`key`: the id of the public key; `signature`: 64 bytes in base64."""

    key: str
    signature: str

    def to_data(self) -> dict[str, str]:
        """As JSON-ready data."""
        return {"key": self.key, "signature": self.signature}


def signatures_from(data: Any) -> tuple[Signature, ...]:
    """The signatures in a file of an archive. Raises BundleRefused."""
    refuse_unfit(data, _SCHEMA, SIGNATURES)
    return tuple([Signature(each["key"], each["signature"]) for each in data])
