"""Senders of data that have no token but the secret of the one datasource they send to."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Any

import falcon

from congress.api.errors import bare
from congress.api.middleware import Environ

ACCEPTED = frozenset({"congress:webhook:notify", "congress:rows:replace"})
"""The rules of the operations that a secret opens, for its own datasource."""


def presents_secret(environ: Environ) -> bool:
    """Whether the request shows a secret and no token; a token, when there is one, decides alone."""
    return not environ.get("HTTP_X_AUTH_TOKEN") and shown(environ.get("HTTP_AUTHORIZATION")) is not None


def shown(header: str | None) -> str | None:
    """The secret in an `Authorization` header: `Bearer <secret>`, or the password of `Basic`.

    Many senders can be told an address and nothing else; they send the password of `http://x:<secret>@host/` as Basic.
    """
    scheme, _, value = (header or "").strip().partition(" ")
    if scheme.lower() == "bearer":
        return value.strip() or None
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(value.strip(), validate=True).decode().partition(":")[2] or None
    except (binascii.Error, UnicodeDecodeError):
        return None


class Senders:
    """Lets senders through. `opens(datasource, secret)`: whether the secret is valid for the datasource now."""

    def __init__(self, opens: Callable[[str, str], bool]) -> None:
        self._opens = opens

    def admit(self, request: falcon.Request, rule: str | None, parameters: dict[str, Any]) -> bool:
        """Whether the request comes with the right secret. Raises ApiError with 401 when it comes with a wrong one."""
        if rule not in ACCEPTED or not presents_secret(request.env):
            return False
        secret = shown(request.env.get("HTTP_AUTHORIZATION"))
        if secret is None or not self._opens(str(parameters["datasource"]), secret):
            raise bare(401, "The secret is not valid for this datasource; have an administrator give you a new one.")
        return True
