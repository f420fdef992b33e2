"""Sends reports to Congress over HTTP: with a token of Keystone, the secret of the datasource, or neither."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from keystoneauth1 import loading
from keystoneauth1.exceptions import ClientException
from oslo_config import cfg

from congress.errors import CongressError


class NotSent(CongressError):
    """Congress did not take a report; the text says why."""


class Sender:
    """One connection to Congress, configured by group `congress`."""

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        """Raises NotSent when the configuration names no address."""
        group = conf.congress
        self._logs_in = bool(group.auth_type)
        auth = loading.load_auth_from_conf_options(conf, "congress") if self._logs_in else None
        self._session = loading.load_session_from_conf_options(conf, "congress", auth=auth)
        self._endpoint, self._service_type = group.endpoint_override, group.service_type
        self._path = f"/v1/data-sources/{quote(group.datasource, safe='')}/tables/host/rows"
        self._headers = {"Authorization": f"Bearer {group.datasource_secret}"} if group.datasource_secret else {}
        if not self._endpoint and not self._logs_in:
            raise NotSent("set `endpoint_override` in group [congress], e.g. http://controller:1789, or how to log in")

    def send(self, report: dict[str, Any]) -> None:
        """Replace what Congress knows of this host. Raises NotSent."""
        where: dict[str, Any] = {"endpoint_override": self._endpoint.rstrip("/")} if self._endpoint else {}
        if self._logs_in:
            where["endpoint_filter"] = {"service_type": self._service_type}
        url = where["endpoint_override"] + self._path if not self._logs_in else self._path
        try:
            self._session.request(
                url, "PUT", json=[report], headers=self._headers, authenticated=self._logs_in, log=False, **where
            )
        except ClientException as error:
            raise NotSent(f"Congress did not take the report: {error}") from error
