"""The unmodified command line client of the original (python-congressclient 2.0.1) works against the server.

`make test` puts it into an environment of its own, `.venv-client`.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.api.server_process import ServerProcess

CLIENT = Path(__file__).parents[2] / ".venv-client" / "bin"
OPENSTACK = CLIENT / "openstack"


class CommandLine:
    """Runs `openstack congress …` against one server, without authentication."""

    def __init__(self, url: str) -> None:
        assert OPENSTACK.exists(), f"{OPENSTACK} is missing: `make test` installs it"
        self._command = [str(OPENSTACK), "--os-auth-type", "none", "--os-endpoint", url, "congress"]

    def run(self, *words: str) -> str:
        ended = subprocess.run(  # noqa: S603
            [*self._command, *words], capture_output=True, text=True, timeout=60, check=False
        )
        assert ended.returncode == 0, f"{words}: {ended.stderr}"
        return ended.stdout

    def data(self, *words: str) -> Any:
        return json.loads(self.run(*words, "-f", "json"))

    def refused(self, *words: str) -> str:
        ended = subprocess.run(  # noqa: S603
            [*self._command, *words], capture_output=True, text=True, timeout=60, check=False
        )
        assert ended.returncode != 0, ended.stdout
        return ended.stderr


@pytest.fixture(scope="module")
def openstack(server: ServerProcess) -> CommandLine:
    return CommandLine(server.url)


def test_versions_and_drivers(openstack: CommandLine) -> None:
    assert openstack.data("version", "list")[0]["id"] == "v1"
    assert "nova" in {driver["id"] for driver in openstack.data("driver", "list")}
    assert "password" in openstack.run("driver", "config", "show", "nova")


def test_policies_rules_rows_and_simulation(openstack: CommandLine) -> None:
    created = openstack.data("policy", "create", "alice", "--description", "hers")
    assert (created["name"], created["kind"], created["abbreviation"]) == ("alice", "nonrecursive", "alice")
    assert {"alice", "classification", "action"} == {policy["name"] for policy in openstack.data("policy", "list")}
    assert openstack.data("policy", "show", "alice")["id"] == created["id"]

    rule = openstack.data("policy", "rule", "create", "alice", "p(x) :- q(x), not r(x)", "--name", "main")
    assert rule["rule"] == "p(x) :-\n  q(x),\n  not r(x)"
    for fact in ("q(1)", "q(2)", "r(2)"):
        openstack.data("policy", "rule", "create", "alice", fact, "--comment", "a fact")
    listed = openstack.run("policy", "rule", "list", "alice")
    assert "// Name: main\np(x) :- q(x), not r(x)\n" in listed
    assert "// a fact\nq(1)\n" in listed
    assert openstack.data("policy", "rule", "show", "alice", "main")["id"] == rule["id"]

    assert {table["id"] for table in openstack.data("policy", "table", "list", "alice")} == {"p", "q", "r"}
    assert openstack.data("policy", "table", "show", "alice", "p") == {"id": "p"}
    assert openstack.data("policy", "row", "list", "alice", "p") == [{"Col0": 1}]
    assert "Call: p(" in openstack.run("policy", "row", "list", "alice", "p", "--trace")

    assert openstack.run("policy", "simulate", "alice", "p(x)", "q+(3) r-(2)", "action") == "p(1)\np(2)\np(3)\n"
    delta = openstack.run("policy", "simulate", "alice", "p(x)", "q+(3)", "action", "--delta", "--trace")
    assert delta.startswith("p+(3)\n")

    openstack.run("policy", "rule", "delete", "alice", "main")
    assert "p(x)" not in openstack.run("policy", "rule", "list", "alice")
    openstack.run("policy", "delete", "alice")
    assert "alice" not in openstack.run("policy", "list")


def test_datasources(openstack: CommandLine) -> None:
    config = ("--config", "username=u", "--config", "password=canary")
    created = openstack.data("datasource", "create", "fake_datasource", "fake", *config)
    assert (created["name"], created["enabled"]) == ("fake", True)
    assert "canary" not in openstack.run("datasource", "list")
    assert {"fake"} == {source["name"] for source in openstack.data("datasource", "list")}
    assert openstack.data("datasource", "status", "show", "fake")["last_error"] == "None"
    assert {table["id"] for table in openstack.data("datasource", "table", "list", "fake")} == {"fake_table"}
    columns = openstack.data("datasource", "table", "schema", "show", "fake", "fake_table")
    assert [column["name"] for column in columns] == ["id", "name"]
    rows = '[{"id": "1", "name": "one"}]'
    openstack.run("datasource", "row", "update", "fake", "fake_table", rows)
    assert openstack.data("datasource", "row", "list", "fake", "fake_table") == [{"id": "1", "name": "one"}]
    openstack.run("datasource", "request-refresh", "fake")
    openstack.run("datasource", "delete", "fake")
    assert "fake" not in openstack.run("datasource", "list")


def test_schemas(openstack: CommandLine) -> None:
    """The client asks a dictionary for `iteritems`, which Python 3 does not have, as soon as a table has columns.

    No answer of a server can help that: it is the client's own doing, after it got what it asked for. Its library has
    no such trouble, see below.
    """
    openstack.data("datasource", "create", "fake_datasource", "columned")
    for words in (("datasource", "schema", "show", "columned"), ("driver", "schema", "show", "nova")):
        assert "'dict' object has no attribute 'iteritems'" in openstack.refused(*words)


def test_errors_reach_the_user_in_the_servers_words(openstack: CommandLine) -> None:
    openstack.data("policy", "create", "bob")
    unsafe = openstack.refused("policy", "rule", "create", "bob", "p(x) :- q(1)")
    assert "Variable x found in head but not in body" in unsafe
    assert "Policy with name bob already exists" in openstack.refused("policy", "create", "bob")
    assert "Invalid driver: nope" in openstack.refused("datasource", "create", "nope", "x")


def test_every_method_of_the_client_library(server: ServerProcess) -> None:
    script = Path(__file__).with_name("client_library_session.py")
    ended = subprocess.run(  # noqa: S603
        [str(CLIENT / "python"), str(script), server.url], capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 0, ended.stderr
    seen = json.loads(ended.stdout)
    assert seen["versions"]["versions"][0]["id"] == "v1"
    assert {"p", "action", "classification"} <= set(seen["policies"])
    assert seen["tables"] == {"results": [{"id": "q"}]}
    assert seen["rows"]["results"] == [{"data": [1]}]
    assert seen["simulated"] == {"result": ["q+(2)"]}
    assert seen["activated"] == [{"rule": "q(1)", "comment": "", "name": None}]
    assert seen["pushed"] == [{"data": [1, "x"]}]
    assert seen["datasource tables"] == [{"id": "fake_table"}]
    assert (seen["status"], seen["actions"]) == ("True", ["fake_act"])
    assert "nova" in seen["drivers"]
    assert {"servers", "flavors", "tags"} <= set(seen["driver"])
