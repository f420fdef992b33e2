"""`/v1/librarypolicies`: policies kept ready to be activated."""

from __future__ import annotations

from typing import Any

import falcon

from congress.api import answers, bodies, etags, paging, queries
from congress.api.errors import bare, registered
from congress.api.schemas import librarypolicies as schemas
from congress.api.services import Services
from congress.db.librarypolicies import LibraryRecord
from congress.policies.content import NewPolicy
from congress.policies.errors import LibraryPolicyNotFound
from congress.policies.libraryitems import NewItem


def shown(record: LibraryRecord) -> dict[str, Any]:
    """A library policy as the API shows it."""
    item: dict[str, Any] = {
        "id": record.id,
        "name": record.name,
        "abbreviation": record.abbreviation,
        "description": record.description,
        "kind": record.kind,
    }
    if record.parameters:
        item["parameters"] = list(record.parameters)
    if record.depends_on:
        item["depends-on"] = list(record.depends_on)
    return item | {"rules": list(record.rules)}


def _asked_for(record: LibraryRecord, request: falcon.Request) -> dict[str, Any]:
    """`?include_rules=false` leaves the rules out."""
    item = shown(record)
    if (queries.text(request, "include_rules") or "").lower() in ("false", "0"):
        del item["rules"]
    return item


def _asked(request: falcon.Request) -> NewItem:
    body = bodies.read(request)
    if isinstance(body, dict) and "id" in body:
        raise registered("add_item_id")
    bodies.validate(body, schemas.NEW_LIBRARY_POLICY, "policy item")
    kind = body.get("kind", "nonrecursive")
    policy = NewPolicy(body["name"], kind, body.get("abbreviation"), body.get("description", ""))
    return NewItem(policy, body["rules"], body.get("parameters") or (), body.get("depends-on") or ())


class LibraryPolicies:
    """The collection."""

    def __init__(self, services: Services) -> None:
        self._library = services.library

    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        found = [_asked_for(item, request) for item in self._library.items()]
        paging.listing(request, response, found, schemas.FILTERS)

    def on_post(self, request: falcon.Request, response: falcon.Response) -> None:
        record = self._library.add(_asked(request))
        answers.created(request, response, _asked_for(record, request), record.id)


class LibraryPolicy:
    """One library policy."""

    def __init__(self, services: Services) -> None:
        self._library = services.library

    def on_get(self, request: falcon.Request, response: falcon.Response, item: str) -> None:
        found = self._library.item(item)
        etags.answer(request, response, shown(found), shown=_asked_for(found, request))

    def on_put(self, request: falcon.Request, response: falcon.Response, item: str) -> None:
        wanted = _asked(request)
        etags.require(request, shown(self._library.item(item)))
        answers.compact(response, _asked_for(self._library.replace(item, wanted), request))

    def on_delete(self, request: falcon.Request, response: falcon.Response, item: str) -> None:
        try:
            etags.require(request, shown(self._library.item(item)))
            answers.compact(response, _asked_for(self._library.remove(item), request))
        except LibraryPolicyNotFound as error:
            raise bare(404, str(error)) from error
