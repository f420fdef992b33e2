"""The dashboard: its files, and logging in."""

from __future__ import annotations

from jsonschema import Draft202012Validator

from congress.api.schemas.operation import TEXT, TEXT_OR_NULL, Operation, Operations, Schema, record

_NAME: Schema = {"type": "string", "minLength": 1, "maxLength": 255}
_LOGIN: Schema = {
    "type": "object",
    "required": ["user", "password"],
    "additionalProperties": False,
    "properties": {
        "user": _NAME,
        "password": {"type": "string", "maxLength": 4096},
        "domain": {**_NAME, "description": "Name of the domain of user and project; `Default` when not given."},
        "project": {
            "type": ["string", "null"],
            "maxLength": 255,
            "description": "The project whose roles count; without one those on the system.",
        },
    },
}
LOGIN = Draft202012Validator(_LOGIN)
_STRATEGY: Schema = {"type": "string", "enum": ["keystone", "noauth"]}

OPERATIONS: Operations = {
    "/dashboard": {"get": Operation("Show the dashboard, for browsers.", {200: TEXT, 304: None}, media="text/html")},
    "/dashboard/session": {
        "get": Operation("Tell whether one must log in.", {200: record(auth=_STRATEGY, version=TEXT)})
    },
    "/dashboard/login": {
        "post": Operation(
            "Get a token of Keystone for the dashboard, for `X-Auth-Token`. Nothing is needed, and the token is null, "
            "with `auth_strategy = noauth`.",
            {
                200: record(
                    auth=_STRATEGY,
                    token=TEXT_OR_NULL,
                    user=TEXT_OR_NULL,
                    project=TEXT_OR_NULL,
                    roles={"type": "array", "items": TEXT},
                    expires_at=TEXT_OR_NULL,
                )
            },
            body=_LOGIN,
        )
    },
    "/dashboard/{file}": {
        "get": Operation("One of the dashboard's files.", {200: TEXT, 304: None}, media="text/"),
    },
}
