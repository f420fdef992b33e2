"""What helps others to find a fault, in one archive without secrets: what the doctor finds, how the service is set up
and what it says of itself, and the ends of logs. No rows of tables, no configurations of datasources."""

from __future__ import annotations

import importlib.metadata
import io
import json
import logging
import platform
import sys
import tarfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from oslo_config import cfg

import congress.conf
from congress.cli.doctor import written
from congress.cli.doctor.examination import examine
from congress.cli.doctor.findings import as_json, as_text
from congress.cli.doctor.hiding import is_secret, mask
from congress.conf import healthcheck, paths
from congress.datasources.masking import HIDDEN, Mask
from congress.datasources.secrets import Secrets, SecretUnreadable
from congress.db import datasources as stored_datasources
from congress.db import migration, nodes
from congress.db import policies as stored_policies
from congress.db import rules as stored_rules
from congress.db.session import Database, sqlite_file
from congress.policies.actions.ledger import Ledger

LOG = logging.getLogger(__name__)
LOG_BYTES = 2 * 2**20
"""How much of a log's end is added."""
SECONDS = 5.0


def write(conf: cfg.ConfigOpts, file: Path, logs: Sequence[Path] = ()) -> list[tuple[str, int]]:
    """Write the archive; answers names and sizes of what is in it. A part that cannot be had says why in its place.
    Raises OSError when the archive cannot be written, or is there already."""
    hide = mask(conf)
    _remember_datasources(conf, hide)
    parts: dict[str, Callable[[], str]] = {
        "doctor.txt": lambda: as_text(found),
        "doctor.json": lambda: json.dumps(as_json(found), indent=1),
        "versions.txt": _versions,
        "configuration.txt": lambda: "\n".join(_configuration(conf)),
        "options.txt": lambda: "\n".join(_options(conf)),
        "database.json": lambda: json.dumps(_database(conf), indent=1, default=str),
        "metrics.txt": lambda: _metrics(conf),
        **{f"logs/{number}-{log.name}": lambda log=log: _end(log) for number, log in enumerate(logs, 1)},  # type: ignore[misc]
    }
    found = examine(conf, hide)
    written_parts = []
    with file.open("xb") as opened, tarfile.open(fileobj=opened, mode="w:gz") as archive:
        file.chmod(0o600)
        for name, make in parts.items():
            content = hide(_made(make)).encode()
            entry = tarfile.TarInfo(f"congress-debug/{name}")
            entry.size, entry.mtime, entry.mode = len(content), int(time.time()), 0o600
            archive.addfile(entry, io.BytesIO(content))
            written_parts.append((name, len(content)))
    return written_parts


def _made(make: Callable[[], str]) -> str:
    try:
        return make() + "\n"
    except Exception as error:  # a bundle is wanted when things are broken
        return f"not to be had: {type(error).__name__}: {error}\n"


def _remember_datasources(conf: cfg.ConfigOpts, hide: Mask) -> None:
    """Let the secrets of datasources be hidden too, as far as they can be read: libraries may have logged them."""
    try:
        database = _opened(conf)
        try:
            with database.reader() as session:
                records = stored_datasources.every(session)
        finally:
            database.close()
        secrets = Secrets(paths.key_dir(conf), create=False)
    except Exception as error:  # a database has many ways to be broken, and the doctor tells which
        LOG.info("secrets of datasources are not known: %s", error)
        return
    for record in records:
        for name in record.encrypted:
            try:
                hide.remember(secrets.decrypt(record.config[name]))
            except SecretUnreadable as error:
                LOG.info("a secret of %s is not known: %s", record.name, error)


def _opened(conf: cfg.ConfigOpts) -> Database:
    url = paths.database_url(conf)
    if (file := sqlite_file(url)) is not None and not file.exists():
        raise FileNotFoundError(f"{file} is not there")
    return Database(url, {"max_retries": 0})


def _versions() -> str:
    found = sorted(f"{each.metadata['Name']}=={each.version}" for each in importlib.metadata.distributions())
    return "\n".join([f"Python {sys.version}", platform.platform(), *dict.fromkeys(found)])


def _configuration(conf: cfg.ConfigOpts) -> Iterator[str]:
    """The files without comments and without secrets."""
    for line in written.lines(conf):
        yield f"{line.file} [{line.group}] {line.name} = {HIDDEN if is_secret(line.name) else line.value}"


def _options(conf: cfg.ConfigOpts) -> Iterator[str]:
    """What is in force of our own options."""
    for group, options in congress.conf.list_opts():
        for option in options:
            try:
                value = (conf if group == "DEFAULT" else conf[group])[option.dest]
            except (ValueError, cfg.Error) as error:
                value = f"unreadable ({type(error).__name__})"
            hidden = (option.secret or is_secret(option.dest)) and value is not None
            yield f"[{group}] {option.dest} = {HIDDEN if hidden else value}"


def _database(conf: cfg.ConfigOpts) -> dict[str, Any]:
    database = _opened(conf)
    try:
        with database.reader() as session:
            sources = [
                {"name": each.name, "driver": each.driver, "enabled": each.enabled, "options": sorted(each.config)}
                for each in stored_datasources.every(session)
            ]
            policies = [
                {"name": each.name, "kind": each.kind, "rules": len(list(stored_rules.of_policy(session, each.id)))}
                for each in stored_policies.every(session)
            ]
            living = [
                {"id": each.id, "host": each.host, "roles": each.roles, "version": each.version, "status": each.status}
                for each in nodes.every(session)
            ]
        told = {"revision": migration.current(database), "wanted": migration.head(database)}
        return {**told, "actions": Ledger(database).counts(), "datasources": sources, "policies": policies,
                "nodes": living}  # fmt: skip
    finally:
        database.close()


def _metrics(conf: cfg.ConfigOpts) -> str:
    port, host = healthcheck.port(conf), conf.healthcheck.bind_host
    if not port:
        return "the server has no health socket"
    url = f"http://{f'[{host}]' if ':' in host else host}:{port}/metrics"
    with urllib.request.urlopen(url, timeout=SECONDS) as answer:  # noqa: S310 - always http
        return str(answer.read().decode())


def _end(log: Path) -> str:
    with log.open("rb") as opened:
        opened.seek(max(0, log.stat().st_size - LOG_BYTES))
        return opened.read().decode("utf-8", "replace")
