"""Thousands of requests made from the service's own description, each going on from the answers before it.

Schemathesis follows the links of the document: what one request created, the next ones read, change and delete. No
request upsets the server, and every answer is as described.
"""

from __future__ import annotations

import contextlib
import itertools
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, seed, settings
from hypothesis.errors import FlakyStrategyDefinition
from hypothesis.stateful import run_state_machine_as_test
from schemathesis import Case
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from congress.api import openapi
from congress.api.freshness import MIN_REVISION
from tests.api.inhabited import Inhabited
from tests.api.server_process import ServerProcess

REQUESTS = 2000
"""Of each of the two parts: together more than the 3 000 promised, and enough to succeed with each of `SUCCEED`."""
WRONG_ACTION, NOT_YET = 501, 503
ANSWERS = [status_code_conformance, content_type_conformance, response_schema_conformance]
SUCCEED = {
    "POST /v1/policies",
    "GET /v1/policies/{policy}",
    "PATCH /v1/policies/{policy}",
    "POST /v1/policies/{policy}",
    "DELETE /v1/policies/{policy}",
    "POST /v1/policies/{policy}/rules",
    "GET /v1/policies/{policy}/rules/{rule}",
    "PUT /v1/policies/{policy}/rules/{rule}",
    "PATCH /v1/policies/{policy}/rules/{rule}",
    "DELETE /v1/policies/{policy}/rules/{rule}",
    "GET /v1/policies/{policy}/tables/{table}/rows",
    "POST /v1/librarypolicies",
    "POST /v1/data-sources",
    "POST /v1/data-sources/{datasource}/webhook",
    "POST /v1/data-sources/{datasource}/webhook-secrets",
    "PUT /v1/data-sources/{datasource}/tables/{table}/rows",
    "GET /v1/data-sources/{datasource}/tables/{table}/rows",
    "DELETE /v1/data-sources/{datasource}",
}
"""What each part must have had a success of; `test_every_operation_can_succeed` has one of all operations."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    process = ServerProcess(tmp_path / "state").start()
    yield process
    process.close()


class Enough(BaseException):
    """Ends the requests; no Exception, since Hypothesis would take that for a finding and try it again."""


class Exchange:
    """What was sent and answered: counts by operation and status, and the answers that must not be."""

    def __init__(self) -> None:
        self.sent: dict[tuple[str, int], int] = {}
        self.wrong: list[str] = []

    @property
    def count(self) -> int:
        return sum(self.sent.values())

    def note(self, case: Case, response: schemathesis.Response) -> None:
        key = case.operation.label, response.status_code
        self.sent[key] = self.sent.get(key, 0) + 1
        try:
            expected = {WRONG_ACTION, *([NOT_YET] if MIN_REVISION in case.headers else [])}
            assert response.status_code < 500 or response.status_code in expected, response.text
            case.validate_response(response, checks=ANSWERS)
        except (AssertionError, FailureGroup) as failure:
            self.wrong.append(f"{case.as_curl_command()}\n{failure}")
        if self.wrong or self.count >= REQUESTS:
            raise Enough


@pytest.mark.parametrize("part", [1, 2])
def test_no_sequence_of_requests_upsets_the_server(server: ServerProcess, part: int) -> None:
    schema = schemathesis.openapi.from_dict(openapi.document())
    exchange, session, inhabited = Exchange(), requests.Session(), Inhabited()

    class Requests(schema.as_state_machine()):  # type: ignore[misc]
        def before_call(self, case: Case) -> None:
            inhabited.aim(case)

        def get_call_kwargs(self, case: Case) -> dict[str, object]:
            return {"base_url": server.url, "session": session}

        def validate_response(self, response: schemathesis.Response, case: Case, **_more: object) -> None:
            inhabited.learn(case, response.status_code, json.loads(response.content or "null"))
            exchange.note(case, response)

    chosen = settings(
        max_examples=5, stateful_step_count=50, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    with contextlib.suppress(Enough):
        for lap in itertools.count(1000 * part):
            # The server remembers the laps before, so Hypothesis may see the same choice lead elsewhere.
            with contextlib.suppress(FlakyStrategyDefinition):
                run_state_machine_as_test(seed(lap)(Requests), settings=chosen)
    assert not exchange.wrong, exchange.wrong[0]
    assert exchange.count == REQUESTS
    succeeded = {label for (label, status) in exchange.sent if status < 300}
    assert succeeded >= SUCCEED, sorted(SUCCEED - succeeded)
