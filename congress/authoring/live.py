"""Rows of a running Congress, through its REST API: the tables that a project's policies read, as they are now."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

import requests

from congress.authoring.errors import ServerUnusable
from congress.authoring.project import Project
from congress.authoring.schemas import ColumnInfo, Schemas, Tables, mentioned, tables_read

TIMEOUT = 60
PAGE = 10_000
"""Rows that one request asks for."""


class Server:
    """The API of a Congress. `url`: its root. `headers` open it. `verify`: as `requests` takes it, whether and by which
    authorities certificates are checked; None: as its own environment says."""

    def __init__(self, url: str, headers: Mapping[str, str], verify: bool | str | None = None) -> None:
        self.url = url.rstrip("/").removesuffix("/v1")
        self._session = requests.Session()
        self._session.headers.update(headers)
        self._verify = verify

    def get(self, path: str, **query: Any) -> Any:
        """The JSON of an answer. Raises ServerUnusable."""
        try:
            answer = self._session.get(f"{self.url}/v1{path}", params=query, timeout=TIMEOUT, verify=self._verify)
        except requests.RequestException as error:
            raise ServerUnusable(f"{self.url} cannot be reached: {_cause(error)}") from error
        if answer.status_code == 401:
            raise ServerUnusable(f"{self.url} asks who you are: set OS_TOKEN, or name a cloud with --os-cloud")
        try:
            body = answer.json()
        except ValueError as error:
            raise ServerUnusable(
                f"{self.url}/v1{path} answered {answer.status_code} without JSON; is that Congress?"
            ) from error
        if answer.status_code >= 400:
            message = body.get("error", {}).get("message") if isinstance(body, dict) else body
            raise ServerUnusable(f"{self.url}/v1{path} answered {answer.status_code}: {message}")
        return body

    def listed(self, path: str) -> Iterable[Any]:
        """The items of a listing, page after page. Raises ServerUnusable."""
        query: dict[str, Any] = {"limit": PAGE}
        while True:
            answer = self.get(path, **query)
            yield from answer["results"]
            if not answer.get("next_marker"):
                return
            query["marker"] = answer["next_marker"]


def _cause(error: BaseException) -> str:
    while error.args and isinstance(error.args[0], BaseException):
        error = error.args[0]
    reason = getattr(error, "reason", None)
    return " ".join(str(reason or error).split())[:300]


def connect(url: str | None, cloud: str | None) -> Server:
    """The Congress at an address, opened by the variable OS_TOKEN, or that of a cloud in clouds.yaml.

    Raises ServerUnusable.
    """
    if cloud is None:
        token = os.environ.get("OS_TOKEN")
        return Server(url or "", {"X-Auth-Token": token} if token else {})
    from keystoneauth1.exceptions import ClientException
    from openstack.config import OpenStackConfig
    from openstack.exceptions import SDKException

    try:
        session = OpenStackConfig().get_one(cloud=cloud).get_session()
        endpoint = url or session.get_endpoint(service_type="policy")
        token = session.get_token()
    except (ClientException, SDKException, OSError) as error:
        raise ServerUnusable(f"cloud {cloud}: {error}") from error
    if not endpoint:
        raise ServerUnusable(f"cloud {cloud} has no service of type policy in its catalog; name it with --server")
    return Server(endpoint, {"X-Auth-Token": token} if token else {}, session.verify)


def wanted(server: Server, project: Project) -> dict[str, str]:
    """Name -> id of the server's datasources that the policies mention. Raises ServerUnusable."""
    names = mentioned(project.policies) - {each.name for each in project.policies}
    return {each["name"]: each["id"] for each in server.listed("/data-sources") if each["name"] in names}


def schemas(server: Server, datasources: Mapping[str, str]) -> Schemas:
    """The tables of these datasources as the server has them. Raises ServerUnusable."""
    return {name: _tables(server.get(f"/data-sources/{quote(key)}/schema")) for name, key in datasources.items()}


def _tables(schema: Mapping[str, Any]) -> Tables:
    return {
        table["table_id"]: tuple(
            [ColumnInfo(column["name"], column.get("description") or "") for column in table["columns"]]
        )
        for table in schema["tables"]
    }


def needed(project: Project, known: Schemas, datasources: Mapping[str, str]) -> set[str]:
    """The tables, as `datasource:table`, that the policies read of these datasources."""
    read = tables_read(project, known)
    return {f"{name}:{table}" for name in datasources for table in read.get(name, ())}


def rows(server: Server, datasources: Mapping[str, str], name: str) -> list[Any]:
    """The rows of one table. Raises ServerUnusable."""
    datasource, _, table = name.partition(":")
    path = f"/data-sources/{quote(datasources[datasource])}/tables/{quote(table, safe='')}/rows"
    return [each["data"] for each in server.listed(path)]
