"""Descriptions of JSON ingesters, as OpenStack Congress has them in YAML files: which documents go into which table.

    name: _compute
    api_endpoint: https://cloud/compute/v2.1/
    authentication: {type: keystone, config: !ref keystone_login}
    tables:
      servers: {gin_index: true, poll: {api_path: servers/detail, api_method: get, jsonpath: $.servers[:]}}
      alarms: {webhook: {record_jsonpath: $.payload, id_jsonpath: $.id}}

`!ref NAME` stands for the value of this name in the file of reusable values.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field, ValidationError, field_validator, model_validator

from congress.datasources.contract import BadPushedData, DriverError
from congress.datasources.documents import read_file
from congress.datasources.mapping import Declared, compiled, matches

LONGEST_ID = 2712
"""Bytes of a key that an index of PostgreSQL takes."""
_NAME = r"^[A-Za-z_][A-Za-z0-9_]*$"


class Poll(Declared):
    """A request, and which documents are in its answer."""

    api_path: str
    api_method: Literal["get", "GET"] = "get"
    jsonpath: str = "$[*]"

    @field_validator("jsonpath")
    @classmethod
    def _is_path(cls, text: str) -> str:
        compiled(text)
        return text


class Webhook(Declared):
    """Which document is in a notification, and its id in the document."""

    record_jsonpath: str = "$"
    id_jsonpath: str

    @field_validator("record_jsonpath", "id_jsonpath")
    @classmethod
    def _is_path(cls, text: str) -> str:
        compiled(text)
        return text

    def record(self, payload: Any) -> dict[str, Any]:
        """Key and document of a notification. Raises BadPushedData."""
        found = matches(self.record_jsonpath, payload)
        if len(found) != 1:
            raise BadPushedData(f"the notification has {len(found)} records at {self.record_jsonpath}, not one")
        ids = matches(self.id_jsonpath, found[0])
        if len(ids) != 1 or not isinstance(ids[0], str | int | float | bool):
            raise BadPushedData(f"the record has no single text or number at {self.id_jsonpath}")
        key = ids[0] if isinstance(ids[0], str) else json.dumps(ids[0])
        if "\0" in key or len(key.encode(errors="surrogatepass")) > LONGEST_ID:
            raise BadPushedData(f"the record's id at {self.id_jsonpath} has more than {LONGEST_ID} bytes, or a zero")
        return document(found[0], key)


class IngesterTable(Declared):
    """Where the documents of a table come from."""

    gin_index: bool = True
    poll: Poll | None = None
    webhook: Webhook | None = None

    @model_validator(mode="after")
    def _has_one(self) -> IngesterTable:
        if (self.poll is None) == (self.webhook is None):
            raise ValueError("give one of poll and webhook")
        return self


class Authentication(Declared):
    """How the API is logged in to; `config` are the arguments of a password login of Keystone."""

    type: Literal["keystone"]
    config: Mapping[str, Any]


class Ingester(Declared):
    """One API."""

    name: str = Field(pattern=_NAME)
    tables: Mapping[str, IngesterTable] = Field(min_length=1)
    api_endpoint: str | None = Field(None, pattern="^https?://")
    api_default_headers: Mapping[str, str] = Field(default_factory=dict)
    authentication: Authentication | None = None
    poll_interval: float = Field(60, ge=0)
    allow_exec_api: bool = False

    @model_validator(mode="after")
    def _can_be_asked(self) -> Ingester:
        polled = [name for name, table in self.tables.items() if table.poll]
        if polled and self.api_endpoint is None:
            raise ValueError(f"table {polled[0]} is polled: api_endpoint is missing")
        return self

    @field_validator("tables")
    @classmethod
    def _are_names(cls, found: Mapping[str, IngesterTable]) -> Mapping[str, IngesterTable]:
        for name in found:
            if not name.isidentifier() or not name.isascii() or len(name) > 50 or name == "_exec_api":
                raise ValueError(f"'{name}' is no name of a table: take letters, digits and underscores, at most 50")
        return found


def document(value: Any, key: str | None = None) -> dict[str, Any]:
    """A document with its key; without one, it is known by its content."""
    if key is None:
        key = hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
    return {"key": key, "d": value}


def read_ingester(path: str, reusables: str | None = None) -> Ingester:
    """The description in a file. Raises DriverError."""
    known = _read(Path(reusables), {}) if reusables else {}
    if not isinstance(known, dict):
        raise DriverError(f"{reusables} must hold names with values")
    try:
        return Ingester.model_validate(_read(Path(path), known))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise DriverError(f"{path}: {place}: {first['msg'].removeprefix('Value error, ')}") from error


def _read(path: Path, known: Mapping[str, Any]) -> Any:
    class Loader(yaml.SafeLoader):
        """Knows `!ref`."""

    def refer(_loader: yaml.SafeLoader, node: yaml.Node) -> Any:
        if node.value not in known:
            raise yaml.YAMLError(f"!ref {node.value}: the file of reusable values has no such name")
        return known[node.value]

    Loader.add_constructor("!ref", refer)
    try:
        return yaml.load(read_file(path).decode(), Loader)  # noqa: S506 - a safe loader
    except (ValueError, yaml.YAMLError, RecursionError) as error:
        raise DriverError(f"{path} cannot be read: {' '.join(str(error).split())[:300]}") from error
