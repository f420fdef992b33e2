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
    cfg.IntOpt(
        "explain_nodes",
        default=200,
        min=1,
        max=5000,
        help="Premises that the explanation stored with a change may have; what is more is cut.",
    ),
    cfg.FloatOpt(
        "explain_seconds",
        default=0.02,
        min=0,
        max=1,
        help="How long a change of data or policies may be held up to explain what it opened and closed, in seconds. "
        "A single explanation may take ten times as long. What is not explained then is explained afterwards, little "
        "by little, until the next change.",
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
