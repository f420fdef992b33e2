"""Checks answers against the schemas that the API is described with: every test of the API does, unknowingly."""

from __future__ import annotations

import functools
import json
import re

import requests
from jsonschema import Draft202012Validator

from congress.api import openapi
from congress.api.schemas.operation import ERROR, JSON

_VERBS = ("get", "post", "put", "patch", "delete")
_SEGMENT = re.compile(r"{\w+}")


@functools.cache
def _templates() -> list[tuple[re.Pattern[str], str]]:
    """(pattern, path) of every described path, those with fewer names first, since they are the more exact ones."""
    paths = sorted({path for path, _verb, _operation in openapi.operations()}, key=lambda path: path.count("{"))
    return [(re.compile(_SEGMENT.sub("[^/]+", path.replace(".", r"\."))), path) for path in paths]


def template(path: str) -> str | None:
    """The described path that a path, with its query, is one of."""
    bare = path.split("?")[0]
    return next((template for pattern, template in _templates() if pattern.fullmatch(bare)), None)


@functools.cache
def _validator(path: str, verb: str, status: int) -> Draft202012Validator | None:
    """The schema of an answer's body; None where there is no body. Raises KeyError for an answer not described."""
    try:
        answers = openapi.operation(path, verb).answers
    except KeyError:
        answers = {501: ERROR}
    schema = answers[status] if status in answers or status < 400 else ERROR
    return None if schema is None else Draft202012Validator(schema)


def check(answer: requests.Response) -> None:
    """Raises AssertionError when the answer is not as described."""
    sent = answer.request
    described = template(str(sent.path_url))
    if described is None or str(sent.method).lower() not in _VERBS:
        return
    what = f"{sent.method} {sent.path_url} answered {answer.status_code}"
    try:
        validator = _validator(described, str(sent.method).lower(), answer.status_code)
    except KeyError:
        raise AssertionError(f"{what}, which the description of {described} does not know") from None
    if validator is None:
        assert not answer.content, f"{what} with a body"
        return
    kind = openapi.operation(described, str(sent.method).lower()).media if answer.status_code < 400 else JSON
    if kind != JSON:
        assert answer.headers["Content-Type"].startswith(kind), f"{what} with another type of body"
        return
    violation = next(iter(validator.iter_errors(json.loads(answer.content))), None)
    assert violation is None, f"{what} with a body of another form: {violation}"
