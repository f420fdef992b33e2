"""The OCF agent starts, stops and watches a datasource node as Pacemaker wants it."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from congress.db import migration, session
from tests.deploy.agent import AGENT, GENERIC, INSTALLED, NOT_RUNNING, SECONDS, SUCCESS, UNIMPLEMENTED, Agent
from tests.deploy.database import one_node, url
from tests.waiting import until

SCHEMAS = Path("/usr/share/resource-agents")


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[Agent]:
    with Agent(tmp_path / "a host") as made:
        yield made


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def status(url: str) -> int:
    try:
        return requests.get(url, timeout=5).status_code
    except requests.RequestException:
        return 0


@pytest.mark.parametrize("schema", [("--relaxng", "metadata.rng"), ("--dtdvalid", "ra-api-1.dtd")])
def test_the_meta_data_is_what_pacemaker_s_schemas_say(agent: Agent, schema: tuple[str, str]) -> None:
    told = agent.run("meta-data")
    assert told.returncode == SUCCESS
    command = ["xmllint", "--noout", "--nonet", schema[0], str(SCHEMAS / schema[1]), "-"]
    checked = subprocess.run(command, input=told.stdout, capture_output=True, text=True, timeout=30, check=False)  # noqa: S603
    assert checked.returncode == 0, checked.stderr


def test_the_meta_data_lists_the_former_parameters(agent: Agent) -> None:
    told = agent.run("meta-data").stdout
    for name in ("binary", "config", "node_id", "pid", "additional_parameters", "user", "health_url"):
        assert f'<parameter name="{name}"' in told
    for default in ("/usr/local/bin/congress-server", "/etc/congress/congress.conf", "datasource-node"):
        assert f'default="{default}"' in told


def test_ocf_tester_has_no_complaint(agent: Agent) -> None:
    options = [word for name, value in agent.parameters.items() for word in ("-o", f"{name}={value}")]
    command = ["ocf-tester", "-v", "-n", "the-datasources", *options, str(AGENT)]
    env = {**os.environ, "HA_RSCTMP": str(agent.directory / "run")}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=280, check=False)  # noqa: S603
    assert done.returncode == 0, done.stdout + done.stderr
    assert "passed all tests" in done.stdout


def test_the_life_of_a_node(agent: Agent) -> None:
    assert agent.do("monitor") == agent.do("status") == NOT_RUNNING
    assert agent.do("stop") == SUCCESS, "what does not run is stopped"
    assert agent.do("start") == SUCCESS, agent.said()
    first = agent.pid
    assert agent.do("monitor") == agent.do("status") == SUCCESS
    assert agent.do("start") == SUCCESS
    assert agent.pid == first, "what runs is started"
    os.kill(first, signal.SIGKILL)
    until(lambda: not alive(first))
    assert agent.do("monitor") == NOT_RUNNING
    assert agent.do("start") == SUCCESS, agent.said()
    second = agent.pid
    assert agent.do("stop", 20_000) == SUCCESS
    assert not alive(second)
    assert not agent.pid_file.exists()
    assert agent.do("monitor") == NOT_RUNNING


def test_a_frozen_server_is_noticed_and_stopped_at_once(agent: Agent) -> None:
    assert agent.do("start") == SUCCESS, agent.said()
    pid = agent.pid
    os.kill(pid, signal.SIGSTOP)
    began = time.monotonic()
    assert agent.do("monitor") == GENERIC, "a process that does not answer has failed"
    assert time.monotonic() - began < 10.0, "the monitor is answered before its own limit"
    assert agent.do("stop", 20_000) == SUCCESS
    assert time.monotonic() - began < 20.0
    assert not alive(pid)


def test_a_node_waits_for_its_database(tmp_path: Path) -> None:
    with one_node() as node, Agent(tmp_path / "host", url(node)) as agent:
        migrated = session.Database(url(node))
        migration.upgrade(migrated)
        migrated.close()
        node.process.stop()
        assert agent.do("start", 60_000) == SUCCESS, agent.said()
        assert agent.do("monitor") == SUCCESS, "it lives, and waits"
        assert status(agent.url("ready")) == 503
        node.start(bootstrap=True)
        until(lambda: status(agent.url("ready")) == 200, seconds=SECONDS)
        assert agent.do("monitor") == SUCCESS
        assert agent.do("stop", 20_000) == SUCCESS


def test_a_host_without_congress_answers_probes(agent: Agent) -> None:
    for missing in ("config", "binary"):
        agent.parameters[missing] = str(agent.directory / "nowhere")
        assert agent.do("monitor") == NOT_RUNNING, "a probe asks whether it runs"
        assert agent.do("stop") == SUCCESS
        assert agent.do("validate-all") == agent.do("start") == INSTALLED


def test_a_user_that_does_not_exist_is_told(agent: Agent) -> None:
    agent.parameters["user"] = "nobody-of-this-name"
    told = agent.run("validate-all")
    assert told.returncode == INSTALLED
    assert "there is no user nobody-of-this-name" in told.stderr


def test_a_server_that_cannot_start_is_a_failed_start(agent: Agent) -> None:
    agent.parameters["additional_parameters"] = "--no-such-option"
    began = time.monotonic()
    assert agent.do("start", 60_000) == GENERIC
    assert time.monotonic() - began < 60.0
    assert "no-such-option" in agent.said()
    assert not agent.pid_file.exists()


def test_a_process_id_that_belongs_to_another_program_is_not_ours(agent: Agent) -> None:
    agent.pid_file.parent.mkdir()
    agent.pid_file.write_text(f"{os.getpid()}\n")
    assert agent.do("monitor") == NOT_RUNNING
    assert agent.do("stop") == SUCCESS
    assert alive(os.getpid())


def test_an_unknown_action_is_not_implemented(agent: Agent) -> None:
    assert agent.do("promote") == UNIMPLEMENTED
