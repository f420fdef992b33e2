"""Group DEFAULT: how engines that share a database learn what others wrote."""

from __future__ import annotations

from oslo_config import cfg

GROUP = "DEFAULT"
REPLICATED_PERIOD = 1.0

OPTIONS = [
    cfg.BoolOpt(
        "replicated_policy_engine",
        default=False,
        help="Whether other policy engines work on the same database. Then it is looked every second whether one of "
        "them wrote something, beside being told over the bus; with `transport_url` that is so anyway. Writing is "
        "safe with either value: a change is only accepted on top of all that came before, and no tables are locked, "
        "so Galera can be used.",
    ),
    cfg.FloatOpt(
        "datasource_sync_period",
        default=60.0,
        min=0.0,
        help="Seconds between two looks at the database for policies, rules and datasources that others changed; "
        "at most one second with `replicated_policy_engine` or `transport_url`. 0 means 60.",
    ),
]


def period(conf: cfg.ConfigOpts) -> float:
    """Seconds between two looks."""
    asked = float(conf.datasource_sync_period) or 60.0
    # Who has a broker has other nodes, and what they say can get lost.
    shared = conf.replicated_policy_engine or conf.transport_url
    return min(asked, REPLICATED_PERIOD) if shared else asked
