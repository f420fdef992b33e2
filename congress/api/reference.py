"""Prints the page of all routes: `python -m congress.api.reference > docs/api.md`."""

from __future__ import annotations

from congress.api.errors import CODES
from congress.api.openapi import operations
from congress.api.schemas.operation import Operation

_HEAD = """# REST API, version 1

The paths, fields, statuses and texts are those that clients of the original Congress know; `docs/differences.md` lists
where we answer otherwise. The same description for machines is served at `/v1/openapi.json`. For a walk through it with
examples (several rules at once, previews, pages, ETags, revisions), read [Working with the REST API](api-guide.md).

- Request bodies are JSON in UTF-8 with the header `Content-Type: application/json`; bodies of actions
  (`POST …?action=…`) need no header. Bodies are limited in size and in depth of nesting (see `docs/configuration.md`).
- Answers are JSON in ASCII and end with a newline; listings `{"results": […]}` of up to 200 items, or
  1000 rows, are indented. Rows are listed sorted.
- A created item is answered with 201, its address in `Location`, and itself as the body. A deleted item is answered
  as it was. Everything else is answered with 200.
- Policies and datasources can be given by name or by id.
- Switches (`trace`, `delta`) are on for `true` and `1`, in any case of letters.
- Every answer carries `X-Request-Id`, which stands in the server's log beside whatever the request led to.

## Errors

```json
{"error": {"message": "…", "error_code": 1002, "error_data": null}}
```

`error_code` is the HTTP status, or one of these numbers:

| error_code | status | meaning |
|---|---|---|
"""
_MORE = """
A path that does not exist is answered with 404, a verb that a path does not have with 501, a body that is too large
with 413, and a database that is out of reach with 503: nothing was changed, unless `message` says that it is not known
whether a change is stored, since the database went away in the middle of the commit and did not come back for ten
seconds; then read before you try again. With Keystone, 401 means that it is not known who asks, and 403
that it is known and not allowed; `docs/reference/rbac.md` lists what each operation needs. `message` is for people; it
says what was wrong and, where it can, what to do.

## Changes and explanations

These are not known to clients of the original.

`GET /v1/policies/<policy>/changes` tells which rows of watched tables (`error`, `warning` and `execute[…]`, unless
configured otherwise) appeared and disappeared, with the time in UTC and the milliseconds from the arrival of the
changed data until the consequences were known. `?since=<sequence>&wait=<seconds>` follows the changes without polling
in haste; `latest` is the sequence number to go on from. Only the last changes are remembered: when `complete` is false,
some after `since` are forgotten, and the rows of the tables tell what holds.

`GET /v1/policies/<policy>/history` tells the same of all engines together and of long ago, row by row; `/v1/actions`
lists what rules asked to be done, and takes decisions about it: see [history and actions](actions.md).

`GET /v1/violations` lists what all engines recorded as stays of rows, `GET /v1/events` lets a client follow them, and
`POST /v1/policies/<policy>/tables/<table>/explain` tells why a row is there or why it is not: see
[violations, events and explanations](violations.md). `POST /v1/policies/<policy>?action=explain` with
`{"table": "error", "row": [...]}` answers the same.

`/v1/bundles` takes sets of policies as one signed archive, activates them at once and rolls them back: see
[bundles](bundles.md).

## Routes
"""
_FOOT = "\nThis page is written by `python -m congress.api.reference`.\n"


def page() -> str:
    """The page, in Markdown."""
    codes = "".join(f"| {code.number} | {code.status} | {code.description} |\n" for code in CODES.values())
    routes = "".join(_route(path, verb, operation) for path, verb, operation in operations() if path != "/")
    root = "\n### `/`\n\nEvery verb lists the versions of the API.\n"
    return _HEAD + codes + _MORE + root + routes + _FOOT


def _route(path: str, verb: str, operation: Operation) -> str:
    parameters = "".join(f"- `{name}`: {text}\n" for name, text in operation.query.items())
    text = f"\n### `{verb.upper()} {path}`\n\n{operation.summary}\n"
    return text + (f"\n{parameters}" if parameters else "")


if __name__ == "__main__":
    print(page(), end="")
