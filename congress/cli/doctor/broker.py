"""Looks at the message broker: does each of its nodes let us in?"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from typing import Any

from oslo_config import cfg

from congress.cli.doctor import written
from congress.cli.doctor.findings import Finding
from congress.conf import paths
from congress.db.session import sqlite_file

PART, SECONDS = "broker", 3.0
_GROUP = "oslo_messaging_rabbit"


def look(conf: cfg.ConfigOpts) -> Iterator[Finding]:
    """One finding, or one for each node that does not answer."""
    if not conf.transport_url:
        if sqlite_file(paths.database_url(conf)) is None:
            said = "none is configured, though the database is one that several servers may share"
            yield Finding(PART, "attention", said, "with more than one server, set transport_url")
        else:
            yield Finding(PART, "well", "none is configured: one process is all there is")
        return
    # Imported here, because an installation without a broker should not pay for the library.
    from congress.bus import oslo  # noqa: F401 - prepares the libraries for threads

    # isort: split
    from oslo_messaging import TransportURL

    url = TransportURL.parse(cfg.ConfigOpts(), conf.transport_url)
    if url.transport not in ("rabbit", "kombu"):
        yield Finding(PART, "well", f"{url.transport}: not looked at, only RabbitMQ is")
        return
    refused = {f"{host.hostname}:{host.port or 5672}": why for host in url.hosts if (why := _why_not(conf, url, host))}
    for name, why in refused.items():
        state: Any = "wrong" if len(refused) == len(url.hosts) else "attention"
        yield Finding(PART, state, f"{name} does not let us in: {why}", _advice(why))
    if len(refused) < len(url.hosts):
        yield Finding(PART, "well", f"{len(url.hosts) - len(refused)} of {len(url.hosts)} nodes let us in")


def _why_not(conf: cfg.ConfigOpts, url: Any, host: Any) -> str | None:
    from kombu.connection import Connection

    connection: Any = Connection(  # type: ignore[no-untyped-call]
        hostname=host.hostname,
        port=host.port or 5672,
        userid=host.username or "guest",
        password=host.password or "guest",
        virtual_host=url.virtual_host or "/",
        ssl=_tls(conf),
        connect_timeout=SECONDS,
    )
    try:
        connection.connect()
    except Exception as error:  # the library lets many kinds through
        return (str(error).splitlines() or [type(error).__name__])[0]
    finally:
        connection.release()
    return None


def _tls(conf: cfg.ConfigOpts) -> Any:
    """What the files say in the library's group, as far as a connection needs it; False without TLS."""
    said = {line.name: line.value for line in written.lines(conf) if line.group == _GROUP}
    if said.get("ssl", "").lower() not in ("true", "1", "yes", "on"):
        return False
    names = {"ca_certs": "ssl_ca_file", "certfile": "ssl_cert_file", "keyfile": "ssl_key_file"}
    found: dict[str, Any] = {ours: said[theirs] for ours, theirs in names.items() if theirs in said}
    return found | {"cert_reqs": ssl.CERT_REQUIRED if "ca_certs" in found else ssl.CERT_NONE}


def _advice(why: str) -> str:
    if "ACCESS_REFUSED" in why or "403" in why:
        return "user, password or permissions: rabbitmqctl list_user_permissions"
    if "NOT_ALLOWED" in why or "530" in why:
        return "the virtual host is missing: rabbitmqctl add_vhost"
    return "is RabbitMQ running there, and does the firewall let us pass?"
