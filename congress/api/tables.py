"""`…/tables` of a policy or a datasource: tables, their rows, and pushing rows in."""

from __future__ import annotations

from collections.abc import Sequence

import falcon

from congress.api import answers, bodies, explanations, paging, queries
from congress.api.errors import bare, plain
from congress.api.freshness import tell_age
from congress.api.policies import name_of
from congress.api.schemas import tables as schemas
from congress.api.services import Services
from congress.datasources.pushing import Patch
from congress.engine.workspace import UnknownPolicy, UnknownTable, Workspace
from congress.policies.errors import PolicyNotFound


class PolicyTables:
    """The tables of a policy."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def on_get(self, request: falcon.Request, response: falcon.Response, policy: str) -> None:
        paging.listing(request, response, [{"id": table} for table in _policy_tables(self._services, policy)])


class PolicyTable:
    """One table of a policy."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def on_get(self, _request: falcon.Request, response: falcon.Response, policy: str, table: str) -> None:
        if table not in _policy_tables(self._services, policy):
            raise bare(404, "Not found")
        answers.compact(response, {"id": table})


class PolicyRows:
    """The rows of a policy's table, computed from its rules."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def on_get(self, request: falcon.Request, response: falcon.Response, policy: str, table: str) -> None:
        workspace = self._services.live.workspace
        try:
            name = name_of(self._services, policy)
            tell_age(self._services, response, workspace.sources(name, [table]))
            if queries.switched_on(request, "explain"):
                beside = explanations.derivations(self._services, name, table, explanations.bounds(request))
                with self._services.live.still():  # what is listed must still be there when it is explained
                    rows = workspace.rows(name, table)
                    paging.rows(request, response, rows, lambda: _columns(workspace, name, table), beside)
                return
            if not queries.switched_on(request, "trace"):
                paging.rows(request, response, workspace.rows(name, table), lambda: _columns(workspace, name, table))
                return
            rows, trace = workspace.traced_rows(name, table)
        except (PolicyNotFound, UnknownPolicy, UnknownTable) as error:
            raise plain(404, f"table '{table}' doesn't exist") from error
        paging.rows(request, response, rows, lambda: _columns(workspace, name, table), trace=trace)

    def on_put(self, _request: falcon.Request, _response: falcon.Response, policy: str, table: str) -> None:
        raise plain(400, f"the rows of {policy}:{table} follow from rules; only a datasource's rows can be replaced")


class DatasourceTables:
    """The tables of a datasource."""

    def __init__(self, services: Services) -> None:
        self._datasources = services.datasources

    def on_get(self, request: falcon.Request, response: falcon.Response, datasource: str) -> None:
        paging.listing(request, response, [{"id": table} for table in self._datasources.schema(datasource)])


class DatasourceTable:
    """One table of a datasource."""

    def __init__(self, services: Services) -> None:
        self._datasources = services.datasources

    def on_get(self, _request: falcon.Request, response: falcon.Response, datasource: str, table: str) -> None:
        if table not in self._datasources.schema(datasource):
            raise bare(404, "Not found")
        answers.compact(response, {"id": table})


class DatasourceRows:
    """The rows of a datasource's table, as last received."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def on_get(self, request: falcon.Request, response: falcon.Response, datasource: str, table: str) -> None:
        record = self._services.datasources.datasource(datasource)
        if table not in self._services.datasources.schema(record.id):
            raise plain(404, f"tablename '{table}' does not exist")
        self._services.datasources.refuse_lazy(record.name, table)
        workspace = self._services.live.workspace
        tell_age(self._services, response, workspace.sources(record.name, [table]))
        rows = workspace.rows(record.name, table)
        paging.rows(request, response, rows, lambda: workspace.columns(record.name, table))

    def on_put(self, request: falcon.Request, response: falcon.Response, datasource: str, table: str) -> None:
        body = bodies.read(request)
        objects = [] if body == {} else body
        if not isinstance(objects, list):
            raise plain(400, "rows are pushed as a list with one element for each row")
        _tell(response, self._services.datasources.push(datasource, table, objects))

    def on_patch(self, request: falcon.Request, response: falcon.Response, datasource: str, table: str) -> None:
        body = bodies.validate(bodies.read(request), schemas.PATCH, "change of rows")
        named = request.get_header("If-Match")
        expected = None if named is None or named.strip() == "*" else [each.strip() for each in named.split(",")]
        patch = Patch(body.get("insert", ()), body.get("delete", ()), expected)
        _tell(response, self._services.datasources.patch(datasource, table, patch))


class Row:
    """One row by number, which answers no verb: rows have no order and no names of their own."""


def _tell(response: falcon.Response, tag: str | None) -> None:
    """Answer a push: without a body, with the tag of the table's state for a later `If-Match`."""
    response.content_type = answers.CONTENT_TYPE
    if tag is not None:
        response.set_header("ETag", tag)


def _columns(workspace: Workspace, policy: str, table: str) -> Sequence[str] | None:
    """The names of a table's columns; those of a policy's own tables have only numbers."""
    datasource, colon, foreign = table.partition(":")
    return workspace.columns(datasource, foreign) if colon else workspace.columns(policy, table)


def _policy_tables(services: Services, policy: str) -> list[str]:
    try:
        return services.live.workspace.tables(name_of(services, policy))
    except (PolicyNotFound, UnknownPolicy) as error:
        raise bare(404, "Not found") from error
