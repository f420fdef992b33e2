"""`/v1/openapi.json`: the API described for machines, from the same schemas that check the requests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import falcon

from congress.api import answers
from congress.api.freshness import MIN_REVISION
from congress.api.schemas import (
    bundles,
    changes,
    checks,
    dashboard,
    datasources,
    drivers,
    events,
    eventwebhooks,
    explanations,
    history,
    ledger,
    librarypolicies,
    policies,
    rules,
    status,
    system,
    tables,
    versions,
    violations,
    webhooks,
)
from congress.api.schemas.operation import ERROR, JSON, Operation, Schema

_MIN_REVISION = "Wait until the server knows this policy revision; 503 with Retry-After when it takes too long."
_NUMBER: Schema = {"type": "integer", "minimum": 0}
_SCHEMAS = (
    versions, policies, rules, checks, tables, explanations, changes, history, violations, events,
    eventwebhooks, status, librarypolicies, bundles, datasources, webhooks, ledger, drivers, system, dashboard,
)  # fmt: skip


def operations() -> Iterator[tuple[str, str, Operation]]:
    """Every (path, verb, operation) of the API."""
    for module in _SCHEMAS:
        for path, verbs in module.OPERATIONS.items():
            for verb, operation in verbs.items():
                yield path, verb, operation


def operation(path: str, verb: str) -> Operation:
    """One operation. Raises KeyError."""
    return {(each, other): found for each, other, found in operations()}[path, verb]


def document() -> dict[str, Any]:
    """The OpenAPI 3.1 document."""
    paths: dict[str, dict[str, Any]] = {}
    for path, verb, described in operations():
        paths.setdefault(path, {})[verb] = _described(path, verb, described)
    for path, verbs in paths.items():
        created = verbs.get("post", {}).get("responses", {}).get("201")
        if created is not None:
            created["links"] = _links(path)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Congress",
            "version": "1",
            "description": "Policy as a service for clouds. A verb that a path does not have is answered with 501.",
        },
        "paths": paths,
    }


def _described(path: str, verb: str, operation: Operation) -> dict[str, Any]:
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
        for name in _names(path)
    ]
    parameters += [_optional("query", name, text) for name, text in operation.query.items()]
    parameters += [_optional("header", name, text) for name, text in operation.headers.items()]
    answers = {str(code): _answer(code, schema, operation.media) for code, schema in operation.answers.items()}
    answers["4XX"] = _answer(400, ERROR)
    if path.startswith("/v1/"):
        parameters.append(_optional("header", MIN_REVISION, _MIN_REVISION) | {"schema": _NUMBER})
        answers["503"] = _answer(503, ERROR)
    described: dict[str, Any] = {
        "operationId": _identifier(path, verb),
        "summary": operation.summary,
        "parameters": parameters,
        "responses": answers,
    }
    if operation.body is not None:
        described["requestBody"] = {"required": True, "content": {operation.body_media: {"schema": operation.body}}}
    return described


def _names(path: str) -> list[str]:
    return re.findall(r"{(\w+)}", path)


def _identifier(path: str, verb: str) -> str:
    words = [word.strip("{}") for word in re.split(r"[/.-]", path) if word and word != "v1"]
    return "_".join([verb, *words]) + ("_" if path == "/v1/" else "")


def _optional(place: str, name: str, text: str) -> dict[str, Any]:
    return {"name": name, "in": place, "required": False, "description": text, "schema": {"type": "string"}}


def _links(collection: str) -> dict[str, Any]:
    """What can be done with an item that was created in a collection."""
    links = {}
    for path, verb, _operation in operations():
        if not path.startswith(f"{collection}/{{"):
            continue
        own, *_below = _names(path.removeprefix(collection))
        parameters = {f"path.{name}": f"$request.path.{name}" for name in _names(collection)}
        identifier = _identifier(path, verb)
        links[identifier] = {
            "operationId": identifier,
            "parameters": {**parameters, f"path.{own}": "$response.body#/id"},
        }
    return links


def _answer(status_code: int, schema: Schema | None, media: str = JSON) -> dict[str, Any]:
    described: dict[str, Any] = {"description": "Refused; the body says why." if status_code >= 400 else "Done."}
    if schema is not None:
        described["content"] = {media: {"schema": schema}}
    return described


class Document:
    """The document, for clients."""

    def on_get(self, _request: falcon.Request, response: falcon.Response) -> None:
        answers.compact(response, document())
