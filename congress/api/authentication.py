"""Has Keystone say who the caller is."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from keystoneauth1.exceptions import ClientException
from keystonemiddleware.auth_token import AuthProtocol
from oslo_config import cfg

from congress.api import senders
from congress.api.middleware import Application, Environ, StartResponse, error
from congress.errors import CongressError

LOG = logging.getLogger(__name__)

CONFIRMED = "congress.identity_confirmed"
"""The key of the WSGI environment that says that Keystone confirmed the token; no header of a request can set it."""

_NO_TOKEN = (
    "The request needs authentication: a token of Keystone in the header X-Auth-Token, valid and not expired."  # noqa: S105
)
_NO_KEYSTONE = "Keystone cannot be asked about the token at the moment; try again later."


class KeystoneNotConfigured(CongressError):
    """The section [keystone_authtoken] does not say how to reach Keystone."""


class Authentication:
    """Passes on what comes with a valid token; answers the rest with 401, or with 503 when nobody can tell.

    What lies outside `/v1` and `/metrics`, and what a sender of data without a token sends, is passed on unconfirmed.
    That is a matter of convenience and not of safety: `congress.api.access` decides by the route, and
    trusts CONFIRMED only.
    """

    def __init__(self, application: Application, conf: cfg.ConfigOpts) -> None:
        """Raises KeystoneNotConfigured."""
        self._application = application
        local = {"oslo_config_config": conf, "delay_auth_decision": False}
        try:
            self._protocol = AuthProtocol(self._confirmed, local)
        except ClientException as failure:
            raise KeystoneNotConfigured(f"section [keystone_authtoken] cannot be used: {failure}") from failure
        if not (conf.keystone_authtoken.auth_type or conf.keystone_authtoken.auth_section):
            raise KeystoneNotConfigured(
                "auth_strategy is keystone, but section [keystone_authtoken] has no auth_type: say there how to log in "
                "(docs/authentication.md), or set auth_strategy = noauth"
            )

    def __call__(self, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        if not _needs_token(environ) or senders.presents_secret(environ):
            return self._application(environ, start)
        held: list[Any] = []
        try:
            answer: Iterable[bytes] = self._protocol(environ, lambda *given: held.extend(given))
        except ClientException as failure:
            LOG.error("Keystone cannot be asked: %s", failure)
            return error(start, "503 Service Unavailable", _NO_KEYSTONE)
        if environ.get(CONFIRMED):
            start(*held)
            return answer
        if not held[0].startswith("401"):
            return error(start, "503 Service Unavailable", _NO_KEYSTONE)
        challenge = [(name, value) for name, value in held[1] if name.lower() == "www-authenticate"]
        return error(start, "401 Unauthorized", _NO_TOKEN, challenge)

    def _confirmed(self, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        environ[CONFIRMED] = True
        return self._application(environ, start)


def _needs_token(environ: Environ) -> bool:
    # The router ignores slashes at the beginning, so they count for nothing here, either.
    return str(environ.get("PATH_INFO", "")).lstrip("/").partition("/")[0] in ("v1", "metrics")
