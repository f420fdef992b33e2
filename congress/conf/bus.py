"""Group bus: how table data reaches the engines of other processes."""

from __future__ import annotations

from oslo_config import cfg

GROUP = "bus"

OPTIONS = [
    cfg.FloatOpt(
        "announce_period",
        default=2.0,
        min=0.1,
        help="Seconds between two announcements of the node that publishes table data; an engine that lost something "
        "without noticing learns of it by the next one.",
    ),
    cfg.FloatOpt(
        "demand_period",
        default=2.0,
        min=0.1,
        help="Seconds between two messages in which an engine says which tables it needs.",
    ),
    cfg.FloatOpt(
        "demand_timeout",
        default=15.0,
        min=1.0,
        help="Seconds after which the tables that only a silent engine needed are not sent any more. "
        "Several times `demand_period`.",
    ),
    cfg.FloatOpt(
        "gap_patience",
        default=0.5,
        min=0.0,
        help="Seconds that an engine waits for a missing publication before it reads the tables that changed.",
    ),
    cfg.FloatOpt(
        "answer_timeout",
        default=10.0,
        min=0.5,
        help="Seconds that an engine waits for each part of a table it reads from the publishing node.",
    ),
    cfg.IntOpt(
        "largest_update",
        default=20_000,
        min=1,
        help="Rows of an update above which it is not sent to all engines; each reads the table in parts instead.",
    ),
    cfg.IntOpt(
        "part_size",
        default=2_000_000,
        min=10_000,
        help="Characters of values in one part of a table, about; it travels compressed.",
    ),
    cfg.IntOpt(
        "held_size",
        default=64 * 2**20,
        min=1_000_000,
        help="Characters of messages held at most: by an engine that reads a table, and by a sender whose broker does "
        "not take them. What does not fit is dropped and made good later.",
    ),
]
