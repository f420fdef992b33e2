"""How callers prove who they are when the configuration does not say it."""

from __future__ import annotations

from oslo_config import cfg

KEYSTONE = "keystone"
NOAUTH = "noauth"


def strategy(conf: cfg.ConfigOpts) -> str:
    """`keystone` or `noauth`: the configured one; else `keystone` for a server that has a configuration file.

    A server that is started without any file is somebody's first try on one machine; one with a file serves others.
    """
    if conf.auth_strategy:
        return str(conf.auth_strategy)
    return KEYSTONE if conf.config_file or conf.config_dir else NOAUTH
