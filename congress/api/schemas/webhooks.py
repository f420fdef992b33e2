"""Webhooks and the secrets of their senders."""

from __future__ import annotations

from congress.api.schemas.operation import TEXT, Operation, Operations, record

_SECRET = record(id=TEXT, created_at=TEXT)

OPERATIONS: Operations = {
    "/v1/data-sources/{datasource}/webhook": {
        "post": Operation("Notify a datasource whose driver takes notifications.", {200: None}, body={}),
    },
    "/v1/data-sources/{datasource}/tables/{table}/webhook": {
        "post": Operation("Add the document of a notification to a table that takes them.", {200: None}, body={}),
    },
    "/v1/data-sources/{datasource}/webhook-secrets": {
        "get": Operation(
            "List the secrets of a datasource's senders, the oldest first, without the secrets themselves.",
            {200: record(results={"type": "array", "items": _SECRET})},
        ),
        "post": Operation(
            "Make a secret, which is told in this answer only; a datasource has at most two.",
            {201: record(id=TEXT, created_at=TEXT, secret=TEXT)},
        ),
    },
    "/v1/data-sources/{datasource}/webhook-secrets/{secret}": {
        "delete": Operation("Make a secret invalid; answers what was deleted.", {200: _SECRET}),
    },
}
