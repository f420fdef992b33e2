"""Group DEFAULT, part two: what is set on the connections of clients."""

from __future__ import annotations

from oslo_config import cfg

GROUP = "DEFAULT"

OPTIONS = [
    cfg.BoolOpt("tcp_keepalive", default=False, help="Let the system notice clients that went away without a word."),
    cfg.IntOpt("tcp_keepidle", default=600, min=1, help="Seconds of silence before it looks, with `tcp_keepalive`."),
]
