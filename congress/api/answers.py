"""Writes answers: JSON in ASCII, ending with a newline; listings indented, since people read them with curl."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import falcon

from congress.datalog.values import Row

_MOST_INDENTED, _MOST_ITEMS_INDENTED = 1000, 200
# Python's encoder is written in Python as soon as it indents; this one is not, and knows how far in the cells stand.
_cells = json.JSONEncoder(separators=(",\n        ", ": ")).encode
_ROW_HEAD = '    {\n      "data": ['
_ROW_END = "\n      ]\n    }"
_EMPTY_ROW_END = "]\n    }"
CONTENT_TYPE = "application/json; charset=UTF-8"


def compact(response: falcon.Response, body: Any) -> None:
    """Answer with one JSON value on one line."""
    _write(response, json.dumps(body, separators=(",", ":")))


def listing(response: falcon.Response, results: list[Any], **more: Any) -> None:
    """Answer with `{"results": […]}` and what comes beside it."""
    # Nobody reads thousands of rows, and Python's encoder is eight times as fast when it need not indent.
    indent = 2 if len(results) <= _MOST_ITEMS_INDENTED else None
    _write(response, json.dumps({"results": results, **more}, indent=indent))


def rows(response: falcon.Response, found: Sequence[Row], **more: Any) -> None:
    """As `listing` of `{"data": [cell, …]}` for each row, which is what most requests are about."""
    if not found or len(found) > _MOST_INDENTED:
        listing(response, [{"data": row} for row in found], **more)
        return
    beside = f",{json.dumps(more, indent=2)[1:-2]}" if more else ""
    text = ",\n".join(
        [f"{_ROW_HEAD}\n        {_cells(row)[1:-1]}{_ROW_END}" if row else _ROW_HEAD + _EMPTY_ROW_END for row in found]
    )
    _write(response, f'{{\n  "results": [\n{text}\n  ]{beside}\n}}')


def created(request: falcon.Request, response: falcon.Response, body: dict[str, Any], identifier: str) -> None:
    """Answer 201 with the new item and where it is."""
    response.status = 201
    response.location = f"{request.prefix}{falcon.uri.encode(request.path)}/{identifier}"
    compact(response, body)


def _write(response: falcon.Response, text: str) -> None:
    response.content_type = CONTENT_TYPE
    response.text = text + "\n"
