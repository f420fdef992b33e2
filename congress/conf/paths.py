"""Where things are when the configuration does not say it."""

from __future__ import annotations

import os
from pathlib import Path

from oslo_config import cfg

from congress.conf.authentication import NOAUTH, strategy

_SYSTEM_STATE = Path("/var/lib/congress")
FORMER_KEYS = Path("/etc/congress/keys")
"""Where the original Congress kept the key when its configuration did not say it."""


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
    """The directory of the key that encrypts datasource secrets.

    The configured one; else the original's if it has a key and this program has none, since a database of the original
    is worth nothing with another key; else one in the state directory.
    """
    if conf.encryption_key_path:
        return Path(conf.encryption_key_path).resolve()
    own = state_dir(conf) / "keys"
    return own if own.exists() or not os.access(FORMER_KEYS / "aes_key", os.R_OK) else FORMER_KEYS


def bind_host(conf: cfg.ConfigOpts) -> str:
    """The address to listen on: without authentication only the loopback one, unless an address was configured."""
    if conf.bind_host:
        return str(conf.bind_host)
    return "127.0.0.1" if strategy(conf) == NOAUTH else "0.0.0.0"  # noqa: S104 - callers are authenticated then
