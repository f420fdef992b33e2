"""`/v1/librarypolicies`: policies kept ready to be activated."""

from __future__ import annotations

from typing import Any

import falcon

from congress.api import answers, bodies, queries
from congress.api.errors import bare, registered
from congress.api.schemas import librarypolicies as schemas
from congress.api.services import Services
from congress.db.librarypolicies import LibraryRecord
from congress.policies.errors import LibraryPolicyNotFound
from congress.policies.service import NewPolicy


def shown(record: LibraryRecord, request: falcon.Request) -> dict[str, Any]:
    """A library policy as the API shows it; `?include_rules=false` leaves the rules out."""
    item: dict[str, Any] = {
        "id": record.id,
        "name": record.name,
        "abbreviation": record.abbreviation,
        "description": record.description,
        "kind": record.kind,
    }
    if (queries.text(request, "include_rules") or "").lower() not in ("false", "0"):
        item["rules"] = list(record.rules)
    return item


def _asked(request: falcon.Request) -> tuple[NewPolicy, list[dict[str, str | None]]]:
    body = bodies.read(request)
    if isinstance(body, dict) and "id" in body:
        raise registered("add_item_id")
    bodies.validate(body, schemas.NEW_LIBRARY_POLICY, "policy item")
    kind = body.get("kind", "nonrecursive")
    return NewPolicy(body["name"], kind, body.get("abbreviation"), body.get("description", "")), body["rules"]


class LibraryPolicies:
    """The collection."""

    def __init__(self, services: Services) -> None:
        self._library = services.library

    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        name = queries.text(request, "name")
        found = [item for item in self._library.items() if name is None or item.name == name]
        answers.listing(response, [shown(item, request) for item in found])

    def on_post(self, request: falcon.Request, response: falcon.Response) -> None:
        record = self._library.add(*_asked(request))
        answers.created(request, response, shown(record, request), record.id)


class LibraryPolicy:
    """One library policy."""

    def __init__(self, services: Services) -> None:
        self._library = services.library

    def on_get(self, request: falcon.Request, response: falcon.Response, item: str) -> None:
        answers.compact(response, shown(self._library.item(item), request))

    def on_put(self, request: falcon.Request, response: falcon.Response, item: str) -> None:
        answers.compact(response, shown(self._library.replace(item, *_asked(request)), request))

    def on_delete(self, request: falcon.Request, response: falcon.Response, item: str) -> None:
        try:
            answers.compact(response, shown(self._library.remove(item), request))
        except LibraryPolicyNotFound as error:
            raise bare(404, str(error)) from error
