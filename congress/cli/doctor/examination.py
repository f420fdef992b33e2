"""The whole examination: every part, one after the other."""

from __future__ import annotations

from collections.abc import Callable

from oslo_config import cfg

from congress.cli.doctor import broker, configuration, processes, sources, store
from congress.cli.doctor.findings import Finding, Look, look_at
from congress.cli.doctor.hiding import mask

PARTS: tuple[tuple[str, Look], ...] = (
    ("configuration", configuration.look),
    ("database", store.look),
    ("clock", store.look_at_clock),
    ("broker", broker.look),
    ("server", processes.look),
    ("nodes", processes.look_at_nodes),
    ("datasources", sources.look),
)
_NEED_DATABASE = frozenset({"clock", "nodes", "datasources"})


def examine(conf: cfg.ConfigOpts, hide: Callable[[str], str] | None = None) -> list[Finding]:
    """All findings, without secrets. Parts that need the database are left out when that is wrong."""
    hidden = hide or mask(conf)
    found: list[Finding] = []
    for part, look in PARTS:
        if part in _NEED_DATABASE and any(each.part == "database" and each.state == "wrong" for each in found):
            continue
        found += look_at(part, look, conf, hidden)
    return found
