"""`application` for gunicorn, uWSGI and mod_wsgi: the whole of congress-server but its own listening socket.

Run one worker process with several threads, since tables are in the memory of the process:

    gunicorn --workers 1 --threads 16 --bind 127.0.0.1:1789 congress.wsgi.api:application
    uwsgi --http 127.0.0.1:1789 --processes 1 --threads 16 --enable-threads --lazy-apps --module congress.wsgi.api

The configuration is searched where congress-server searches it; CONGRESS_CONFIG_FILES (names separated by commas)
names it otherwise. Web servers must load this module in the worker (no `--preload`): threads do not survive a fork.
"""

from __future__ import annotations

import atexit
import os

from oslo_config import cfg
from oslo_log import log

import congress.conf
from congress.api.middleware import Application
from congress.server.embedded import start

FILES = "CONGRESS_CONFIG_FILES"


def _application() -> Application:
    conf = congress.conf.register(cfg.CONF)
    files = [name.strip() for name in os.environ.get(FILES, "").split(",") if name.strip()]
    conf([], project="congress", prog="congress-server", default_config_files=files or None)
    log.setup(conf, "congress")
    application, stop = start(conf)
    atexit.register(stop)
    return application


application = _application()
