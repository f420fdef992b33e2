"""The OpenAPI document describes the routes that there are, and no request made from it upsets the server."""

from __future__ import annotations

import re
from unittest import mock

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from congress.api import openapi, routes
from congress.api.freshness import MIN_REVISION
from tests.api.server_process import Client

VERBS = ("get", "put", "post", "delete", "patch", "options", "head")
ANSWERS_NOTHING = re.compile(r"/rows/\{row\}$")
# Names that exist make requests reach further than made-up ones do.
KNOWN = {"policy": "known", "datasource": "source", "table": "fake_table", "driver": "nova"}
UNKNOWN_ACTION, NOT_YET = 501, 503
ACTIONS = ("simulate", "explain", "execute", "request-refresh")

schema = schemathesis.openapi.from_dict(openapi.document())
operations = [
    pytest.param(path, verb, mode, id=f"{mode.value} {verb} {path}")
    for path, verb, operation in openapi.operations()
    for mode in GenerationMode
    if path != "/" and (mode is GenerationMode.POSITIVE or operation.body)  # without a body nothing could be wrong
]


def test_the_document_describes_exactly_the_routes() -> None:
    served = {
        (path, verb)
        for path, handler in routes.routes(mock.MagicMock())
        for verb in VERBS
        if hasattr(handler, f"on_{verb}") and not ANSWERS_NOTHING.search(path)
    }
    described = {(path, verb) for path, verb, _operation in openapi.operations()}
    assert served == described


def test_the_document_is_served(client: Client) -> None:
    assert client.get("/v1/openapi.json").json() == openapi.document()


@pytest.fixture(scope="module")
def populated(client: Client) -> Client:
    client.policy("known", "p(x) :- q(x)", "q(1)", "fake_table(1)")
    client.post("/v1/data-sources", {"name": "source", "driver": "fake_datasource"})
    return client


@pytest.mark.parametrize(("path", "verb", "mode"), operations)
def test_no_request_upsets_the_server(populated: Client, path: str, verb: str, mode: GenerationMode) -> None:
    operation = schema[path][verb.upper()]
    session = requests.Session()

    @settings(max_examples=25, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode), aimed=st.booleans(), action=st.sampled_from(ACTIONS))
    def send(case: Case, aimed: bool, action: str) -> None:
        if aimed and case.path_parameters and verb != "delete":
            case.path_parameters = {name: KNOWN.get(name, value) for name, value in case.path_parameters.items()}
        if aimed and "action" in openapi.operation(path, verb).query:
            case.query = {**(case.query or {}), "action": action}
        if case.query:
            case.query.pop("wait", None)  # would only make the test slow
        answer = case.call(base_url=populated.url, session=session)
        assert answer.status_code < 500 or answer.status_code in (UNKNOWN_ACTION, NOT_YET), answer.text
        assert answer.status_code != NOT_YET or MIN_REVISION in case.headers, answer.text
        case.validate_response(
            answer, checks=[status_code_conformance, content_type_conformance, response_schema_conformance]
        )

    send()
