"""Rows of a recorded cloud: the drivers read the answers that real services once gave, without any network.

A recording is a JSON list of exchanges, each with `service`, `method`, `path`, `status` and `body`, as
`demo/cloud/record.py` writes them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from congress.authoring.errors import InputUnusable
from congress.authoring.files import read_text
from congress.authoring.project import Project
from congress.authoring.schemas import Schemas, tables_read
from congress.datasources import registry
from congress.datasources.cloud import CloudDriver
from congress.datasources.contract import DriverError

SERVICES: Mapping[str, str] = {
    "compute": "nova",
    "network": "neutron",
    "identity": "keystone",
    "image": "glance",
    "block_storage": "cinder",
    "placement": "placement",
}
"""How recordings call the services of openstacksdk."""
_LOGIN = {"auth_url": "http://127.0.0.1/v3", "username": "nobody", "password": "none", "project_name": "none"}


class Recording:
    """The answers of one recorded state of a cloud."""

    def __init__(self, exchanges: Iterable[Mapping[str, Any]], origin: str) -> None:
        self._origin = origin
        self._answers: dict[str, list[tuple[str, frozenset[tuple[str, str]], Any]]] = {}
        for one in exchanges:
            if one["method"] == "GET" and one["status"] == 200:
                parts = urlsplit(one["path"])
                query = _asked(parts.query)
                self._answers.setdefault(one["service"], []).append((parts.path, query, one["body"]))

    def answer(self, service: str, path: str) -> Any:
        """What the service answered to a GET of this path, whatever version of its API stood before it.

        Raises DriverError.
        """
        parts = urlsplit(path)
        asked = _asked(parts.query)
        for recorded, query, body in self._answers.get(SERVICES.get(service, service), ()):
            if recorded.endswith(parts.path) and query == asked and _is_version(recorded.removesuffix(parts.path)):
                return body
        raise DriverError(f"{self._origin} holds no answer of {service} to {path}; record the cloud again with it")


def _asked(query: str) -> frozenset[tuple[str, str]]:
    """What a query asks for; how long a page may be at most makes no difference to one that is whole."""
    return frozenset((name, value) for name, value in parse_qsl(query) if name != "limit")


def _is_version(prefix: str) -> bool:
    return prefix == "" or (prefix.count("/") == 1 and prefix.startswith("/v"))


def load(path: Path) -> Recording:
    """The recording in a file. Raises InputUnusable."""
    try:
        return Recording(json.loads(read_text(path)), str(path))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputUnusable(f"{path} is no recorded cloud: {error!r}; see demo/cloud/README.md") from error


def rows(path: Path, project: Project, schemas: Schemas) -> dict[str, list[Any]]:
    """The rows of all tables that the project's policies read, by `datasource:table`. Raises InputUnusable."""
    recording, found = load(path), dict[str, list[Any]]()
    for datasource, wanted in tables_read(project, schemas).items():
        declared = project.manifest.datasources.get(datasource)
        driver = registry.installed((declared.driver if declared else None) or datasource)
        if driver is None or not issubclass(driver, CloudDriver):
            continue
        reader = _reading(driver, recording)(datasource, _LOGIN)
        for group, tables in driver.groups().items():
            if wanted & set(tables):
                try:
                    fetched = reader.fetch(group)
                except DriverError as error:
                    raise InputUnusable(str(error)) from error
                found.update({f"{datasource}:{table}": list(map(list, fetched.get(table, ()))) for table in tables})
    return found


def _reading(driver: type[CloudDriver], recording: Recording) -> type[CloudDriver]:
    """The driver, with a recording where its requests would be sent."""

    def text(_self: CloudDriver, _method: str, path: str, **_body: Any) -> bytes:
        return json.dumps(recording.answer(driver.service, path)).encode()

    return type(f"Recorded{driver.__name__}", (driver,), {"_text": text})
