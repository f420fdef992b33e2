"""Sends events to an address, signed so that the receiver can tell who sent them, and that nobody changed them."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

import requests

from congress.datasources import transport
from congress.datasources.contract import DriverError
from congress.datasources.masking import without_logins
from congress.outgoing.errors import NotDelivered, WebhookInvalid

SIGNATURE: Final = "X-Congress-Signature"
DELIVERY: Final = "X-Congress-Delivery"
_LONGEST = 2000
_SAID = 200
"""Characters of an answer that are kept, for whoever looks for the reason of a failure."""


def checked(url: str) -> str:
    """The address, when events can be sent to it. Raises WebhookInvalid."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError as error:
        raise WebhookInvalid(f"the address of the webhook cannot be read: {error}") from error
    if parts.scheme not in ("http", "https") or not host or len(url) > _LONGEST:
        raise WebhookInvalid("the address of the webhook must be like https://host/path")
    if parts.username or parts.password:
        raise WebhookInvalid("the address of the webhook must hold no password; what is sent is signed instead")
    if transport.bounds().refuses(host):
        raise WebhookInvalid(f"{host} is an address that requests are not sent to (option refused_networks)")
    return url


def signature(secret: str, body: bytes, now: float) -> str:
    """What `X-Congress-Signature` says: `t=<seconds since 1970>,v1=<HMAC-SHA256 of "<t>.<body>", in hexadecimal>`."""
    moment = str(int(now))
    digest = hmac.new(secret.encode(), moment.encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"


class Poster:
    """Sends bodies. Redirects are not followed: they would lead a signed body to somebody nobody named."""

    def __init__(self, timeout: float, clock: Callable[[], float] = time.time) -> None:
        self._timeout, self._clock = timeout, clock
        self._session = transport.session()

    def post(self, url: str, secret: str, body: str, delivery: str) -> None:
        """Send one body. Raises NotDelivered when it is not answered with a status from 200 to 299."""
        raw = body.encode()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "congress",
            DELIVERY: delivery,
            SIGNATURE: signature(secret, raw, self._clock()),
        }
        try:
            answer = self._session.post(url, data=raw, headers=headers, timeout=self._timeout, allow_redirects=False)
        except (requests.RequestException, DriverError) as error:
            raise NotDelivered(without_logins(str(error))[:500]) from error
        if not 200 <= answer.status_code < 300:
            said = answer.text[:_SAID].strip()
            raise NotDelivered(f"answered with {answer.status_code}" + (f": {said}" if said else ""))
