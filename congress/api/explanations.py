"""Why a row is in a table, and why it is not: `…/tables/<table>/explain`, and what else answers with explanations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import falcon

from congress.api import answers, bodies, queries
from congress.api.errors import plain
from congress.api.freshness import tell_age
from congress.api.schemas import explanations as schemas
from congress.api.services import Services
from congress.api.sources import with_links
from congress.datalog.core import TableId
from congress.datalog.values import Row
from congress.datalog.values import row as value_row
from congress.engine.workspace import Bounds, RowMissing, UnknownPolicy, UnknownTable
from congress.policies import explaining
from congress.policies.errors import PolicyNotFound

_BOUNDS = Bounds(seconds=10.0)
_DEPTH, _DEEPEST, _NODES, _MOST_NODES = 10, 100, 200, 5000


def explained(services: Services, response: falcon.Response, policy: str, table: str, row: Row) -> dict[str, Any]:
    """Why the row is there, or why not. Raises PolicyNotFound, UnknownPolicy, UnknownTable, InvalidRow, or
    LimitExceeded."""
    name, workspace, age = services.policies.name_of(policy), services.live.workspace, services.ages.age
    tell_age(services, response, workspace.sources(name, [table]))
    asked = TableId(name, table)
    with services.live.still():  # it must not come or go between the two questions
        try:
            found = explaining.why(workspace, age, asked, row, _BOUNDS)
        except RowMissing:
            found = explaining.why_not(workspace, age, asked, row, _BOUNDS)
    return {
        "holds": found.holds,
        "explanation": found.explanation and with_links(found.explanation),
        "absence": found.absence and with_links(found.absence),
        "text": found.text,
    }


def derivations(services: Services, policy: str, table: str, within: Bounds) -> Callable[[Row], dict[str, Any]]:
    """What is told beside each row of a list: why it is there."""
    workspace, age, asked = services.live.workspace, services.ages.age, TableId(policy, table)

    def beside(row: Row) -> dict[str, Any]:
        found = explaining.why(workspace, age, asked, row, within).explanation
        return {"explanation": found and with_links(found)}

    return beside


def bounds(request: falcon.Request) -> Bounds:
    """What `explain_depth` and `explain_nodes` say. Raises ApiError."""
    depth = int(queries.number(request, "explain_depth", _DEEPEST)) or _DEPTH
    nodes = int(queries.number(request, "explain_nodes", _MOST_NODES)) or _NODES
    return Bounds(nodes=nodes, depth=depth, seconds=_BOUNDS.seconds)


class Explain:
    """Explains one row of a policy's table."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def on_post(self, request: falcon.Request, response: falcon.Response, policy: str, table: str) -> None:
        body = bodies.validate(bodies.read(request), schemas.QUESTION, "question")
        try:
            found = explained(self._services, response, policy, table, value_row(body["row"]))
        except (PolicyNotFound, UnknownPolicy, UnknownTable) as error:
            raise plain(404, f"table '{table}' doesn't exist") from error
        answers.compact(response, found)
