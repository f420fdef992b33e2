"""Group dse: which installation a process belongs to; the group's name is that of the original."""

from __future__ import annotations

from oslo_config import cfg

GROUP = "dse"

OPTIONS = [
    cfg.StrOpt(
        "bus_id",
        default="bus",
        regex=r"^[A-Za-z0-9_.-]{1,64}$",
        help="The name of this installation on the message broker. Processes hear each other when theirs are equal.",
    ),
]
