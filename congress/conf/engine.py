"""Group engine: what is evaluated at all times, and what one question may cost."""

from __future__ import annotations

from oslo_config import cfg

GROUP = "engine"

OPTIONS = [
    cfg.FloatOpt(
        "now_period",
        default=1.0,
        min=0.1,
        help="Seconds between two ticks of the table `now`. Costs nothing while no rule mentions it.",
    ),
    cfg.ListOpt(
        "watched_tables",
        default=["error", "warning"],
        help="Tables, by their name in any policy, that are kept up to date with every change of data and whose "
        "changes are recorded; `execute[...]` tables always are. `*` watches every table and so computes all of it.",
    ),
    cfg.IntOpt("query_rows", default=10_000_000, min=1, help="Rows one evaluation may derive before it is stopped."),
    cfg.FloatOpt("query_seconds", default=60.0, min=0.1, help="Seconds one evaluation may take before it is stopped."),
    cfg.IntOpt("remembered_changes", default=1000, min=1, help="Changes of watched tables that are kept for reading."),
    cfg.IntOpt("remembered_rows", default=200_000, min=1, help="Rows in all these changes together."),
]
