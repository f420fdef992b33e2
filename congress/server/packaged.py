"""The bundles of a node: whom it trusts, how it tests them, and what it tells of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from oslo_config import cfg

from congress.authoring.bundletests import failures
from congress.db.session import Database
from congress.engine.workspace import Limits, Workspace
from congress.policies.bundles.installed import Bundles
from congress.policies.bundles.installed import Limits as Bounds
from congress.policies.bundles.trust import Trust
from congress.policies.service import PolicyService
from congress.telemetry import metrics

_ACTIVE = metrics.observed(
    "congress_active_bundle", "1 for each version of a bundle of policies that is active.", "bundle", "version"
)


def bundles(conf: cfg.ConfigOpts, policies: PolicyService, database: Database, workspace: Workspace) -> Bundles:
    """The bundles as the configuration wants them. Raises KeysUnusable."""
    trust = Trust([Path(name) for name in conf.bundles.trusted_keys], conf.bundles.require_signature)
    trust.keys()
    limits = Limits(rows=conf.engine.query_rows, seconds=conf.engine.query_seconds)
    tested = partial(failures, limits=limits, seconds=conf.bundles.test_seconds)
    bounds = Bounds(conf.bundles.max_size, conf.bundles.most_versions)
    return Bundles(policies, database, workspace, trust, tested, bounds)


def measure(of: Bundles, revision: Callable[[], int]) -> None:
    """Tell which versions are active; the database is asked when the revision that the engine shows is another one."""
    known: dict[int, dict[str, str]] = {}

    def look() -> dict[tuple[str, ...], float]:
        shown = revision()
        if shown not in known:
            found = of.active()
            known.clear()
            known[shown] = found
        return dict.fromkeys(known[shown].items(), 1.0)

    _ACTIVE.follow(look)
