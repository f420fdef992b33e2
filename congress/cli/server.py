"""`congress-server`: the service."""

from __future__ import annotations

import importlib.metadata
import sys
from collections.abc import Sequence

from oslo_config import cfg
from oslo_log import log

import congress.conf
from congress.errors import CongressError
from congress.server import main as server


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the server; the exit status is 0 after a stop by signal, 1 when it could not start."""
    conf = congress.conf.register(cfg.CONF)
    log.set_defaults(default_log_levels=[*log.get_default_log_levels(), "waitress=WARNING", "alembic=WARNING"])
    try:
        conf(arguments, project="congress", prog="congress-server", version=importlib.metadata.version("congress"))
        log.setup(conf, "congress")
        server.run(conf)
    except (CongressError, OSError, cfg.Error) as error:
        print(f"congress-server: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
