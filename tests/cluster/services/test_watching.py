"""Congress watches over the control plane that it is a part of."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from congress.cluster.declaring import watching
from congress.cluster.errors import DescriptionError
from congress.cluster.render import rabbitmq
from congress.cluster.secrets import MARK, filled
from congress.cluster.services.contract import Declaration
from congress.datasources.pacemaker import CONFIGURATION_COMMAND, STATUS_COMMAND
from congress.datasources.registry import drivers
from congress.datasources.validation import checked_config
from congress.policies.library import PACKAGED
from tests.api.keystone_process import PASSWORD, KeystoneProcess
from tests.api.server_process import Client, ServerProcess
from tests.cluster.services.descriptions import composed, declared

SMALL = (Path(__file__).parents[3] / "examples" / "small.yaml").read_text(encoding="utf-8")
OPTIONS = "{watch: true, watch_clusters: {database: ssh -o BatchMode=yes watcher@db1 sudo -n}}"


def small(congress: str = "{}", *, tls: bool = False) -> str:
    """The example of three machines, with options for congress."""
    text = re.sub(r"(?m)^      congress:$", f"      congress: {{options: {congress}}}", SMALL)
    assert text != SMALL
    return re.sub(r"(?m)^# (tls:|  (certificate|key|authority):)", r"\1", text) if tls else text


@pytest.fixture(scope="module")
def declaration() -> Declaration:
    return declared(composed(small(congress=OPTIONS)), "congress")


def content(declaration: Declaration, path: str) -> str:
    (file,) = (file for file in declaration.files if file.path == path)
    return file.content


def wishes(declaration: Declaration) -> dict[str, Any]:
    return dict(json.loads(content(declaration, "/etc/congress/watch.json")))


def test_it_watches_only_where_that_is_wanted() -> None:
    plain = declared(composed(small()), "congress")
    assert not [file.path for file in plain.files if "watch" in file.path or "sudoers" in file.path]
    assert [account.name for account in plain.broker_accounts] == ["congress"]


def test_every_member_is_asked_by_its_own_address(declaration: Declaration) -> None:
    configured = {each["name"]: each["config"] for each in wishes(declaration)["datasources"]}
    assert configured["pacemaker"] == {"clusters": "control=control, database=database"}
    places = ", ".join(f"node{number}=tcp://10.0.0.{number + 10}:8406" for number in (1, 2, 3))
    assert configured["haproxy"] == {"instances": places}
    assert configured["galera"]["nodes"] == "node1=10.0.0.11:3306, node2=10.0.0.12:3306, node3=10.0.0.13:3306"
    assert configured["rabbitmq"]["urls"] == "http://10.0.0.11:15672, http://10.0.0.12:15672, http://10.0.0.13:15672"


def test_the_drivers_take_what_is_configured(declaration: Declaration) -> None:
    for one in wishes(declaration)["datasources"]:
        driver = drivers()[one["driver"]]
        driver(one["name"], checked_config(driver, one["config"])).close()


def test_the_policies_are_in_the_library_and_have_their_datasources(declaration: Declaration) -> None:
    plain, secured = wishes(declaration), wishes(declared(composed(small(tls=True, congress=OPTIONS)), "congress"))
    assert "ControlPlaneCluster" in plain["policies"] and "certificates" not in str(plain["datasources"])
    assert secured["policies"] == ["ControlPlane"]
    (certificates,) = (each for each in secured["datasources"] if each["name"] == "certificates")
    assert certificates["config"]["endpoints"] == "congress=10.0.0.100:1789, keystone=10.0.0.100:5000"
    assert all((PACKAGED / f"{name}.yaml").exists() for each in (plain, secured) for name in each["policies"])


def test_commands_reach_the_node_that_reads_and_sudo_permits_them_word_by_word(declaration: Declaration) -> None:
    commands = content(declaration, watching.COMMANDS).splitlines()
    assert commands == [
        "[DEFAULT]",
        "driver_commands = control=sudo -n",
        "driver_commands = database=ssh -o BatchMode=yes watcher@db1 sudo -n",
    ]
    reader = next(each for each in declaration.resources if each.id == "congress-datasource")
    assert f"--config-file={watching.COMMANDS}" in reader.parameters["additional_parameters"]  # type: ignore[union-attr]
    permitted = content(declaration, "/etc/sudoers.d/congress")
    for command in (STATUS_COMMAND, CONFIGURATION_COMMAND):
        assert f"congress ALL=(root) NOPASSWD: /usr/sbin/{' '.join(command)}\n" in permitted


def test_the_account_of_the_bus_looks_and_does_nothing(declaration: Declaration) -> None:
    told = json.loads(rabbitmq.definitions(declaration.broker_accounts))
    assert {user["name"]: user["tags"] for user in told["users"]} == {"congress": "", "watcher": "monitoring"}
    (rights,) = (each for each in told["permissions"] if each["user"] == "watcher")
    assert rights == {"user": "watcher", "vhost": "/", "configure": "", "write": "", "read": ""}


def test_passwords_are_secrets_and_nobody_else_reads_the_file(declaration: Declaration) -> None:
    (file,) = (file for file in declaration.files if file.path == "/etc/congress/watch.json")
    assert file.mode == 0o600
    assert len(MARK.findall(file.content)) == 3


def test_a_warm_standby_cannot_ask_pacemaker() -> None:
    with pytest.raises(DescriptionError, match="a unit of systemd gets no privileges from sudo.*standby: cold"):
        composed(small(congress="{watch: true, standby: warm}"))


@pytest.fixture(scope="module")
def keystone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KeystoneProcess]:
    process = KeystoneProcess(tmp_path_factory.mktemp("identity") / "keystone").start()
    yield process
    process.stop()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    process = ServerProcess(tmp_path / "state").start()
    yield process
    process.close()


class Step:
    """The step of the installation, over a Keystone and a Congress of the test."""

    def __init__(self, declaration: Declaration, directory: Path, **more: Any) -> None:
        self._wishes, self._directory, self.more = wishes(declaration), directory, more
        self.password = "one password"  # noqa: S105
        (directory / "watch.py").write_text(content(declaration, "/etc/congress/watch.py"))

    def do(self, *more: str) -> subprocess.CompletedProcess[str]:
        text = json.dumps(self._wishes | self.more)
        (self._directory / "watch.json").write_text(filled(text, lambda _name: self.password))
        command = [sys.executable, str(self._directory / "watch.py"), str(self._directory / "watch.json"), *more]
        return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)  # noqa: S603


def test_datasources_and_policies_are_made_once_and_follow_what_is_wanted(
    declaration: Declaration, keystone: KeystoneProcess, server: ServerProcess, tmp_path: Path
) -> None:
    account = {"user": "admin", "password": PASSWORD, "project": "admin"}
    step = Step(declaration, tmp_path, auth_url=keystone.url, url=server.url, account=account)
    client = Client(server.url)
    assert step.do("--check").stderr == "datasource pacemaker is missing\n"
    first = step.do()
    assert first.returncode == 0, first.stderr
    assert "makes datasource galera" in first.stdout and "activates policy ControlPlaneDatabase" in first.stdout
    assert step.do("--check").returncode == 0
    assert step.do().stdout == ""
    made = {each["name"]: each["id"] for each in client.get("/v1/data-sources").json()["results"]}
    assert set(made) == {"pacemaker", "haproxy", "galera", "rabbitmq"}

    step.password = "another password"  # noqa: S105
    assert "datasource galera is configured otherwise" in step.do("--check").stderr
    assert step.do().stdout == "makes datasource galera\nmakes datasource rabbitmq\n"
    again = {each["name"]: each["id"] for each in client.get("/v1/data-sources").json()["results"]}
    assert {name for name in made if made[name] != again[name]} == {"galera", "rabbitmq"}
    assert client.get("/v1/policies/ControlPlaneDatabase/tables/error").status_code == 200


def test_what_somebody_else_made_by_these_names_stays(
    declaration: Declaration, keystone: KeystoneProcess, server: ServerProcess, tmp_path: Path
) -> None:
    client = Client(server.url)
    own = {"name": "haproxy", "driver": "haproxy", "config": {"instances": "/run/mine"}, "description": "mine"}
    assert client.post("/v1/data-sources", own).status_code == 201
    account = {"user": "admin", "password": PASSWORD, "project": "admin"}
    step = Step(declaration, tmp_path, auth_url=keystone.url, url=server.url, account=account)
    assert "haproxy" not in step.do().stdout
    (kept,) = (each for each in client.get("/v1/data-sources").json()["results"] if each["name"] == "haproxy")
    assert kept["config"] == {"instances": "/run/mine"}


def test_who_does_not_answer_is_named(declaration: Declaration, tmp_path: Path) -> None:
    done = Step(declaration, tmp_path, auth_url="http://127.0.0.1:9/v3", url="http://127.0.0.1:9").do("--check")
    assert done.returncode == 1
    assert "http://127.0.0.1:9/v3 or http://127.0.0.1:9 does not answer: " in done.stderr
