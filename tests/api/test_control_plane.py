"""The page on policies over the control plane, followed on a server over programs that really run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from congress.datasources.pacemaker import CONFIGURATION_COMMAND, STATUS_COMMAND
from tests.api.server_process import Client, ServerProcess
from tests.databases import PASSWORD as DATABASE_PASSWORD
from tests.databases import MariaDb, free_port
from tests.haproxy import Haproxy
from tests.waiting import until

PAGE = (Path(__file__).parents[2] / "docs" / "control-plane-policy.md").read_text(encoding="utf-8")
RECORDED = Path(__file__).parents[1] / "datasources" / "recorded" / "pacemaker"

# What an administrator would write with ssh: it answers what the driver asks, and nothing else.
_WATCHER = """\
#!/bin/sh
case "$*" in
    "crm_mon --output-as=xml --inactive") exec cat "{state}/crm_mon.xml" ;;
    "cibadmin --query --scope configuration") exec cat "{state}/cib.xml" ;;
esac
echo "sudo: a password is required" >&2
exit 1
"""


@pytest.fixture
def control(tmp_path: Path) -> Iterator[Client]:
    """A server whose administrator permits the command `control1`."""
    watcher, file = tmp_path / "watcher", tmp_path / "congress.conf"
    (tmp_path / "state").symlink_to(RECORDED / "whole")
    watcher.write_text(_WATCHER.format(state=tmp_path / "state"))
    watcher.chmod(0o755)
    file.write_text(f"[DEFAULT]\nauth_strategy = noauth\nbind_host = 127.0.0.1\ndriver_commands = control1={watcher}\n")
    process = ServerProcess(tmp_path / "server", "--config-file", str(file)).start()
    yield Client(process.url)
    process.close()


def configurations() -> dict[str, dict[str, Any]]:
    """What the page creates, by the name of the datasource."""
    bodies = [json.loads(text) for text in re.findall(r"(?ms)^create '(\{.*?\})'$", PAGE)]
    return {body["name"]: body for body in bodies}


def test_the_datasources_of_the_page_are_taken_as_they_are_written_and_the_policies_activated(
    control: Client, tmp_path: Path
) -> None:
    bodies = configurations()
    assert set(bodies) == {"pacemaker", "haproxy", "galera", "rabbitmq", "certificates"}
    with Haproxy() as running, MariaDb() as database:
        here = {
            "haproxy": {"instances": f"lb1=tcp://127.0.0.1:{running.ports['tcp']}, lb2=127.0.0.1:{free_port()}"},
            "galera": {
                "nodes": f"galera1=127.0.0.1:{database.port}",
                "username": "congress",
                "password": DATABASE_PASSWORD,
            },
            "pacemaker": {"clusters": "control=control9|control1"},
            "certificates": {"files": "/no/such.pem", "endpoints": f"api=127.0.0.1:{running.ports['tcp']}"},
        }
        for name, body in bodies.items():
            changed = {**body["config"], **here.get(name, {}), "poll_time": "0.3", "timeout": "2"}
            assert control.post("/v1/data-sources", {**body, "config": changed}).status_code == 201
        (item,) = control.get("/v1/librarypolicies?name=ControlPlane").json()["results"]
        answer = control.post(f"/v1/policies?library_policy={item['id']}", {})
        assert answer.status_code == 201, answer.text
        assert len(answer.json()["dependencies"]) == 5

        def errors(part: str) -> set[tuple[Any, ...]]:
            return {tuple(row[1:]) for row in control.rows("ControlPlane", "error") if row[0] == part}

        until(lambda: ("lb2", "lb2", "does not answer") in errors("balancer"))
        until(lambda: ("galera", "galera1", "belongs to no cluster") in errors("database"))
        until(lambda: len(control.rows("pacemaker", "nodes")) == 3)
        assert errors("cluster") == set()
        (tmp_path / "state").unlink()
        (tmp_path / "state").symlink_to(RECORDED / "split")
        until(lambda: ("control", "congress-datasource", "runs twice, on control1 and control2") in errors("cluster"))
        running.servers["db2"].stop()
        until(lambda: ("lb1", "database/db2", "is down, Connection refused") in errors("balancer"))
    told = control.get("/v1/data-sources/rabbitmq/status").json()
    assert told["initialized"] == "False" and "none of its members answers" in told["last_error"]


def test_the_words_that_sudo_has_to_permit_are_those_of_the_driver() -> None:
    for command in (STATUS_COMMAND, CONFIGURATION_COMMAND):
        assert f"NOPASSWD: /usr/sbin/{' '.join(command)}\n" in PAGE
        assert f"\n{' '.join(command)} > " in PAGE


def test_a_server_with_a_command_that_is_none_says_so_and_does_not_start(tmp_path: Path) -> None:
    file = tmp_path / "congress.conf"
    file.write_text(
        "[DEFAULT]\nauth_strategy = noauth\nbind_host = 127.0.0.1\ndriver_commands = ssh watcher@control1\n"
    )
    with pytest.raises(AssertionError, match="driver_commands: 'ssh watcher@control1' is not of the form name=words"):
        ServerProcess(tmp_path / "server", "--config-file", str(file)).start()
