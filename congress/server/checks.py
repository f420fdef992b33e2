"""Readiness checks over what other parts tell about themselves."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping

from congress.telemetry.readiness import Check

_NAMED = 5


def not_behind(lag: Callable[[], int | None], source: str = "the database") -> Check:
    """Not ready while policies are behind: `lag` in revisions, None while it is not known."""

    def check() -> str | None:
        behind = lag()
        if behind is None:
            return f"it is not known whether the policies are those of {source}"
        return f"the policies are {behind} revisions behind {source}" if behind > 0 else None

    return check


def received(
    missing: Callable[[], Collection[str]], patience: float = 0.0, clock: Callable[[], float] = time.monotonic
) -> Check:
    """Not ready while tables that rules need miss an update for `patience` seconds. Without patience, a large update
    that all engines fetch at the same time would leave nobody to answer."""
    since: float | None = None

    def check() -> str | None:
        nonlocal since
        names, now = missing(), clock()
        if not names:
            since = None
            return None
        since = now if since is None else since
        return f"waiting for tables: {_some(names)}" if now - since >= patience else None

    return check


def followed(
    sources: Callable[[], Collection[str] | None],
    publisher: Callable[[], str | None],
    is_known: Callable[[], bool],
    patience: float,
    clock: Callable[[], float] = time.monotonic,
) -> Check:
    """Not ready until the tables of the datasources were received once.

    `sources`: the datasources, None while they are not loaded; `publisher`: the node that reads them, None while none
    was heard of; `is_known`: whether everything that it has published is here. Where there were no datasources at
    first, nothing was missed: when the first one is created, the node that reads it has `patience` seconds.
    """
    had_none_at: float | None = None
    is_done = False

    def check() -> str | None:
        nonlocal had_none_at, is_done
        names, now = sources(), clock()
        if names is not None and not names:
            had_none_at = now
        is_done = is_done or (bool(names) and publisher() is not None and is_known())
        if is_done or not names or (had_none_at is not None and now - had_none_at < patience):
            return None
        if publisher() is None:
            return "no node that reads the datasources was heard of"
        return "the tables of the datasources are being fetched"

    return check


def younger(limit: float, ages: Callable[[], Mapping[str, float]]) -> Check:
    """Not ready while some table was not heard of for `limit` seconds; 0 for no limit."""

    def check() -> str | None:
        if limit <= 0:
            return None
        old = [name for name, age in ages().items() if age > limit]
        return f"no word for more than {limit:g} s about tables: {_some(old)}" if old else None

    return check


def reachable(what: str, limit: float, silence: Callable[[], float]) -> Check:
    """Not ready while something was out of reach for `limit` seconds."""

    def check() -> str | None:
        seconds = silence()
        return f"{what} has been out of reach for {seconds:.1f} s" if seconds > limit else None

    return check


def _some(names: Collection[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(sorted(names)[:_NAMED]) + (f" and {more} more" if more > 0 else "")
