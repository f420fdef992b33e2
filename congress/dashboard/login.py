"""Exchanges a name and a password for a token of Keystone, for a browser that cannot reach Keystone itself."""

from __future__ import annotations

import logging
from typing import NamedTuple

from keystoneauth1.exceptions import ClientException, HttpError, Unauthorized
from keystoneauth1.identity.generic import Password
from keystoneauth1.session import Session
from oslo_config import cfg

from congress.conf import authentication
from congress.errors import CongressError

LOG = logging.getLogger(__name__)

_REFUSED = (400, 401, 403, 404)
"""How Keystone says that a login cannot be; 404 of a project that it does not know."""


class LoginRefused(CongressError):
    """Keystone does not accept the login."""


class KeystoneAway(CongressError):
    """Keystone cannot be asked."""


class Wanted(NamedTuple):
    """Who wants to log in. `project` None: with the roles on the system."""

    user: str
    password: str
    domain: str
    project: str | None

    def __repr__(self) -> str:
        return f"Wanted(user={self.user!r}, domain={self.domain!r}, project={self.project!r})"


class Granted(NamedTuple):
    """A token and whom it is for; all of it None where none is needed. `expires_at`: UTC, ISO 8601."""

    auth: str
    token: str | None = None
    user: str | None = None
    project: str | None = None
    roles: tuple[str, ...] = ()
    expires_at: str | None = None


class Login:
    """Logs in at the Keystone of the configuration."""

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        self._conf = conf
        self.is_offered = bool(conf.dashboard.enabled)
        self.strategy = authentication.strategy(conf)

    def token(self, wanted: Wanted) -> Granted:
        """A token. Raises LoginRefused, KeystoneAway."""
        if self.strategy != authentication.KEYSTONE:
            return Granted(self.strategy)
        plugin = Password(
            auth_url=self._url(),
            username=wanted.user,
            password=wanted.password,
            user_domain_name=wanted.domain,
            project_name=wanted.project,
            project_domain_name=wanted.domain if wanted.project else None,
            system_scope=None if wanted.project else "all",
        )
        try:
            access = plugin.get_access(self._session())
        except HttpError as error:
            if isinstance(error, Unauthorized) or error.http_status in _REFUSED:
                LOG.info("Keystone did not log in user %r for the dashboard", wanted.user)
                raise LoginRefused(
                    "Keystone does not accept this: name, password and domain must be right, and the user must have a "
                    f"role {'in the project' if wanted.project else 'on the system'}."
                ) from None
            raise self._away(error) from None
        except ClientException as error:
            raise self._away(error) from None
        LOG.info("user %s logged in to the dashboard", access.user_id)
        return Granted(
            self.strategy,
            access.auth_token,
            access.username,
            access.project_name,
            tuple(access.role_names or ()),
            access.expires.isoformat() if access.expires else None,
        )

    def _url(self) -> str:
        section = self._conf.keystone_authtoken
        found = self._conf.dashboard.keystone_url or getattr(section, "auth_url", None) or section.www_authenticate_uri
        if not found:
            raise KeystoneAway("The server does not know where Keystone is; set keystone_url in section [dashboard].")
        return str(found)

    def _session(self) -> Session:
        section = self._conf.keystone_authtoken
        verify = False if section.insecure else (section.cafile or True)
        return Session(verify=verify, timeout=self._conf.dashboard.login_seconds)

    def _away(self, error: Exception) -> KeystoneAway:
        LOG.error("Keystone could not be asked to log somebody in: %s", type(error).__name__)
        return KeystoneAway("Keystone cannot be asked at the moment; try again later.")
