"""The clients and the judge at a single server, where nothing breaks unless the test does it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests

from tests.api.server_process import ServerProcess
from tests.ha.place import ENVIRONMENT, SETTINGS
from tests.ha.trial import await_successes
from tests.ha.verdict import judge
from tests.ha.workload import Workload


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ServerProcess]:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    configuration = tmp_path / "congress.conf"
    configuration.write_text(SETTINGS + "[DEFAULT]\nauth_strategy = noauth\n")
    server = ServerProcess(tmp_path / "state", "--config-file", str(configuration)).start()
    yield server
    server.close()


@pytest.fixture
def place(server: ServerProcess, tmp_path: Path) -> Any:
    """What the judge needs of a site."""
    node = SimpleNamespace(
        health=lambda which: (requests.get(f"{server.url}/healthcheck/{which}", timeout=10).status_code, None)
    )
    return SimpleNamespace(site=SimpleNamespace(nodes={"all": node}), journal=tmp_path / "journal")


@pytest.fixture
def work(server: ServerProcess, place: Any) -> Workload:
    """Clients that have worked for a while."""
    work = Workload(server.url, {"all": server.url}, journal=str(place.journal), pauses=(0.02, 0.05, 0.02))
    work.prepare()
    work.start()
    await_successes(work, 8)
    work.stop()
    return work


def test_nothing_is_wrong_where_nothing_broke(place: Any, work: Workload) -> None:
    assert judge(place, work, seconds=20.0).problems == []
    assert {event.outcome for event in work.history} == {"ok"}
    assert place.journal.read_text().count("\n") == len(work.history.of("rows"))
    work.remove()
    assert requests.get(f"{work.proxy}/v1/policies/{work.watch}", timeout=10).status_code == 404


def test_a_stored_fact_that_vanishes_and_a_row_nobody_pushed_are_found(place: Any, work: Workload) -> None:
    assert judge(place, work, seconds=20.0).problems == []
    rules = f"{work.proxy}/v1/policies/{work.policies[0]}/rules"
    victim = requests.get(rules, timeout=10).json()["results"][-1]
    requests.delete(f"{rules}/{victim['id']}", timeout=10).raise_for_status()
    rows = f"{work.proxy}/v1/data-sources/{work.feed}/tables/data/rows"
    requests.put(rows, json=[[work.base + 999]], timeout=10).raise_for_status()
    found = " ".join(judge(place, work, seconds=0.0).problems)
    assert "is stored" in found and "the rows in the end are" in found


def test_an_action_that_was_done_a_second_time_is_found(place: Any, work: Workload) -> None:
    assert judge(place, work, seconds=20.0).problems == []
    first = place.journal.read_text().splitlines()[0]
    with place.journal.open("a") as journal:
        journal.write(first + "\n")
    assert any("acted on 2 times" in problem for problem in judge(place, work, seconds=0.0).problems)


def test_clients_wait_for_a_service_that_is_not_there_yet(work: Workload, server: ServerProcess) -> None:
    server.terminate()
    began = time.monotonic()
    with pytest.raises(AssertionError, match="is answered 0"):
        Workload(server.url, {}).prepare(seconds=0.5)
    assert time.monotonic() - began >= 0.5
