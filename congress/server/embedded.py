"""The service inside a foreign web server, which owns socket, threads and signals."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import ExitStack

from oslo_config import cfg

from congress.api.middleware import Application
from congress.conf import former, paste, paths
from congress.db.session import shown, sqlite_file
from congress.engine.collector import brief_collections
from congress.server import lock, roles
from congress.server.health import Health
from congress.server.node import Node

LOG = logging.getLogger(__name__)


def start(conf: cfg.ConfigOpts) -> tuple[Application, Callable[[], None]]:
    """Start all parts; answers the application and what stops it. Raises CongressError or OSError."""
    for sentence in (*former.warnings(conf), *paste.explain(conf)):
        LOG.warning("%s", sentence)
    url = paths.database_url(conf)
    LOG.info("database %s", shown(url))
    with ExitStack() as cleanup:
        # A second worker over the same file must not start: each would hold other rows.
        if (file := sqlite_file(url)) is not None:
            cleanup.enter_context(lock.take(file.parent))
        cleanup.enter_context(brief_collections())
        health = Health(conf)
        health.serve()
        cleanup.callback(health.stop)
        node = Node(conf, roles.chosen(conf), health)
        cleanup.callback(node.stop)
        application = node.application()
        node.start()
        cleanup.callback(node.drain)
        return application, cleanup.pop_all().close
