"""Reads request bodies: JSON in UTF-8, of bounded depth, whose strings can be stored anywhere."""

from __future__ import annotations

import json
from typing import Any, NoReturn

import falcon
from jsonschema.protocols import Validator

from congress.api.errors import bare, plain

_MESSAGE = "Failed to parse body as application/json: {}"


def read(request: falcon.Request) -> Any:
    """The body of a request that must say that it is JSON."""
    _check_content_type(request.content_type)
    return read_anything(request)


def read_anything(request: falcon.Request) -> Any:
    """The body of a request, JSON whatever its content type says (clients send actions without one)."""
    raw = request.bounded_stream.read()
    _check_depth(raw, request.context.max_body_depth)
    try:
        body = json.loads(raw, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise bare(400, _MESSAGE.format(error)) from error
    _check_strings(body)
    return body


def validate(body: Any, validator: Validator, what: str) -> Any:
    """The body, when it follows the schema; otherwise 400 with the first violation as `error_data`."""
    violation = next(iter(sorted(validator.iter_errors(body), key=lambda error: list(map(str, error.path)))), None)
    if violation is not None:
        place = "/".join(map(str, violation.absolute_path)) or "the body"
        raise plain(400, f"Input {what} violates schema.", f"{place}: {violation.message[:1000]}")
    return body


def _check_content_type(content_type: str | None) -> None:
    kind, _, parameters = (content_type or "").partition(";")
    if kind.strip().lower() != "application/json":
        raise bare(400, "Unsupported Content-Type; must be 'application/json'")
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset" and value.strip().strip('"').lower() not in ("utf-8", "utf8"):
            raise bare(400, "Unsupported charset: must be 'UTF-8'")


def _check_depth(raw: bytes, limit: int) -> None:
    """Refuse deep nesting before the JSON parser, which recurses, sees it."""
    depth = 0
    in_string = escaped = False
    if raw.count(b"[") + raw.count(b"{") <= limit:
        return
    for byte in raw:
        if in_string:
            if escaped:
                escaped = False
            elif byte == 0x5C:
                escaped = True
            elif byte == 0x22:
                in_string = False
        elif byte == 0x22:
            in_string = True
        elif byte in b"[{":
            depth += 1
            if depth > limit:
                raise bare(400, _MESSAGE.format(f"lists and objects are nested deeper than {limit}"))
        elif byte in b"]}":
            depth -= 1


def _check_strings(body: Any) -> None:
    """Refuse characters that no database takes: halves of surrogate pairs and NUL."""
    waiting = [body]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend(value.keys())
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
        elif isinstance(value, str):
            try:
                value.encode("utf-8")
            except UnicodeEncodeError as error:
                raise bare(400, _MESSAGE.format(f"a string holds half a surrogate pair ({error.reason})")) from error
            if "\0" in value:
                raise bare(400, _MESSAGE.format("a string holds the character NUL (\\u0000), which cannot be stored"))


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON value")
