"""Any service that answers GET with JSON, without code: what is where is the datasource's own configuration."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pydantic import Field

from congress.datalog.values import Row
from congress.datasources.contract import DriverError, Option, UnknownTableGroup
from congress.datasources.documents import Web, read_json
from congress.datasources.listed import TIMEOUT
from congress.datasources.mapping import ConfiguredTables, MappedTable, TablesOption, matches, rows_by_table
from congress.datasources.options import POLLING, URL, Json
from congress.datasources.paging import Paging, Part, followed, with_query
from congress.datasources.revalidation import Revalidation
from congress.datasources.sameness import LastAnswers

WEB_OPTIONS = (
    Option("username", description="User of the service, for Basic authentication"),
    Option("password", secret=True, description="That user's password"),
    Option("token", secret=True, description="Token that is sent as `Authorization: Bearer`"),
    Option("headers", type=Json(), default="{}", description="Headers of each request, such as an Accept"),
    Option("secret_headers", type=Json(), secret=True, default="{}", description="The same, for headers with a secret"),
    Option("cacert", description="File with the certificates of the authorities that signed the service's"),
    Option("certificate", description="File with the certificate that we show the service"),
    Option("key", description="File with that certificate's key"),
    TIMEOUT,
)


def web(settings: Mapping[str, Any]) -> Web:
    """How to ask, from the settings of `WEB_OPTIONS`. Raises DriverError."""
    headers = {**settings["headers"], **settings["secret_headers"]}
    for name, text in headers.items():
        if not isinstance(text, str) or not text.isprintable() or not name.isascii():
            raise DriverError(f"config option headers: the value of {name} must be a text in one line")
    if settings["token"]:
        headers["Authorization"] = f"Bearer {settings['token']}"
    shown = settings["certificate"], settings["key"]
    if bool(shown[0]) != bool(shown[1]):
        raise DriverError("config options certificate and key go together")
    login = settings["username"], settings["password"]
    certificate = shown if shown[0] else None
    return Web(settings["timeout"], settings["cacert"], *login, headers, certificate, Revalidation())


class HttpTable(MappedTable):
    """A table and the request that fills it."""

    path: str = ""
    query: Mapping[str, str] = Field(default_factory=dict)
    paging: Paging | None = None


TABLES = TablesOption(
    "tables",
    HttpTable,
    "JSON object: table -> `path` after the URL, `query` parameters, `paging`, `rows` and `columns` by JSONPath; "
    "`of` another table for a part of that one's elements",
)


class HttpDriver(ConfiguredTables):
    """One request, or one list of parts, for each table that is not `of` another."""

    id = "http"
    description = "Tables of any service that answers with JSON, described by the datasource's options"
    declared = TABLES
    options = (
        Option("url", required=True, type=URL, description="Where the service is; the tables' paths are added"),
        TABLES.option,
        *WEB_OPTIONS,
        *POLLING,
    )

    def __init__(self, name: str, config: Mapping[str, str]) -> None:
        super().__init__(name, config)
        self._url: str = self.settings["url"]
        self._web, self._last = web(self.settings), LastAnswers()
        self._tables = TABLES.of(config)

    def fetch(self, group: str) -> Mapping[str, Iterable[Row]]:
        found: dict[str, set[Row]] = {}
        for document, _text in self._documents(group):
            for table, rows in self._rows(group, document).items():
                found.setdefault(table, set()).update(rows)
        return found

    def pages(self, group: str) -> Iterator[Mapping[str, Iterable[Row]]]:
        for document in self._last.news(group, self._documents(group)):
            yield self._rows(group, document)

    def _documents(self, group: str) -> Iterator[tuple[Any, bytes | None]]:
        """The parts of a listing; with the only one its text."""
        table = self._tables.get(group)
        if table is None or table.of is not None:
            raise UnknownTableGroup(f"datasource '{self.name}' has no table group '{group}'")
        url: str | None = with_query(self._url.rstrip("/") + _after(table.path), table.query)
        seen: set[str] = set()
        rows_before = 0
        while url is not None:
            with self._errors(group):
                answer = self._web.find(url)
                document = read_json(answer.content)
                # Counted before they become rows, of which two may be the same.
                rows = len(matches(table.rows, document)) if table.paging else 0
                url = followed(table.paging, Part(url, document, answer.headers, rows, len(seen), rows_before), seen)
                rows_before += rows
            yield document, answer.content if url is None and len(seen) == 1 else None

    def _rows(self, group: str, document: Any) -> Mapping[str, Iterable[Row]]:
        with self._errors(group):
            return rows_by_table(self._tables, group, document)

    @contextmanager
    def _errors(self, group: str) -> Iterator[None]:
        try:
            yield
        except DriverError as error:
            raise type(error)(f"datasource '{self.name}', table {group}: {error}") from error


def _after(path: str) -> str:
    return path if not path or path[0] in "/?" else f"/{path}"
