"""Reads long lists piece by piece: `limit`, `marker`, and filters by field or column."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Any

import falcon

from congress.api import answers, queries
from congress.api.errors import plain
from congress.datalog.values import Row, row_sort_key, value
from congress.datalog.values import row as value_row

_COLUMN = "column."
_PARTIAL = frozenset({"limit", "marker", "text"})
_BETWEEN = "\0"
_USUAL_LIMIT, _LARGEST_LIMIT = 1000, 10_000
MOST_DESCRIBED = 100
"""Rows of a page on which more is said about each."""


def listing(
    request: falcon.Request,
    response: falcon.Response,
    items: Sequence[dict[str, Any]],
    filters: Sequence[str] = (),
    **more: Any,
) -> None:
    """Answer with the page of the items that the request asks for. `marker` is the `id` of the last item before it."""
    for field in filters:
        wanted = queries.text(request, field)
        if wanted is not None:
            items = [item for item in items if _text(item[field]) == wanted]
    marker = queries.text(request, "marker")
    if marker is not None:
        place = next((number for number, item in enumerate(items) if item["id"] == marker), None)
        if place is None:
            raise plain(400, f"marker {marker[:100]} is the id of nothing in this list; begin again without a marker")
        items = items[place + 1 :]
    items, left = _limited(request, items)
    if left:
        more["next_marker"] = items[-1]["id"]
    answers.listing(response, list(items), **more)


def rows(
    request: falcon.Request,
    response: falcon.Response,
    found: Sequence[Row],
    columns: Callable[[], Sequence[str] | None],
    beside: Callable[[Row], dict[str, Any]] | None = None,
    **more: Any,
) -> None:
    """Answer with the page of the sorted rows that the request asks for.

    `marker` is the last row before it, as a JSON list; it need not exist any longer. `columns` answers the names of the
    columns, None where they have only numbers. `beside` says more about each row; pages are short then. `total` counts
    the rows that the filters leave, on all pages; an answer to a request for all rows has none, since it holds them.
    """
    if not request.query_string:
        answers.rows(response, found, **more)
        return
    for name in [name for name in request.params if name.startswith(_COLUMN)]:
        found = _where(found, name.removeprefix(_COLUMN), queries.text(request, name) or "", columns())
    text = queries.text(request, "text")
    if text:
        found = _containing(found, text)
    if any(name in _PARTIAL or name.startswith(_COLUMN) for name in request.params):
        more["total"] = len(found)
    marker = queries.text(request, "marker")
    if marker is not None:
        found = found[bisect_right(found, row_sort_key(marked_row(marker)), key=row_sort_key) :]
    found, left = _limited(request, found, None if beside is None else MOST_DESCRIBED)
    if left:
        more["next_marker"] = json.dumps(found[-1], separators=(",", ":"))
    if beside is None:
        answers.rows(response, found, **more)
    else:
        answers.listing(response, [{"data": row, **beside(row)} for row in found], **more)


def limit(request: falcon.Request) -> int:
    """How many items are wanted of a list that is never read whole."""
    return min(_limit(request) or _USUAL_LIMIT, _LARGEST_LIMIT)


def _limit(request: falcon.Request) -> int | None:
    text = queries.text(request, "limit")
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 10 and int(text) > 0):
        raise plain(400, "parameter limit must be a whole number, 1 or more")
    return int(text)


def _limited(request: falcon.Request, items: Sequence[Any], largest: int | None = None) -> tuple[Sequence[Any], bool]:
    """The first items, as many as are wanted and at most `largest`, and whether there are more."""
    most = min((each for each in (_limit(request), largest) if each is not None), default=None)
    return (items, False) if most is None else (items[:most], len(items) > most)


def _where(found: Sequence[Row], column: str, wanted: str, names: Sequence[str] | None) -> list[Row]:
    place = _place(column, names)
    widths = {len(row) for row in found}
    if names is None and place >= max(widths, default=place + 1):
        raise plain(400, f"the table has no column {column}; columns are counted from 0")
    values: set[Any] = {wanted}
    try:
        number = json.loads(wanted)
    except (ValueError, RecursionError):
        number = None
    if isinstance(number, int | float) and not isinstance(number, bool):
        values.add(value(number))
    return [row for row in found if len(row) > place and row[place] in values]


def _containing(found: Sequence[Row], text: str) -> list[Row]:
    """The rows with a cell that has the text in it, in whatever case of letters."""
    wanted = text.lower()
    if _BETWEEN in wanted:
        return [row for row in found if any(wanted in str(cell).lower() for cell in row)]
    # A third of the time; a text without that character cannot reach from one cell into the next.
    return [row for row in found if wanted in _BETWEEN.join(map(str, row)).lower()]


def _place(column: str, names: Sequence[str] | None) -> int:
    if names is not None and column in names:
        return list(names).index(column)
    if column.isascii() and column.isdigit() and len(column) < 6 and (names is None or int(column) < len(names)):
        return int(column)
    known = "its columns are " + ", ".join(names) if names else "count its columns from 0"
    raise plain(400, f"the table has no column {column[:100]}; {known}")


def marked_row(text: str, parameter: str = "marker") -> Row:
    """A row that a parameter gives as a JSON list."""
    try:
        cells = json.loads(text)
    except (ValueError, RecursionError):
        cells = None
    if not isinstance(cells, list) or not all(
        isinstance(cell, str | int | float) and not isinstance(cell, bool) for cell in cells
    ):
        raise plain(400, f'parameter {parameter} must be a row as a JSON list, such as ["vm-1", 3]')
    return value_row(cells)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
