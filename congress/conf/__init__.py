"""Every option of the service: one file per group, registered here, documented by `congress.conf.reference`."""

from __future__ import annotations

from collections.abc import Sequence

from oslo_config import cfg
from oslo_db import options as db_options
from oslo_log import log
from oslo_middleware import cors
from oslo_middleware import http_proxy_to_wsgi as proxy

from congress.conf import (
    actions,
    api,
    bundles,
    bus,
    dashboard,
    datasources,
    default,
    dse,
    engine,
    events,
    former,
    healthcheck,
    history,
    json_ingester,
    lease,
    listening,
    messaging,
    paste,
    synchronisation,
    tracing,
)

_OWN = (
    default,
    listening,
    messaging,
    paste,
    synchronisation,
    api,
    bundles,
    dashboard,
    bus,
    dse,
    engine,
    history,
    events,
    actions,
    datasources,
    json_ingester,
    lease,
    healthcheck,
    tracing,
)


def list_opts() -> list[tuple[str, Sequence[cfg.Opt]]]:
    """Our own options by group, for `oslo-config-generator` and the reference page."""
    return [("DEFAULT", [*default.CLI_OPTIONS, *default.ROLES]), *((module.GROUP, module.OPTIONS) for module in _OWN)]


def register(conf: cfg.ConfigOpts) -> cfg.ConfigOpts:
    """Make all options known to `conf`, ours and those of the libraries, and answer `conf`."""
    conf.register_cli_opts(default.CLI_OPTIONS)
    conf.register_cli_opts(default.ROLES)
    for module in _OWN:
        conf.register_opts(module.OPTIONS, group=None if module.GROUP == "DEFAULT" else module.GROUP)
    former.register(conf)
    log.register_options(conf)
    set_library_defaults()
    db_options.set_defaults(conf, connection=None)
    conf.register_opts(proxy.OPTS, "oslo_middleware")
    return conf


def set_library_defaults() -> None:
    """Give options of libraries the defaults that they have here, also in the sample of `oslo-config-generator`."""
    cors.set_defaults(
        allow_headers=["X-Auth-Token", "X-OpenStack-Request-ID", "X-Identity-Status", "X-Roles", "X-Service-Catalog",
                       "X-User-Id", "X-Tenant-Id"],
        expose_headers=["X-Auth-Token", "X-OpenStack-Request-ID", "X-Subject-Token", "X-Service-Token"],
        allow_methods=["GET", "PUT", "POST", "DELETE", "PATCH"],
    )  # fmt: skip
