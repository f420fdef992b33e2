"""Group history: the record of every row that enters or leaves a watched table."""

from __future__ import annotations

from oslo_config import cfg

GROUP = "history"

OPTIONS = [
    cfg.IntOpt(
        "keep_days",
        default=90,
        min=1,
        help="Days for which changes of watched tables are kept. Since when a row has been there is kept for longer.",
    ),
    cfg.FloatOpt(
        "grace",
        default=5.0,
        min=0,
        help="With several engines: seconds that one that missed updates leaves to the others to record what came and "
        "went meanwhile.",
    ),
    cfg.FloatOpt(
        "compare_period",
        default=300.0,
        min=1,
        help="With several engines: seconds between two comparisons of all watched tables with what is recorded.",
    ),
]
