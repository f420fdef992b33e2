"""`/v1/data-sources`: the configured datasources."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import falcon

from congress.api import actions, answers, bodies, etags, paging, queries
from congress.api.errors import registered
from congress.api.schemas import datasources as schemas
from congress.api.services import Services
from congress.datasources.contract import Column
from congress.datasources.validation import NewDatasource
from congress.db.datasources import DatasourceRecord


def shown(record: DatasourceRecord) -> dict[str, Any]:
    """A datasource as the API shows it."""
    return {
        "id": record.id,
        "name": record.name,
        "driver": record.driver,
        "description": record.description,
        "type": None,
        "enabled": record.enabled,
        "config": record.config,
    }


def shown_columns(table: str, columns: Iterable[Column]) -> dict[str, Any]:
    """A table with its columns."""
    described = [{"name": column.name, "description": column.description} for column in columns]
    return {"table_id": table, "columns": described}


class Datasources:
    """The collection."""

    def __init__(self, services: Services) -> None:
        self._datasources = services.datasources

    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        found = [shown(record) for record in self._datasources.datasources()]
        paging.listing(request, response, found, schemas.FILTERS)

    def on_post(self, request: falcon.Request, response: falcon.Response) -> None:
        body = bodies.read(request)
        if isinstance(body, dict) and "id" in body:
            raise registered("add_item_id")
        bodies.validate(body, schemas.NEW_DATASOURCE, "datasource")
        enabled = body.get("enabled")
        new = NewDatasource(
            body["name"], body["driver"], body.get("config") or {}, body.get("description"), enabled is not False
        )
        record = self._datasources.create(new)
        answers.created(request, response, shown(record), record.id)


class Datasource:
    """One datasource."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def on_get(self, request: falcon.Request, response: falcon.Response, datasource: str) -> None:
        etags.answer(request, response, shown(self._services.datasources.datasource(datasource)))

    def on_delete(self, request: falcon.Request, response: falcon.Response, datasource: str) -> None:
        etags.require(request, shown(self._services.datasources.datasource(datasource)))
        self._services.datasources.delete(datasource)
        answers.compact(response, None)

    def on_post(self, request: falcon.Request, response: falcon.Response, datasource: str) -> None:
        action = queries.action(request)
        if action == "request_refresh":
            self._services.datasources.request_refresh(datasource)
            answers.compact(response, None)
        elif action == "execute":
            actions.execute_by_name(self._services, datasource, bodies.read_anything(request))
            answers.compact(response, {})
        else:
            raise queries.unsupported()


class Schema:
    """All tables of a datasource with their columns."""

    def __init__(self, services: Services) -> None:
        self._datasources = services.datasources

    def on_get(self, _request: falcon.Request, response: falcon.Response, datasource: str) -> None:
        tables = self._datasources.schema(datasource)
        answers.compact(response, {"tables": [shown_columns(name, columns) for name, columns in tables.items()]})


class TableSpec:
    """The columns of one table."""

    def __init__(self, services: Services) -> None:
        self._datasources = services.datasources

    def on_get(self, _request: falcon.Request, response: falcon.Response, datasource: str, table: str) -> None:
        answers.compact(response, shown_columns(table, self._datasources.table(datasource, table)))


class Actions:
    """What a datasource can do."""

    def __init__(self, services: Services) -> None:
        self._datasources = services.datasources

    def on_get(self, _request: falcon.Request, response: falcon.Response, datasource: str) -> None:
        found = [
            {
                "name": action.name,
                "args": [{"name": each.name, "description": each.description} for each in action.args],
                "description": action.description,
            }
            for action in self._datasources.actions(datasource)
        ]
        answers.listing(response, found)
