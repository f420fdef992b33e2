"""What must not leave the machine, and how it is hidden in texts."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote

from oslo_config import cfg

from congress.cli.doctor import written
from congress.conf import paths
from congress.datasources.masking import Mask, looks_secret
from congress.db.session import password


def mask(conf: cfg.ConfigOpts) -> Mask:
    """Hides the secrets of the configuration, wherever they stand in a text."""
    made = Mask()
    for secret in _secrets(conf):
        made.remember(secret)
    return made


def is_secret(name: str) -> bool:
    """Whether an option of a configuration file is told to nobody: by its name, also in groups of libraries."""
    return looks_secret(name) or name in ("connection", "slave_connection", "transport_url", "memcached_servers")


def _secrets(conf: cfg.ConfigOpts) -> Iterator[str]:
    yield password(paths.database_url(conf))
    for host in str(conf.transport_url or "").partition("://")[2].split(","):
        login = host.rpartition("@")[0]
        yield from (login.partition(":")[2], unquote(login.partition(":")[2]))
    yield from (line.value for line in written.lines(conf) if is_secret(line.name))
