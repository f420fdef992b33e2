"""Group api: what one client may ask of the server."""

from __future__ import annotations

from oslo_config import cfg

GROUP = "api"

OPTIONS = [
    cfg.IntOpt(
        "threads",
        default=16,
        min=1,
        max=1000,
        help="Requests that are worked on at the same time; at most half of them may wait for changes "
        "or for a policy revision.",
    ),
    cfg.IntOpt("connections", default=1000, min=1, help="Connections that are kept open at the same time."),
    cfg.IntOpt(
        "max_body_size",
        default=16 * 1024 * 1024,
        min=1024,
        max=1024**3,
        help="Largest request body in bytes; a larger one is answered with 413.",
    ),
    cfg.IntOpt("max_body_depth", default=64, min=2, max=500, help="Deepest nesting of lists and objects in a body."),
    cfg.FloatOpt(
        "revision_wait",
        default=5.0,
        min=0.0,
        max=60.0,
        help="How long a request may be held back until the policy revision that it asks for "
        "(`X-Congress-Min-Revision`) is known, in seconds; then it is answered with 503. "
        "A revision that the database does not know either is answered so at once.",
    ),
    cfg.IntOpt(
        "streams",
        default=200,
        min=0,
        help="Clients that may follow `/v1/events` as a stream at the same time; each takes one of the "
        "connections, and no thread.",
    ),
    cfg.FloatOpt(
        "stream_seconds",
        default=900.0,
        min=1.0,
        help="How long such a stream lasts before the client has to come back, and to show again that it may, "
        "in seconds.",
    ),
    cfg.FloatOpt(
        "drain_seconds",
        default=3.0,
        min=0.0,
        help="How long requests that are being worked on may go on after SIGTERM, in seconds.",
    ),
]
