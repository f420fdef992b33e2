"""Group actions: what keeps automatic actions within bounds."""

from __future__ import annotations

from oslo_config import cfg

GROUP = "actions"

OPTIONS = [
    cfg.IntOpt("concurrency", default=4, min=1, help="Actions that may be under way at a time."),
    cfg.IntOpt("attempts", default=3, min=1, help="How often an action is tried that the cloud did not do."),
    cfg.FloatOpt("retry_delay", default=2.0, min=0, help="Seconds before the second attempt; doubled for each more."),
    cfg.FloatOpt(
        "data_age",
        default=600.0,
        min=0,
        help="Seconds that data may be old from which an action follows. Older data never lead to actions: these wait "
        "until the datasource was read again. 0 sets no limit.",
    ),
    cfg.ListOpt(
        "data_ages",
        default=[],
        help="The same for single datasources, as name=seconds: inventory=86400,alarms=0.",
    ),
    cfg.ListOpt(
        "at_least_once",
        default=[],
        help="Actions, as datasource:action with wildcards, that are done again when it is not known whether they were "
        "done. All others are done at most once, and reported as unknown.",
    ),
    cfg.IntOpt("rate", default=60, min=0, help="How often one action may be started in `rate_period`. 0: no limit."),
    cfg.ListOpt(
        "rates", default=[], help="The same for some actions, as datasource:action=number, with wildcards: nova:*=5."
    ),
    cfg.FloatOpt("rate_period", default=60.0, min=0.1, help="Seconds over which starts are counted."),
    cfg.IntOpt("failures", default=5, min=0, help="Failures of one action in a row after which it rests. 0: never."),
    cfg.FloatOpt(
        "rest", default=300.0, min=0, help="Seconds of such a rest; then a single failure begins another one."
    ),
    cfg.FloatOpt(
        "expiry", default=86_400.0, min=1, help="Seconds after which actions that wait, or wait for approval, expire."
    ),
    cfg.IntOpt("keep_days", default=90, min=1, help="Days for which actions that came to an end are kept."),
]
