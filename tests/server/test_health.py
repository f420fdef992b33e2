"""Health is told by a socket of its own, also when engine or API hang."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator

import pytest
import requests

from congress.engine.workspace import Workspace
from congress.server import checks
from congress.server.healthserver import HealthServer
from congress.server.probes import Probe, api_answers
from congress.telemetry.readiness import Readiness
from congress.telemetry.status import StatusItems


class Told:
    """What the socket says."""

    def __init__(self) -> None:
        self.readiness, self.liveness = Readiness(), Readiness()
        self.server = HealthServer("127.0.0.1", 0, self.readiness, self.liveness)
        self.server.start()

    def get(self, path: str, verb: str = "GET") -> requests.Response:
        return requests.request(verb, f"http://127.0.0.1:{self.server.port}{path}", timeout=10)


@pytest.fixture
def told() -> Iterator[Told]:
    found = Told()
    yield found
    found.server.stop()


def test_without_complaints_a_server_is_ready(told: Told) -> None:
    for path in ("/healthcheck/live", "/healthcheck/ready"):
        assert (told.get(path).status_code, told.get(path).json()) == (200, {"status": "ok"})
        assert told.get(path, "HEAD").status_code == 200


def test_reasons_are_told_by_name(told: Told) -> None:
    told.readiness.add("policies", lambda: "3 revisions behind")
    told.readiness.add("tables", lambda: "waiting for nova:servers")
    told.readiness.add("bus", lambda: None)
    answer = told.get("/healthcheck/ready")
    assert answer.status_code == 503
    assert answer.json() == {
        "status": "not ready",
        "reason": "3 revisions behind; waiting for nova:servers",
        "reasons": {"policies": "3 revisions behind", "tables": "waiting for nova:servers"},
    }
    assert told.get("/healthcheck/live").status_code == 200
    told.readiness.remove("policies")
    told.readiness.add("tables", lambda: None)
    assert told.get("/healthcheck/ready").status_code == 200


def test_a_check_that_fails_is_a_reason(told: Told) -> None:
    told.readiness.add("odd", lambda: str(1 // 0))
    assert told.get("/healthcheck/ready").json()["reasons"] == {
        "odd": "the check failed: integer division or modulo by zero"
    }


def test_metrics_are_told_there_too(told: Told) -> None:
    answer = told.get("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert "congress_process_resident_memory_bytes" in answer.text


def test_nothing_else_is_told(told: Told) -> None:
    assert told.get("/v1/policies").status_code == 404
    assert told.get("/healthcheck/ready", "POST").status_code == 501


def test_silent_connections_do_not_keep_others_from_asking(told: Told) -> None:
    silent = [socket.create_connection(("127.0.0.1", told.server.port)) for _ in range(20)]
    assert told.get("/healthcheck/live").status_code == 200
    for each in silent:
        each.close()


def test_a_stuck_engine_is_noticed_and_forgiven() -> None:
    workspace, clock = Workspace(), [0.0]
    probe = Probe("the policy engine", workspace.answers, limit=0.05, stuck=60.0, clock=lambda: clock[0])
    held, release = threading.Event(), threading.Event()

    def hold() -> None:
        with workspace.transaction():
            held.set()
            release.wait(20)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(5)
    probe.once()
    clock[0] = 10.0
    assert probe.unready() == "the policy engine has not answered for 10.0 s"
    assert probe.dead() is None
    clock[0] = 61.0
    probe.once()
    assert probe.dead() == "the policy engine has not answered for 61.0 s"
    release.set()
    thread.join(5)
    probe.once()
    assert probe.unready() is probe.dead() is None


def test_an_api_that_accepts_and_never_answers_is_noticed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        assert not api_answers(("127.0.0.1", port))(0.1)
    assert not api_answers(("127.0.0.1", port))(0.1)


def test_an_api_that_answers_is_content(told: Told) -> None:
    assert api_answers(("0.0.0.0", told.server.port))(5.0)  # noqa: S104 - as it may be configured


def test_checks_say_what_is_wrong() -> None:
    assert checks.not_behind(lambda: 0)() is None
    assert checks.not_behind(lambda: 2)() == "the policies are 2 revisions behind the database"
    assert "not known" in str(checks.not_behind(lambda: None)())
    assert checks.received(list)() is None
    assert checks.received(lambda: [f"nova:t{n}" for n in range(7)])() == (
        "waiting for tables: nova:t0, nova:t1, nova:t2, nova:t3, nova:t4 and 2 more"
    )
    assert checks.younger(0.0, lambda: {"nova:servers": 1e9})() is None
    assert checks.younger(60.0, lambda: {"nova:servers": 61.0})() == (
        "no word for more than 60 s about tables: nova:servers"
    )
    assert checks.reachable("the bus", 10.0, lambda: 9.0)() is None
    assert checks.reachable("the bus", 10.0, lambda: 12.0)() == "the bus has been out of reach for 12.0 s"


def test_tables_may_be_behind_for_a_moment() -> None:
    now, behind = [0.0], ["nova:servers"]
    check = checks.received(lambda: list(behind), 10.0, lambda: now[0])
    assert check() is None
    now[0] = 9.0
    assert check() is None
    behind.clear()
    assert check() is None
    behind.append("nova:flavors")
    now[0] = 11.0
    assert check() is None
    now[0] = 21.0
    assert check() == "waiting for tables: nova:flavors"


def test_a_change_of_readiness_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    reason: list[str | None] = ["it starts"]
    readiness = Readiness()
    readiness.add("server", lambda: reason[0])
    readiness.reasons()
    reason[0] = "it starts, and waits"
    readiness.reasons()
    reason[0] = None
    readiness.reasons()
    assert caplog.messages == ["not ready: it starts", "ready"]


def test_a_status_item_that_fails_does_not_hide_the_others() -> None:
    items = StatusItems()
    items.add("revision", lambda: 7)
    items.add("odd", lambda: 1 // 0)
    found = items.read()
    assert found["revision"] == 7
    assert found["odd"] == {"error": "integer division or modulo by zero"}
    assert json.dumps(found)
