"""`/v1/openapi.json`: the API described for machines, from the same schemas that check the requests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import falcon

from congress.api import answers
from congress.api.schemas import (
    changes,
    datasources,
    drivers,
    librarypolicies,
    policies,
    rules,
    status,
    tables,
    versions,
)
from congress.api.schemas.operation import ERROR, Operation, Schema

_SCHEMAS = (versions, policies, rules, tables, changes, status, librarypolicies, datasources, drivers)


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
        paths.setdefault(path, {})[verb] = _described(path, described)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Congress",
            "version": "1",
            "description": "Policy as a service for clouds. A verb that a path does not have is answered with 501.",
        },
        "paths": paths,
    }


def _described(path: str, operation: Operation) -> dict[str, Any]:
    names = re.findall(r"{(\w+)}", path)
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}} for name in names
    ]
    parameters += [
        {"name": name, "in": "query", "required": False, "description": text, "schema": {"type": "string"}}
        for name, text in operation.query.items()
    ]
    described: dict[str, Any] = {
        "summary": operation.summary,
        "parameters": parameters,
        "responses": {str(code): _answer(code, schema) for code, schema in operation.answers.items()}
        | {"4XX": _answer(400, ERROR)},
    }
    if operation.body is not None:
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": operation.body}}}
    return described


def _answer(status_code: int, schema: Schema | None) -> dict[str, Any]:
    described: dict[str, Any] = {"description": "Refused; the body says why." if status_code >= 400 else "Done."}
    if schema is not None:
        described["content"] = {"application/json": {"schema": schema}}
    return described


class Document:
    """The document, for clients."""

    def on_get(self, _request: falcon.Request, response: falcon.Response) -> None:
        answers.compact(response, document())
