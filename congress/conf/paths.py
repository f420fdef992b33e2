"""Where things are when the configuration does not say it."""

from __future__ import annotations

import os
from pathlib import Path

from oslo_config import cfg

from congress.conf.authentication import NOAUTH, strategy

_SYSTEM_STATE = Path("/var/lib/congress")


def state_dir(conf: cfg.ConfigOpts) -> Path:
    """The state directory, which need not exist yet."""
    if conf.state_dir:
        return Path(conf.state_dir).expanduser().resolve()
    if os.access(_SYSTEM_STATE, os.W_OK):
        return _SYSTEM_STATE
    return Path("var/congress").resolve()


def database_url(conf: cfg.ConfigOpts) -> str:
    """The SQLAlchemy URL of the database: the configured one, else a SQLite file in the state directory."""
    return str(conf.database.connection or f"sqlite:///{state_dir(conf) / 'congress.sqlite'}")


def key_dir(conf: cfg.ConfigOpts) -> Path:
    """The directory of the key that encrypts datasource secrets."""
    return Path(conf.encryption_key_path).resolve() if conf.encryption_key_path else state_dir(conf) / "keys"


def bind_host(conf: cfg.ConfigOpts) -> str:
    """The address to listen on: without authentication only the loopback one, unless an address was configured."""
    if conf.bind_host:
        return str(conf.bind_host)
    return "127.0.0.1" if strategy(conf) == NOAUTH else "0.0.0.0"  # noqa: S104 - callers are authenticated then
