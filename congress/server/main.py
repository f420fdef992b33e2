"""The life of a server process: start, serve, reload on SIGHUP, drain and leave on SIGTERM."""

from __future__ import annotations

import logging
import signal
import threading
from contextlib import ExitStack

from oslo_config import cfg

from congress.conf import authentication, former, paste, paths
from congress.db import waiting
from congress.db.session import shown, sqlite_file
from congress.engine.collector import brief_collections
from congress.errors import CongressError
from congress.server import departure, lock, roles
from congress.server.health import Health
from congress.server.node import Node
from congress.server.serving import HttpServer

LOG = logging.getLogger(__name__)


class AddressUnavailable(CongressError):
    """The address cannot be listened on; the text says which and why."""


class Replaced(CongressError):
    """The process stopped because another one has taken its place; the text says which."""


STOP_SECONDS = 4.5
"""After so long a process that was told to stop leaves, whatever still hangs."""


def run(conf: cfg.ConfigOpts) -> None:
    """Serve until SIGTERM or SIGINT. Raises CongressError or OSError when the server cannot start.

    The address is taken before anything is read or written, so that a server that cannot serve changes nothing.
    """
    health = Health(conf)
    _on_signals(conf, health.stopping)
    try:
        _serve(conf, health)
    except waiting.Stopped:
        LOG.info("told to stop before the start was over")
    LOG.info("stopped")
    if health.left_because is not None:
        raise Replaced(health.left_because)


def _serve(conf: cfg.ConfigOpts, health: Health) -> None:
    for sentence in (*former.warnings(conf), *paste.explain(conf)):
        LOG.warning("%s", sentence)
    plays = roles.chosen(conf)
    url = paths.database_url(conf)
    LOG.info("database %s", shown(url))
    with ExitStack() as cleanup:
        cleanup.enter_context(brief_collections())
        health.serve()
        cleanup.callback(health.stop)
        if (file := sqlite_file(url)) is not None:
            cleanup.enter_context(lock.take(file.parent))
        node = Node(conf, plays, health)
        cleanup.callback(node.stop)
        http = _listen(conf, node) if plays.api else None
        node.start()
        if http is not None:
            http.start()
            _announce(conf, http)
            health.watch_api(http.addresses[0])
        health.stopping.wait()
        departure.limit(_stop_seconds(conf))
        node.drain()
        if http is not None:
            http.stop(conf.api.drain_seconds)


def _listen(conf: cfg.ConfigOpts, node: Node) -> HttpServer:
    host = paths.bind_host(conf)
    try:
        http = HttpServer(
            node.application(),
            host=host,
            port=conf.bind_port,
            threads=conf.api.threads,
            connections=conf.api.connections,
            max_body=conf.api.max_body_size,
        )
    except (OSError, ValueError) as error:
        raise AddressUnavailable(
            f"cannot listen on {host} port {conf.bind_port}: {error}; choose others with --bind-host and --bind-port"
        ) from error
    if conf.tcp_keepalive:
        http.keep_alive(conf.tcp_keepidle)
    return http


def _announce(conf: cfg.ConfigOpts, http: HttpServer) -> None:
    for address, port in http.addresses:
        LOG.info("serving on http://%s:%s", f"[{address}]" if ":" in address else address, port)
        if authentication.strategy(conf) == authentication.NOAUTH and address not in ("127.0.0.1", "::1"):
            LOG.warning("everybody who can reach port %s may do everything: auth_strategy is noauth", port)


def _stop_seconds(conf: cfg.ConfigOpts) -> float:
    return max(STOP_SECONDS, float(conf.api.drain_seconds) + 1.5)


def _on_signals(conf: cfg.ConfigOpts, stopping: threading.Event) -> None:
    def leave(number: int, _frame: object) -> None:
        LOG.info("got %s, stopping", signal.Signals(number).name)
        stopping.set()
        departure.limit(_stop_seconds(conf))  # here too, since a start may hang as well

    def reload(_number: int, _frame: object) -> None:
        # Reading files inside a signal handler could meet a lock that the interrupted thread holds.
        threading.Thread(target=_reload, args=(conf,), name="reload", daemon=True).start()

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)
    signal.signal(signal.SIGHUP, reload)


def _reload(conf: cfg.ConfigOpts) -> None:
    try:
        changed = conf.mutate_config_files()
    except (Exception, SystemExit):  # oslo.config leaves the program over some mistakes; a working server must not
        LOG.exception("the configuration could not be read again; the old one stays in force")
        return
    LOG.info("configuration read again, %s options changed", len(changed))
