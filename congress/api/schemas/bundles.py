"""Bundles of policies."""

from __future__ import annotations

from jsonschema import Draft202012Validator

from congress.api.schemas.operation import (
    EXPECTED,
    INTEGER,
    PAGED,
    PREVIEW,
    PREVIEWED,
    SEEN,
    TEXT,
    TEXT_OR_NULL,
    Operation,
    Operations,
    Schema,
    filtering,
    listing,
    record,
)
from congress.api.schemas.policies import ENFORCEMENT

ARCHIVE = "application/octet-stream"
_TEXTS: Schema = {"type": "array", "items": TEXT}
_VERSION = record(
    version=TEXT,
    state={
        "type": "string",
        "enum": ["active", "previous", "stored"],
        "description": "`previous`: a rollback leads to it.",
    },
    digest={"type": "string", "description": "SHA-256 of the manifest, which holds the digests of all files."},
    signer={"type": ["string", "null"], "description": "Id of the trusted key that signed it."},
    size=INTEGER,
    uploaded_at=TEXT,
    uploaded_by=TEXT,
)
_BUNDLE = record(
    id=TEXT,
    name=TEXT,
    active=TEXT_OR_NULL,
    previous=TEXT_OR_NULL,
    changed_at=TEXT_OR_NULL,
    changed_by=TEXT_OR_NULL,
    policies={**_TEXTS, "description": "Those that it brought."},
    versions={"type": "array", "items": _VERSION},
)
_HISTORY: Schema = {
    "type": "array",
    "items": record(revision=INTEGER, what=TEXT, version=TEXT_OR_NULL, by=TEXT, at=TEXT),
}
_BUNDLE_WITH_HISTORY: Schema = {**_BUNDLE, "properties": {**_BUNDLE["properties"], "history": _HISTORY}}
_UPLOADED: Schema = {**_BUNDLE, "properties": {**_BUNDLE["properties"], "uploaded": TEXT}}
_POLICY = record(
    name=TEXT,
    kind=TEXT,
    description=TEXT,
    abbreviation=TEXT_OR_NULL,
    rules={"type": "array", "items": {"type": "object", "required": ["rule"]}},
    parameters={"type": "array"},
    values={"type": "object"},
    depends_on=_TEXTS,
)
_CONTENT: Schema = {
    **_VERSION,
    "properties": {
        **_VERSION["properties"],
        **record(
            id=TEXT,
            bundle=TEXT,
            description=TEXT,
            signers={**_TEXTS, "description": "Ids of all keys that signed it, trusted or not."},
            policies={"type": "array", "items": _POLICY},
            tests=_TEXTS,
            datasources={"type": "object"},
        )["properties"],
    },
}
_ACTIVATION: Schema = {
    "type": ["object", "null"],
    "additionalProperties": False,
    "properties": {"enforcement": {**ENFORCEMENT, "description": "Of policies that the bundle did not bring before."}},
}
ACTIVATION = Draft202012Validator(_ACTIVATION)

FILTERS = ("name", "active")

_ALL, _ONE = "/v1/bundles", "/v1/bundles/{bundle}"
_OF_BUNDLE = f"{_ONE}/versions/{{version}}"
_SWITCHED: Schema = {"anyOf": [_BUNDLE_WITH_HISTORY, PREVIEWED]}


def _switch(summary: str, body: Schema | None = None) -> Operation:
    """One that makes another version the active one, or shows what that would change."""
    return Operation(summary, {200: _SWITCHED}, body=body, query=PREVIEW, headers=EXPECTED)


OPERATIONS: Operations = {
    _ALL: {
        "get": Operation(
            "List the bundles of policies, with their versions.",
            {200: listing(_BUNDLE)},
            query=filtering(FILTERS) | PAGED,
        ),
        "post": Operation(
            "Upload the archive that `congress bundle build` made. Nothing becomes active; 200 when it was there.",
            {201: _UPLOADED, 200: _UPLOADED},
            body={"type": "string", "format": "binary"},
            body_media=ARCHIVE,
        ),
    },
    _ONE: {
        "get": Operation(
            "Show a bundle: its versions, and what was activated when.",
            {200: _BUNDLE_WITH_HISTORY, 304: None},
            headers=SEEN,
        ),
        "delete": Operation(
            "Delete a bundle that is not active, with all its versions; answers what was deleted.",
            {200: _BUNDLE_WITH_HISTORY},
            headers=EXPECTED,
        ),
    },
    f"{_ONE}/rollback": {
        "post": _switch("Activate the version that was active before; again, and it is the one before that.")
    },
    f"{_ONE}/deactivate": {"post": _switch("Take the policies of a bundle out; a rollback brings them back.")},
    _OF_BUNDLE: {
        "get": Operation("Show a version: its policies, parameters, tests, and signers.", {200: _CONTENT}),
        "delete": Operation(
            "Delete a version that is not active; answers the bundle as it was.",
            {200: _BUNDLE_WITH_HISTORY},
            headers=EXPECTED,
        ),
    },
    f"{_OF_BUNDLE}/activate": {
        "post": _switch(
            "Put the policies of this version in the place of those that the bundle brought before, all or none, after "
            "its own tests have passed.",
            body=_ACTIVATION,
        )
    },
}
