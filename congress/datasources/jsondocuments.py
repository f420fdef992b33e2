"""JSON documents of an API as they are: for rules by the paths that columns declare, and for SQL in PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode, urlsplit

from keystoneauth1 import exceptions as keystone
from keystoneauth1.identity import generic
from keystoneauth1.session import Session
from pydantic import Field

from congress.datalog.values import Row, row
from congress.datasources.actions import where
from congress.datasources.arguments import Parameter, a_text, bound
from congress.datasources.contract import (
    Action,
    ArgumentsInvalid,
    BadPushedData,
    CloudUnreachable,
    Column,
    Driver,
    DriverError,
    Option,
    Unchanged,
    UnknownAction,
    UnknownTableGroup,
)
from congress.datasources.documents import Web
from congress.datasources.ingesterfiles import configured, ingester
from congress.datasources.ingesters import Ingester, document
from congress.datasources.jsonexport import EXEC_COLUMNS, EXEC_VIEW, JsonExport
from congress.datasources.listed import TIMEOUT
from congress.datasources.mapping import MappedColumn, MappedTable, TablesOption, groups_of, matches, rows_by_table
from congress.datasources.options import LAZY_TABLES
from congress.datasources.revalidation import Revalidation
from congress.datasources.transport import guard, session

SOON = 1.0
"""Seconds after which what a webhook told, or a view wants, is looked at."""
_RAW = MappedTable(columns={"_key": MappedColumn(path="key"), "d": MappedColumn(path="d")})
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


class DocumentColumns(MappedTable):
    """Columns by JSONPath in each document of the ingester's table of this name, or in parts of another table's."""

    rows: str = Field("$[*].d")


TABLES = TablesOption(
    "tables",
    DocumentColumns,
    "JSON object: table of the ingester -> `columns` by JSONPath in each of its documents; `of` another table, and "
    "`rows`, for parts of them. A table without columns has `_key` and `d`, the document as text",
    required=False,
)
CALL = tuple(
    Parameter(name, text, a_text).otherwise("")
    for name, text in (
        ("endpoint", "URL of the API; that of the ingester when empty"),
        ("path", "path after it"),
        ("method", "GET, POST, PUT, PATCH or DELETE"),
        ("body", "body as JSON; none when empty"),
        ("parameters", "parameters of the query, as a JSON object"),
        ("headers", "more headers, as a JSON object"),
    )
)


class JsonDriver(Driver):
    """One ingester. `_exec_api` has the rows of the view of that name, which rules turn into calls."""

    id = "json"
    description = (
        "Documents of a REST API and of webhooks as a JSON ingester describes them, also for SQL in PostgreSQL"
    )
    options = (
        Option("ingester", required=True, description="YAML file of the ingester, or the name of one in config_path"),
        Option("reusables", description="YAML file with the values that `!ref` names; else config_reusables_path"),
        TABLES.option,
        Option(
            "db_connection",
            secret=True,
            description="PostgreSQL to keep the documents in, as a URL; else db_connection of group json_ingester",
        ),
        Option("cacert", description="File with the certificates of the authorities that signed the API's"),
        TIMEOUT._replace(default="30"),
        LAZY_TABLES,
    )

    def __init__(self, name: str, config: Mapping[str, str]) -> None:
        super().__init__(name, config)
        self._ingester = _of(config)
        self._tables = _tables(self._ingester, config)
        pace = {
            table: self._ingester.poll_interval if how.poll else SOON for table, how in self._ingester.tables.items()
        }
        self.settings["poll_times"] = {**pace, EXEC_VIEW: SOON} if self._ingester.allow_exec_api else pace
        indexed = {table: how.gin_index for table, how in self._ingester.tables.items()}
        url = self.settings["db_connection"] or configured().database
        self._export = JsonExport(url, self._ingester.name, indexed) if url else None
        self._told: dict[str, Sequence[Any]] = {}
        self._exported: dict[str, Sequence[Any]] = {}
        self._login = _login(self._ingester, self.settings) if self._ingester.authentication else None
        self._known = Revalidation()

    # -- tables

    @classmethod
    def tables(cls) -> Mapping[str, tuple[Column, ...]]:
        return {}

    @classmethod
    def configured_tables(cls, config: Mapping[str, str]) -> Mapping[str, tuple[Column, ...]]:
        ingester = _of(config)
        found = {name: table.declared() for name, table in _tables(ingester, config).items()}
        return found | ({EXEC_VIEW: tuple(map(Column, EXEC_COLUMNS))} if ingester.allow_exec_api else {})

    @classmethod
    def configured_groups(cls, config: Mapping[str, str]) -> Mapping[str, tuple[str, ...]]:
        ingester = _of(config)
        found = groups_of(_tables(ingester, config))
        return found | ({EXEC_VIEW: (EXEC_VIEW,)} if ingester.allow_exec_api else {})

    # -- documents

    def fetch(self, group: str) -> Mapping[str, Iterable[Row]]:
        how = self._ingester.tables.get(group)
        try:
            if group == EXEC_VIEW:
                return {EXEC_VIEW: frozenset(map(row, self._export.calls() if self._export else ()))}
            if how is None:
                raise UnknownTableGroup(f"datasource '{self.name}' has no table group '{group}'")
            return self._polled(group) if how.poll else self._notified(group)
        except DriverError as error:
            raise type(error)(f"datasource '{self.name}', table {group}: {error}") from error

    def _polled(self, group: str) -> Mapping[str, Iterable[Row]]:
        poll = self._ingester.tables[group].poll
        assert poll is not None and self._ingester.api_endpoint is not None
        url = _joined(self._ingester.api_endpoint, poll.api_path)
        found = [document(one) for one in matches(poll.jsonpath, self._web(url).json(url))]
        rows = rows_by_table(self._tables, group, found)
        if self._export:
            self._export.replace(group, found)
        return rows

    def _notified(self, group: str) -> Mapping[str, Iterable[Row]]:
        found = self._told.get(group)
        if self._export and found is not self._exported.get(group, ()):
            self._export.upsert(group, found or ())
            self._exported[group] = found or ()
        if found is None:
            raise Unchanged
        return rows_by_table(self._tables, group, found)

    def translate(self, table: str, objects: Sequence[Any]) -> Mapping[str, Iterable[Row]]:
        how = self._ingester.tables.get(table)
        if how is None or how.webhook is None:
            raise UnknownTableGroup(f"table '{table}' of datasource '{self.name}' takes no pushed data")
        for number, one in enumerate(objects):
            if not isinstance(one, dict) or set(one) != {"key", "d"} or not isinstance(one["key"], str):
                raise BadPushedData(f'item {number} of the pushed list is not {{"key": text, "d": document}}')
        rows = rows_by_table(self._tables, table, list(objects))
        self._told[table] = list(objects)
        return rows

    def received(self, table: str, payload: Any, known: Sequence[Any]) -> list[Any]:
        how = self._ingester.tables.get(table)
        if how is None or how.webhook is None:
            raise UnknownTableGroup(f"table '{table}' of datasource '{self.name}' takes no notifications")
        one = how.webhook.record(payload)
        return [*(each for each in known if each.get("key") != one["key"]), one]

    # -- requests

    @classmethod
    def actions(cls) -> tuple[Action, ...]:
        return (Action("call", tuple(one.argument for one in CALL), "Send a request to the API"),)

    def execute(self, action: str, positional: Sequence[Any], named: Mapping[str, Any]) -> None:
        if action != "call":
            raise UnknownAction(f"datasource '{self.name}' has no action '{action}'; it offers: call")
        if not self._ingester.allow_exec_api:
            raise UnknownAction(f"datasource '{self.name}': the ingester does not say allow_exec_api")
        given = bound(where(action, self.name), CALL, positional, named)
        endpoint, method = given["endpoint"] or self._ingester.api_endpoint or "", given["method"].upper()
        if not endpoint.startswith(("http://", "https://")) or method not in METHODS:
            raise ArgumentsInvalid(f"call of datasource '{self.name}': give a URL and one of {', '.join(METHODS)}")
        headers, parameters = _object("headers", given["headers"]), _object("parameters", given["parameters"])
        body = _json("body", given["body"])
        url = _joined(endpoint, given["path"]) + (f"?{urlencode(parameters)}" if parameters else "")
        try:
            self._web(url, headers).send(method, url, body)
        except DriverError as error:
            raise type(error)(f"datasource '{self.name}', call: {error}") from error

    def _web(self, url: str, headers: Mapping[str, str] | None = None) -> Web:
        more = {**self._ingester.api_default_headers, **(headers or {})}
        # The token is for the API of the ingester: whoever writes a view could have it sent anywhere else.
        if self._login is not None and _origin(url) == _origin(self._ingester.api_endpoint or ""):
            try:
                more["X-Auth-Token"] = str(self._login.get_token())
            except keystone.ClientException as error:
                reason = " ".join(str(error).split())[:300]
                raise CloudUnreachable(f"the login at Keystone failed: {reason}") from error
        return Web(self.settings["timeout"], self.settings["cacert"], headers=more, known=self._known)


def _of(config: Mapping[str, str]) -> Ingester:
    return ingester(config["ingester"], config.get("reusables"))


def _tables(ingester: Ingester, config: Mapping[str, str]) -> dict[str, MappedTable]:
    declared: Mapping[str, MappedTable] = TABLES.of(config)
    for name, table in declared.items():
        if table.of is None and name not in ingester.tables:
            raise DriverError(f"config option tables: the ingester {ingester.name} has no table {name}")
    return {**dict.fromkeys(ingester.tables, _RAW), **declared}


def _login(ingester: Ingester, settings: Mapping[str, Any]) -> Session:
    assert ingester.authentication is not None
    try:
        plugin = generic.Password(**ingester.authentication.config)
    except TypeError as error:
        raise DriverError(f"authentication.config of the ingester {ingester.name}: {error}") from error
    return Session(
        auth=plugin, session=guard(session()), verify=settings["cacert"] or True, timeout=settings["timeout"]
    )


def _joined(endpoint: str, path: str) -> str:
    return f"{endpoint.rstrip('/')}/{path.lstrip('/')}" if path else endpoint


def _origin(url: str) -> tuple[str, str]:
    return urlsplit(url)[:2]


def _json(name: str, text: str) -> Any:
    if text in ("", "None", "null"):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ArgumentsInvalid(f"call: {name} is not JSON") from error


def _object(name: str, text: str) -> dict[str, str]:
    found = _json(name, text)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise ArgumentsInvalid(f"call: {name} is no JSON object")
    return {key: one if isinstance(one, str) else json.dumps(one) for key, one in found.items()}
