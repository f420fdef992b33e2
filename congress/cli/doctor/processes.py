"""Looks at the processes of the service: the one on this machine by its health socket, all by the database."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping

from oslo_config import cfg

from congress.cli.doctor.findings import Finding
from congress.conf import healthcheck, lease, paths
from congress.db import nodes
from congress.db.nodes import NodeRecord
from congress.db.session import Database, sqlite_file

SECONDS = 5.0


def look(conf: cfg.ConfigOpts) -> Iterator[Finding]:
    """The server of this configuration, if it has a health socket."""
    part, port = "server", healthcheck.port(conf)
    if not port:
        said = "it has no health socket, so it is not asked"
        yield Finding(part, "well", said, "set `port` in group `healthcheck`, for load balancers and Prometheus too")
        return
    host = conf.healthcheck.bind_host
    url = f"http://{f'[{host}]' if ':' in host else host}:{port}/healthcheck/ready"
    try:
        with urllib.request.urlopen(url, timeout=SECONDS):  # noqa: S310 - always http
            yield Finding(part, "well", f"{url} says: ready")
    except urllib.error.HTTPError as error:
        try:
            reason = str(json.loads(error.read()).get("reason", error))
        except ValueError:
            reason = str(error)
        yield Finding(part, "wrong", f"it is not ready: {reason}", "docs/health.md tells what each reason means")
    except OSError as error:
        advice = "is it started? its log says why not"
        yield Finding(part, "wrong", f"nothing answers at {url}: {error}", advice)


def look_at_nodes(conf: cfg.ConfigOpts) -> Iterator[Finding]:
    """All processes, as they say in the database; each is watched for long enough to see a sign of life."""
    url = paths.database_url(conf)
    if sqlite_file(url) is not None:
        yield Finding("nodes", "well", "the database is a file, which one process has for itself")
        return
    patience = lease.node_timing(conf).duration
    database = Database(url, {"max_retries": 0})
    try:
        before, now = _every(database), _every(database)
        end = time.monotonic() + patience
        while _silent(before, now) and time.monotonic() < end:
            time.sleep(min(0.25, patience / 10))
            now = _every(database)
    finally:
        database.close()
    yield from told(before, now)


def told(before: Mapping[str, NodeRecord], now: Mapping[str, NodeRecord]) -> Iterator[Finding]:
    """What two looks at all processes tell, between which each that lives gave a sign of life."""
    part, silent = "nodes", _silent(before, now)
    for name in sorted(silent):
        said = f"node {name} on {now[name].host} gives no sign of life"
        yield Finding(part, "wrong", said, "start it again, or wait an hour until it is forgotten")
    for name, node in now.items():
        reasons = (node.status or {}).get("reasons") or {}
        if reasons and name not in silent:
            said = f"node {name} is not ready: {'; '.join(map(str, reasons.values()))}"
            yield Finding(part, "attention", said, "docs/health.md tells what each reason means")
    versions = {node.version for node in now.values()}
    if len(versions) > 1:
        yield Finding(part, "attention", f"nodes run versions {', '.join(sorted(versions))}", "finish the upgrade")
    living = len(now) - len(silent)
    said = f"{living} of {len(now)} nodes give signs of life"
    yield Finding(part, "well", said) if living else Finding(part, "wrong", said, "start the servers")


def _every(database: Database) -> dict[str, NodeRecord]:
    with database.reader() as session:
        return {node.id: node for node in nodes.every(session)}


def _silent(before: Mapping[str, NodeRecord], now: Mapping[str, NodeRecord]) -> set[str]:
    return {name for name, node in now.items() if name in before and node.generation == before[name].generation
            and node.instance == before[name].instance}  # fmt: skip
