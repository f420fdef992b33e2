"""Looks at the datasources: can each run, and does anybody answer where it will ask?"""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from oslo_config import cfg

from congress.cli import status
from congress.cli.doctor.findings import Finding
from congress.conf import paths
from congress.db import datasources as stored
from congress.db.datasources import DatasourceRecord
from congress.db.session import Database, sqlite_file

PART, SECONDS, AT_ONCE = "datasources", 3.0, 16
_PORTS = {"http": 80, "https": 443}


def look(conf: cfg.ConfigOpts) -> Iterator[Finding]:
    """What keeps datasources from running, and addresses at which nothing answers."""
    url = paths.database_url(conf)
    file = sqlite_file(url)
    if file is not None and not file.exists():
        yield Finding(PART, "well", "none: there is no database yet")
        return
    database = Database(url, {"max_retries": 0})
    try:
        for sentence in status.unusable_datasources(database, conf):
            yield Finding(PART, "wrong", sentence, "see docs/secrets.md and docs/reference/drivers.md")
        with database.reader() as session:
            records = stored.every(session)
    finally:
        database.close()
    yield from _reachable(records)


def _reachable(records: list[DatasourceRecord]) -> Iterator[Finding]:
    asked = [(record.name, *place) for record in records if record.enabled for place in _places(record.config)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda each: _why_not(each[1], each[2]), asked))
    for (name, host, port), why in zip(asked, answers, strict=True):
        if why is not None:
            said = f"datasource {name}: nothing answers at {host} port {port}: {why}"
            yield Finding(PART, "wrong", said, "is the service running, is the address right, may we reach it?")
    well = len({name for name, *_ in asked} - {each[0] for each, why in zip(asked, answers, strict=True) if why})
    yield Finding(PART, "well", f"{len(records)} datasources; at {well} of them somebody answers")


def _places(config: Mapping[str, object]) -> Iterator[tuple[str, int]]:
    """Host and port of the addresses in a configuration; encrypted ones are no addresses, so they are left out."""
    for value in config.values():
        try:
            parts = urlsplit(str(value))
            port = parts.port or _PORTS.get(parts.scheme)
        except ValueError:
            continue
        if parts.scheme in _PORTS and parts.hostname and port:
            yield parts.hostname, port


def _why_not(host: str, port: int) -> str | None:
    try:
        with socket.create_connection((host, port), SECONDS):
            return None
    except OSError as error:
        return str(error)
