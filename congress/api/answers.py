"""Writes answers: JSON in ASCII, ending with a newline; listings indented, since people read them with curl."""

from __future__ import annotations

import json
from typing import Any

import falcon

_MOST_INDENTED = 1000
CONTENT_TYPE = "application/json; charset=UTF-8"


def compact(response: falcon.Response, body: Any) -> None:
    """Answer with one JSON value on one line."""
    _write(response, json.dumps(body, separators=(",", ":")))


def listing(response: falcon.Response, results: list[Any], **more: Any) -> None:
    """Answer with `{"results": […]}` and what comes beside it."""
    # Nobody reads thousands of rows, and Python's encoder is eight times as fast when it need not indent.
    indent = 2 if len(results) <= _MOST_INDENTED else None
    _write(response, json.dumps({"results": results, **more}, indent=indent))


def created(request: falcon.Request, response: falcon.Response, body: dict[str, Any], identifier: str) -> None:
    """Answer 201 with the new item and where it is."""
    response.status = 201
    response.location = f"{request.prefix}{falcon.uri.encode(request.path)}/{identifier}"
    compact(response, body)


def _write(response: falcon.Response, text: str) -> None:
    response.content_type = CONTENT_TYPE
    response.text = text + "\n"
