"""Group healthcheck: who may ask how the process is, and when it counts as stuck."""

from __future__ import annotations

from oslo_config import cfg

GROUP = "healthcheck"
DATASOURCES_PORT = 1790
"""Where a node without an API answers, so that a supervisor can ask it although its configuration is an old one."""

OPTIONS = [
    cfg.HostAddressOpt(
        "bind_host",
        default="127.0.0.1",
        help="Address of the socket on which a thread of its own answers `/healthcheck/live`, `/healthcheck/ready` and "
        "`/metrics`, to everybody and also when nothing else works. Load balancers ask there.",
    ),
    cfg.PortOpt(
        "port",
        sample_default="1790 for `--datasources` without `--api`, else 0",
        help="Its port; 0 for none, then only the API's socket answers, if there is one.",
    ),
    cfg.FloatOpt(
        "engine_seconds",
        default=5.0,
        min=0.1,
        help="Seconds for which the policy engine may let a reader wait before the server counts as not ready.",
    ),
    cfg.FloatOpt(
        "api_seconds",
        default=5.0,
        min=0.1,
        help="Seconds for which the API may leave a request of the server's own unanswered before it counts as not "
        "ready.",
    ),
    cfg.FloatOpt(
        "stuck_seconds",
        default=180.0,
        min=1.0,
        help="Seconds after which a policy engine or an API that still does not answer counts as dead, which "
        "`/healthcheck/live` tells supervisors. More than `query_seconds` in group `engine`.",
    ),
    cfg.FloatOpt(
        "database_seconds",
        default=10.0,
        min=0.1,
        help="Seconds for which the database may be out of reach before the server counts as not ready.",
    ),
    cfg.FloatOpt(
        "behind_seconds",
        default=10.0,
        min=0.0,
        help="Seconds for which another API node may show newer data of the datasources, or an update that this one "
        "knows to miss may be on its way, before the server counts as not ready; 0: not for a moment, and others are "
        "not looked at.",
    ),
    cfg.FloatOpt(
        "data_seconds",
        default=0.0,
        min=0.0,
        help="Seconds without a word from the datasources about a table that rules need before the server counts as "
        "not ready; 0 for any time, then only the header `X-Congress-Data-Age` tells.",
    ),
]


def port(conf: cfg.ConfigOpts) -> int:
    """The port of the socket; 0 for none."""
    if conf.healthcheck.port is not None:
        return int(conf.healthcheck.port)
    return DATASOURCES_PORT if conf.role_datasources and not conf.role_api else 0
