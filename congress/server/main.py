"""The life of a server process: start, serve, reload on SIGHUP, drain and leave on SIGTERM."""

from __future__ import annotations

import logging
import signal
import threading

from oslo_config import cfg
from sqlalchemy.engine import make_url

from congress.conf import paths
from congress.server import roles
from congress.server.node import Node
from congress.server.serving import HttpServer

LOG = logging.getLogger(__name__)


def run(conf: cfg.ConfigOpts) -> None:
    """Serve until SIGTERM or SIGINT. Raises CongressError or OSError when the server cannot start."""
    node = Node(conf, roles.chosen(conf))
    stopping = threading.Event()
    _on_signals(conf, stopping)
    LOG.info("state in %s, database %s", paths.state_dir(conf), _without_password(paths.database_url(conf)))
    http: HttpServer | None = None
    try:
        node.start()
        if roles.chosen(conf).api and not stopping.is_set():
            http = _listen(conf, node)
        stopping.wait()
    finally:
        node.drain()
        if http is not None:
            http.stop(conf.api.drain_seconds)
        node.stop()
        LOG.info("stopped")


def _listen(conf: cfg.ConfigOpts, node: Node) -> HttpServer:
    host = paths.bind_host(conf)
    if conf.auth_strategy == "noauth" and host not in ("127.0.0.1", "::1", "localhost"):
        LOG.warning("everybody who can reach %s:%s may do everything: auth_strategy is noauth", host, conf.bind_port)
    http = HttpServer(
        node.application(),
        host=host,
        port=conf.bind_port,
        threads=conf.api.threads,
        connections=conf.api.connections,
        max_body=conf.api.max_body_size,
    )
    http.start()
    for address, port in http.addresses:
        LOG.info("serving on http://%s:%s", f"[{address}]" if ":" in address else address, port)
    return http


def _on_signals(conf: cfg.ConfigOpts, stopping: threading.Event) -> None:
    def leave(number: int, _frame: object) -> None:
        LOG.info("got %s, stopping", signal.Signals(number).name)
        stopping.set()

    def reload(_number: int, _frame: object) -> None:
        # Reading files inside a signal handler could meet a lock that the interrupted thread holds.
        threading.Thread(target=_reload, args=(conf,), name="reload", daemon=True).start()

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)
    signal.signal(signal.SIGHUP, reload)


def _reload(conf: cfg.ConfigOpts) -> None:
    try:
        changed = conf.mutate_config_files()
    except Exception:  # a mistake in the file must not take down a working server
        LOG.exception("the configuration could not be read again; the old one stays in force")
        return
    LOG.info("configuration read again, %s options changed", len(changed))


def _without_password(url: str) -> str:
    return make_url(url).render_as_string(hide_password=True)
