"""Thousands of requests made from the service's own description, each going on from the answers before it.

Schemathesis follows the links of the document: what one request created, the next ones read, change and delete. No
request upsets the server, and every answer is as described.
"""

from __future__ import annotations

import contextlib
import itertools
import time
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
from tests.api.server_process import ServerProcess

REQUESTS, LEAST_REQUESTS = 2500, 1000
MOST_SECONDS = 60.0
WRONG_ACTION, BEHIND = 501, 503
ANSWERS = [status_code_conformance, content_type_conformance, response_schema_conformance]
NUMBERS = itertools.count(1)
FORMS = (
    "q({})",
    "p(x) :- q(x), gt(x, {})",
    "error(x) :- p(x), not r(x, {})",
    "execute[nova:stop(x)] :- q(x), lt(x, {})",
)
RULES = (form.format(next(NUMBERS)) for form in itertools.cycle(FORMS))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    configuration = tmp_path / "congress.conf"
    configuration.write_text("[DEFAULT]\nauth_strategy = noauth\n[api]\nrevision_wait = 0\n")
    process = ServerProcess(tmp_path / "state", "--config-file", str(configuration)).start()
    yield process
    process.close()


def make_meaningful(case: Case) -> None:
    """Generated texts are hardly ever rules or free names; most requests get such as are."""
    number = next(NUMBERS)
    if number % 4 == 0 or not isinstance(case.body, dict):
        return
    if "name" in case.body and case.path in ("/v1/policies", "/v1/librarypolicies", "/v1/data-sources"):
        case.body["name"] = f"made{number}"
    if "driver" in case.body:
        case.body |= {"driver": "fake_datasource", "config": None}
    if "rule" in case.body:
        case.body["rule"] = next(RULES)
    for rule in case.body.get("rules") or ():
        if isinstance(rule, dict) and "rule" in rule:
            rule["rule"] = next(RULES)


class Enough(BaseException):
    """Ends the requests; no Exception, since Hypothesis would take that for a finding and try it again."""


class Exchange:
    """What was sent and answered: counts by operation and status, and the answers that must not be."""

    def __init__(self) -> None:
        self.sent: dict[tuple[str, int], int] = {}
        self.wrong: list[str] = []
        self._end = time.monotonic() + MOST_SECONDS

    @property
    def count(self) -> int:
        return sum(self.sent.values())

    def note(self, case: Case, response: schemathesis.Response) -> None:
        key = case.operation.label, response.status_code
        self.sent[key] = self.sent.get(key, 0) + 1
        try:
            assert response.status_code < 500 or response.status_code in (WRONG_ACTION, BEHIND), response.text
            case.validate_response(response, checks=ANSWERS)
        except (AssertionError, FailureGroup) as failure:
            self.wrong.append(f"{case.as_curl_command()}\n{failure}")
        if self.wrong or self.count >= REQUESTS or time.monotonic() > self._end:
            raise Enough


def test_no_sequence_of_requests_upsets_the_server(server: ServerProcess) -> None:
    schema = schemathesis.openapi.from_dict(openapi.document())
    exchange, session = Exchange(), requests.Session()

    class Requests(schema.as_state_machine()):  # type: ignore[misc]
        def before_call(self, case: Case) -> None:
            make_meaningful(case)
            if case.query:
                case.query.pop("wait", None)  # would only make the test slow
            if case.headers and next(NUMBERS) % 8:
                case.headers.pop(MIN_REVISION, None)  # would be answered with 503 nearly always, and this one with 412
                case.headers.pop("If-Match", None)

        def get_call_kwargs(self, case: Case) -> dict[str, object]:
            return {"base_url": server.url, "session": session}

        def validate_response(self, response: schemathesis.Response, case: Case, **_more: object) -> None:
            exchange.note(case, response)

    chosen = settings(
        max_examples=5, stateful_step_count=50, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    with contextlib.suppress(Enough):
        for lap in itertools.count():
            # The server remembers the laps before, so Hypothesis may see the same choice lead elsewhere.
            with contextlib.suppress(FlakyStrategyDefinition):
                run_state_machine_as_test(seed(lap)(Requests), settings=chosen)
    assert not exchange.wrong, exchange.wrong[0]
    assert exchange.count >= LEAST_REQUESTS
    done = {label for (label, status), _count in exchange.sent.items() if status < 300}
    assert {
        "POST /v1/policies",
        "PATCH /v1/policies/{policy}",
        "POST /v1/policies/{policy}/rules",
        "DELETE /v1/policies/{policy}",
        "DELETE /v1/data-sources/{datasource}",
    } <= done, sorted(done)
