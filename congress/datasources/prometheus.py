"""Prometheus: instant queries as tables, their labels as columns.

Source: the HTTP API of Prometheus, /api/v1/query; its formats are part of the stable v1.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from pydantic import Field, field_validator

from congress.datalog.values import Row, value
from congress.datasources.contract import Column, DriverError, Option, UnknownTableGroup
from congress.datasources.documents import read_json
from congress.datasources.httpjson import WEB_OPTIONS, web
from congress.datasources.mapping import ConfiguredTables, Declared, TablesOption, named_columns
from congress.datasources.options import POLLING, URL
from congress.datasources.paging import with_query

VALUE, TIME = "value", "time"


class QueryTable(Declared):
    """A query; its table has a column for each of the labels, `value` and, when asked for, `time`."""

    query: str = Field(min_length=1)
    labels: tuple[str, ...] = ()
    time: bool = False
    of: ClassVar[None] = None
    paths: ClassVar[Mapping[str, str]] = {}

    @field_validator("labels")
    @classmethod
    def _are_names(cls, found: tuple[str, ...]) -> tuple[str, ...]:
        named_columns(dict.fromkeys(found))
        if twice := sorted({name for name in found if found.count(name) > 1 or name in (VALUE, TIME)}):
            raise ValueError(f"{twice[0]} would be two columns")
        return found

    def declared(self) -> tuple[Column, ...]:
        """The schema of the table."""
        labels = tuple(Column(name, f"label {name}; empty without one", "Str") for name in self.labels)
        when = (Column(TIME, "when it was so, in seconds of Unix time", "Float"),) if self.time else ()
        return (*labels, Column(VALUE, "the sample; a text for what is no number (NaN, +Inf)"), *when)


TABLES = TablesOption(
    "tables",
    QueryTable,
    "JSON object: table -> `query` in PromQL, `labels`, which become columns before `value`, and `time` (true adds a "
    "column)",
)


class PrometheusDriver(ConfiguredTables):
    """One instant query for each table."""

    id = "prometheus"
    description = "Results of queries to Prometheus, or to what speaks its API"
    declared = TABLES
    options = (
        Option("url", required=True, type=URL, description="Where Prometheus is, without /api/v1"),
        TABLES.option,
        *WEB_OPTIONS,
        *POLLING,
    )

    def __init__(self, name: str, config: Mapping[str, str]) -> None:
        super().__init__(name, config)
        self._query_url = self.settings["url"].rstrip("/") + "/api/v1/query"
        self._web = web(self.settings)
        self._tables = TABLES.of(config)

    def fetch(self, group: str) -> Mapping[str, Iterable[Row]]:
        table = self._tables.get(group)
        if table is None:
            raise UnknownTableGroup(f"datasource '{self.name}' has no table '{group}'")
        try:
            # What is wrong with a query is told in the body of a 400.
            content = self._web.find(with_query(self._query_url, {"query": table.query}), told=(400, 422, 503)).content
            return {group: frozenset(rows_of(table, read_json(content)))}
        except DriverError as error:
            raise DriverError(f"datasource '{self.name}', table {group}: {error}") from error


def rows_of(table: QueryTable, answer: Any) -> Iterable[Row]:
    """The rows of an answer. Raises DriverError."""
    if not isinstance(answer, dict) or answer.get("status") != "success":
        said = answer.get("error") if isinstance(answer, dict) else None
        raise DriverError(f"the query failed: {said or 'the answer is not that of Prometheus'}")
    data = answer.get("data")
    kind, result = (data.get("resultType"), data.get("result")) if isinstance(data, dict) else (None, None)
    if kind == "scalar":
        return [_row(table, {}, result)]
    if kind != "vector" or not isinstance(result, list):
        raise DriverError(f"the query answers a {kind}; a table needs an instant vector or a scalar")
    return [_row(table, one.get("metric"), one.get("value")) for one in result if isinstance(one, dict)]


def _row(table: QueryTable, metric: Any, sample: Any) -> Row:
    if not isinstance(metric, dict) or not isinstance(sample, list) or len(sample) != 2:
        raise DriverError("the answer is not that of Prometheus: a sample is no pair of time and value")
    cells = [str(metric.get(name, "")) for name in table.labels]
    return tuple(value(cell) for cell in (*cells, _number(sample[1]), *([sample[0]] if table.time else [])))


def _number(text: Any) -> Any:
    """Whole numbers become integers, which is what rules compare counts and states with."""
    try:
        number = float(text)
    except (TypeError, ValueError, OverflowError):
        return str(text)
    if not math.isfinite(number):
        return str(text)
    return int(number) if number.is_integer() and abs(number) < 2**53 else number
