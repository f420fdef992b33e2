"""Where reports go and with which credentials, and when they are sent again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from oslo_config import cfg

from congress.agent import options
from congress.agent.sender import NotSent, Sender
from congress.cli import cfg_validator_agent
from congress.cli.cfg_validator_agent import Agent
from tests.agent import sample
from tests.agent.receiver import Receiver, receiver


@pytest.fixture
def congress() -> Iterator[Receiver]:
    with receiver() as server:
        yield server


def configured(directory: Path, text: str) -> cfg.ConfigOpts:
    file = directory / "agent.conf"
    file.write_text(text, encoding="utf-8")
    conf = options.register(cfg.ConfigOpts())
    conf([], default_config_files=[str(file)])
    return conf


def test_a_report_goes_to_the_datasource_that_is_configured(congress: Receiver, tmp_path: Path) -> None:
    conf = configured(tmp_path, f"[congress]\nendpoint_override = {congress.url}/\ndatasource = my:conf\n")
    Sender(conf).send({"host": "h"})
    path, headers, body = congress.received[0]
    assert (path, body) == ("/v1/data-sources/my%3Aconf/tables/host/rows", [{"host": "h"}])
    assert headers["Content-Type"] == "application/json"
    assert "Authorization" not in headers and "X-Auth-Token" not in headers


def test_the_datasources_secret_is_shown(congress: Receiver, tmp_path: Path) -> None:
    conf = configured(tmp_path, f"[congress]\nendpoint_override = {congress.url}\ndatasource_secret = canary-s3\n")
    Sender(conf).send({})
    assert congress.received[0][1]["Authorization"] == "Bearer canary-s3"


def test_a_token_is_sent_when_the_agent_logs_in(congress: Receiver, tmp_path: Path) -> None:
    text = f"[congress]\nauth_type = admin_token\ntoken = canary-t1\nendpoint_override = {congress.url}\n"
    Sender(configured(tmp_path, text)).send({})
    assert congress.received[0][1]["X-Auth-Token"] == "canary-t1"


def test_without_address_and_login_nothing_starts(tmp_path: Path) -> None:
    with pytest.raises(NotSent, match="set `endpoint_override`"):
        Sender(configured(tmp_path, ""))


@pytest.mark.parametrize("status", [401, 404, 409, 503])
def test_a_refusal_is_told(congress: Receiver, tmp_path: Path, status: int) -> None:
    congress.status = status
    with pytest.raises(NotSent, match=str(status)):
        Sender(configured(tmp_path, f"[congress]\nendpoint_override = {congress.url}\n")).send({})


def test_nobody_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotSent, match="Congress did not take the report"):
        Sender(configured(tmp_path, "[congress]\nendpoint_override = http://127.0.0.1:9\n")).send({})


@pytest.mark.parametrize("group", ["agent", "cfg_validator"])
def test_options_of_the_original_are_understood(tmp_path: Path, group: str) -> None:
    services = "services = nova: { /n.conf:/g.conf, /m:/g }"
    conf = configured(tmp_path, f"[{group}]\nhost = h\nversion = ocata\nmax_delay = 3\n{services}\n")
    agent = conf.agent
    assert (agent.host, agent.version, agent.max_delay) == ("h", "ocata", 3)
    assert agent.services == {"nova": {"/n.conf": "/g.conf", "/m": "/g"}}


def test_what_changed_is_sent_and_what_did_not_only_after_a_while(congress: Receiver, tmp_path: Path) -> None:
    file, template = sample.write(tmp_path / "etc", "[DEFAULT]\ndebug = yes\n")
    text = f"[agent]\nservices = s: {{ {file}:{template} }}\n[congress]\nendpoint_override = {congress.url}\n"
    conf = configured(tmp_path, text)
    agent = Agent(conf, Sender(conf))
    assert agent.step().startswith("sent 1 files") and agent.step() == "nothing changed"
    Path(file).write_text("[DEFAULT]\ndebug = no\n")
    assert agent.step().startswith("sent 1 files")
    conf.set_override("resend_period", 1, "agent")
    agent.sent_at -= 2
    assert agent.step().startswith("sent 1 files")
    congress.status = 503
    Path(file).write_text("[DEFAULT]\ndebug = yes\n")
    assert "503" in agent.step()
    congress.status = 200
    assert agent.step().startswith("sent 1 files")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "nothing to read"),
        ("[agent]\nservices = s: {/a:/b}\n", "set `endpoint_override`"),
        ("[agent]\nservices = nonsense\n", "services"),
    ],
)
def test_a_configuration_that_is_no_use_is_explained(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, says: str
) -> None:
    file = tmp_path / "agent.conf"
    file.write_text(text, encoding="utf-8")
    assert cfg_validator_agent.main(["--config-file", str(file)]) == 1
    assert says in capsys.readouterr().err
