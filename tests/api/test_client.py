"""The unmodified command line client of the original (python-congressclient 2.0.1) works against the server.

`make test` puts it into an environment of its own, `.venv-client`. Every test says which commands and options it runs;
together they are all that the client has.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from tests.api.server_process import Client, ServerProcess

CLIENT = Path(__file__).parents[2] / ".venv-client" / "bin"
OPENSTACK = CLIENT / "openstack"
Test = TypeVar("Test", bound=Callable[..., None])
COVERED: set[str] = set()


def runs(*commands: str) -> Callable[[Test], Test]:
    """Says which commands a test runs, each with the options that it gives: `policy row list --trace`."""
    COVERED.update(commands)
    return pytest.mark.runs(*commands)


class CommandLine:
    """Runs `openstack congress …` against one server, without authentication, and remembers what it ran."""

    def __init__(self, url: str) -> None:
        assert OPENSTACK.exists(), f"{OPENSTACK} is missing: `make test` installs it"
        self._command = [str(OPENSTACK), "--os-auth-type", "none", "--os-endpoint", url, "congress"]
        self._ran: list[tuple[str, ...]] = []

    def run(self, *words: str) -> str:
        ended = self._end(*words)
        assert ended.returncode == 0, f"{words}: {ended.stderr}"
        return ended.stdout

    def data(self, *words: str) -> Any:
        return json.loads(self.run(*words, "-f", "json"))

    def refused(self, *words: str) -> str:
        ended = self._end(*words)
        assert ended.returncode != 0, ended.stdout
        return ended.stderr

    def _end(self, *words: str) -> subprocess.CompletedProcess[str]:
        self._ran.append(words)
        return subprocess.run([*self._command, *words], capture_output=True, text=True, timeout=60, check=False)  # noqa: S603

    def ran(self, command: str) -> bool:
        name, *options = command.split(" --")
        words = tuple(name.split())
        return any(
            each[: len(words)] == words and all(f"--{option}" in each for option in options) for each in self._ran
        )


@pytest.fixture
def openstack(server: ServerProcess, request: pytest.FixtureRequest) -> Iterator[CommandLine]:
    line = CommandLine(server.url)
    yield line
    said = [command for mark in request.node.iter_markers("runs") for command in mark.args]
    assert [command for command in said if not line.ran(command)] == []


def in_clients_python(script: str, *arguments: str) -> Any:
    """What a script of this directory prints, as JSON."""
    command = [str(CLIENT / "python"), str(Path(__file__).with_name(script)), *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def test_every_command_and_every_option_of_the_client_is_run_by_a_test() -> None:
    commands = in_clients_python("client_commands.py")
    assert len(commands) == 29
    wanted = {f"{name} {option}" for name, options in commands.items() for option in options}
    covered = {f"{name} --{option}" for name, *options in (one.split(" --") for one in COVERED) for option in options}
    assert covered == wanted
    assert {one.split(" --")[0] for one in COVERED} == set(commands)


@runs("version list", "driver list", "driver config show")
def test_versions_and_drivers(openstack: CommandLine) -> None:
    assert openstack.data("version", "list")[0]["id"] == "v1"
    assert "nova" in {driver["id"] for driver in openstack.data("driver", "list")}
    shown = openstack.data("driver", "config", "show", "nova")
    assert shown["config"]["password"] == "required"  # noqa: S105
    assert set(shown) >= {"id", "description", "config", "secret"}


@runs("policy create --description --abbreviation --kind", "policy list", "policy show", "policy delete")
def test_policies(openstack: CommandLine) -> None:
    created = openstack.data(
        *("policy", "create", "carol", "--description", "hers", "--abbreviation", "car", "--kind", "action")
    )
    assert (created["name"], created["kind"], created["abbreviation"]) == ("carol", "action", "car")
    assert created["description"] == "hers"
    assert openstack.data("policy", "show", "carol") == openstack.data("policy", "show", created["id"]) == created
    assert {"carol", "classification", "action"} <= {policy["name"] for policy in openstack.data("policy", "list")}
    openstack.run("policy", "delete", created["id"])
    assert "carol" not in openstack.run("policy", "list")


@runs("policy create", "policy rule create --name", "policy rule create --comment", "policy rule list")
@runs("policy rule show", "policy rule delete")
@runs("policy table list", "policy table show", "policy row list", "policy row list --trace")
@runs("policy simulate", "policy simulate --delta --trace")
def test_rules_rows_and_simulation(openstack: CommandLine, client: Client) -> None:
    created = openstack.data("policy", "create", "alice")
    assert (created["kind"], created["abbreviation"], created["description"]) == ("nonrecursive", "alice", "")

    rule = openstack.data("policy", "rule", "create", "alice", "p(x) :- q(x), not r(x)", "--name", "main")
    assert rule["rule"] == "p(x) :-\n  q(x),\n  not r(x)"
    assert openstack.data("policy", "rule", "create", "alice", "q(1)", "--comment", "a fact")["rule"] == "q(1)"
    for fact in ("q(2)", "r(2)"):
        client.post("/v1/policies/alice/rules", {"rule": fact})
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
    assert "** Simulate: Applying sequence q+(3)" in delta

    openstack.run("policy", "rule", "delete", "alice", "main")
    assert len(client.get("/v1/policies/alice/rules").json()["results"]) == 3


@runs("datasource create --description --config", "datasource list", "datasource status show", "datasource delete")
@runs("datasource table list", "datasource table show", "datasource table schema show", "datasource request-refresh")
@runs("datasource row update", "datasource row list")
def test_datasources(openstack: CommandLine, client: Client) -> None:
    config = ("--config", "username=u", "--config", "password=canary", "--description", "a fake one")
    created = openstack.data("datasource", "create", "fake_datasource", "fake", *config)
    assert (created["name"], created["enabled"], created["description"]) == ("fake", True, "a fake one")
    listed = openstack.run("datasource", "list")
    assert "fake_datasource" in listed and "canary" not in listed
    assert openstack.data("datasource", "status", "show", "fake")["last_error"] == "None"
    assert {table["id"] for table in openstack.data("datasource", "table", "list", "fake")} == {"fake_table"}
    assert openstack.data("datasource", "table", "show", "fake", "fake_table") == {"id": "fake_table"}
    columns = openstack.data("datasource", "table", "schema", "show", "fake", "fake_table")
    assert [column["name"] for column in columns] == ["id", "name"]
    rows = '[{"id": "1", "name": "one"}]'
    openstack.run("datasource", "row", "update", "fake", "fake_table", rows)
    assert openstack.data("datasource", "row", "list", "fake", "fake_table") == [{"id": "1", "name": "one"}]
    openstack.run("datasource", "request-refresh", "fake")
    openstack.run("datasource", "delete", "fake")
    assert client.get("/v1/data-sources/fake").status_code == 404


@runs("datasource schema show", "datasource actions show", "driver schema show")
def test_schemas_and_actions_reach_the_client_which_cannot_print_them(openstack: CommandLine, client: Client) -> None:
    """The client asks a dictionary for `iteritems`, which Python 3 does not have, as soon as there is a column.

    No answer of a server can help that: it is the client's own doing, after it got what it asked for.
    """
    client.post("/v1/data-sources", {"name": "columned", "driver": "fake_datasource"})
    for words in (
        ("datasource", "schema", "show", "columned"),
        ("datasource", "actions", "show", "columned"),
        ("driver", "schema", "show", "nova"),
    ):
        assert "'dict' object has no attribute 'iteritems'" in openstack.refused(*words)

    schema = client.get("/v1/data-sources/columned/schema").json()["tables"]
    assert [table["table_id"] for table in schema] == ["fake_table"]
    assert [(each["name"], set(each)) for each in schema[0]["columns"]] == [
        (name, {"name", "description"}) for name in ("id", "name")
    ]
    actions = client.get("/v1/data-sources/columned/actions").json()["results"]
    assert [(each["name"], set(each)) for each in actions] == [("fake_act", {"name", "args", "description"})]
    tables = {each["table_id"]: each["columns"] for each in client.get("/v1/system/drivers/nova").json()["tables"]}
    assert {"id", "name", "status"} <= {column["name"] for column in tables["servers"]}


@runs("policy create-from-file")
def test_policies_in_files_that_the_client_cannot_read(openstack: CommandLine, client: Client, tmp_path: Path) -> None:
    """The client reads the file by a function of PyYAML that has wanted another argument since its version 6."""
    file = tmp_path / "dave.yaml"
    document = {"name": "dave", "rules": [{"rule": "p(x) :- q(x)", "name": "first"}, {"rule": "q(1)"}]}
    file.write_text(json.dumps(document))
    assert "Loader" in openstack.refused("policy", "create-from-file", str(file))

    created = client.post("/v1/policies", document)
    assert created.status_code == 201
    assert [rule["rule"] for rule in created.json()["rules"]] == ["p(x) :-\n  q(x)", "q(1)"]
    assert client.rows("dave", "p") == [[1]]


@runs("policy create", "policy rule create", "datasource create")
def test_errors_reach_the_user_in_the_servers_words(openstack: CommandLine, client: Client) -> None:
    client.policy("bob")
    unsafe = openstack.refused("policy", "rule", "create", "bob", "p(x) :- q(1)")
    assert "Variable x found in head but not in body" in unsafe
    assert "Policy with name bob already exists" in openstack.refused("policy", "create", "bob")
    assert "Invalid driver: nope" in openstack.refused("datasource", "create", "nope", "x")


def test_every_method_of_the_client_library(server: ServerProcess) -> None:
    seen = in_clients_python("client_library_session.py", server.url)
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
