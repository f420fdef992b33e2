"""The directory that `policy_library_path` names: read at the first start, beside the shipped policies."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.api.server_process import Client, ServerProcess

OWN = """
name: BigServers
parameters:
  - {name: most_cpus, type: number}
rules:
  - rule: error(x) :- cpus(x, n), most_cpus(most), gt(n, most)
  - rule: cpus("a", 8)
---
name: BadFlavors
description: ours
rules: []
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    library = tmp_path / "library"
    (library / "teams" / "web").mkdir(parents=True)
    (library / "teams" / "web" / "own.yaml").write_text(OWN)
    (library / "twice.yaml").write_text("name: Twice\nrules: []\nrules: []\n")
    (library / "notes.txt").write_text("name: Notes\nrules: []\n")
    (tmp_path / "congress.conf").write_text(f"[DEFAULT]\nauth_strategy = noauth\npolicy_library_path = {library}\n")
    process = ServerProcess(tmp_path / "state", "--config-file", str(tmp_path / "congress.conf")).start()
    yield process
    process.close()


def library(server: ServerProcess) -> dict[str, dict[str, Any]]:
    return {item["name"]: item for item in Client(server.url).get("/v1/librarypolicies").json()["results"]}


def test_own_policies_are_offered_and_take_the_place_of_shipped_ones(server: ServerProcess) -> None:
    found = library(server)
    assert found["BadFlavors"]["description"] == "ours" and "CrossProjectNetwork" in found
    assert not {"Twice", "Notes"} & set(found)
    log = server.log.read_text()
    assert "twice.yaml is left out" in log and "key 'rules' is given twice" in log
    client = Client(server.url)
    asked = f"/v1/policies?library_policy={found['BigServers']['id']}"
    assert client.post(asked, {}).status_code == 400
    assert client.post(asked, {"parameters": {"most_cpus": 4}}).status_code == 201
    assert client.rows("BigServers", "error") == [["a"]]


def test_what_was_changed_through_the_api_outlives_a_restart(server: ServerProcess) -> None:
    client, found = Client(server.url), library(server)
    assert client.delete(f"/v1/librarypolicies/{found['BigServers']['id']}").status_code == 200
    changed = {"name": "BadFlavors", "rules": [{"rule": "p(1)"}], "depends-on": ["NetworkGateway"]}
    assert client.put(f"/v1/librarypolicies/{found['BadFlavors']['id']}", changed).status_code == 200
    server.kill()
    server.start()
    again = library(server)
    assert "BigServers" not in again and again["CrossProjectNetwork"] == found["CrossProjectNetwork"]
    assert (again["BadFlavors"]["rules"], again["BadFlavors"]["depends-on"]) == ([{"rule": "p(1)"}], ["NetworkGateway"])


def test_an_emptied_library_is_filled_again_at_the_next_start(server: ServerProcess) -> None:
    client, found = Client(server.url), library(server)
    for item in found.values():
        assert client.delete(f"/v1/librarypolicies/{item['id']}").status_code == 200
    server.kill()
    server.start()
    assert set(library(server)) == set(found)
