"""The guide leads through every file, and says of them what they say."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from oslo_config import cfg

import congress.conf
from congress.conf import healthcheck
from congress.datasources.secrets import Secrets
from tests.deploy.agent import ROOT
from tests.docs.pages import blocks

PAGE = ROOT / "docs" / "high-availability.md"
GUIDE = PAGE.read_text()
COMMANDS = [line.strip() for block in blocks(PAGE) for line in block.text.splitlines()]
WATCHING = [line for block in blocks(PAGE.with_name("observability.md")) for line in block.text.splitlines()]
FILES = sorted(path for path in (ROOT / "deploy").rglob("*") if path.is_file() and path.name != "congress.service")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_file_of_the_deployment_is_used(file: Path) -> None:
    commands = WATCHING if file.parent.name in ("prometheus", "grafana") else COMMANDS
    assert any(file.name in command for command in commands)


def test_files_are_taken_from_where_they_are() -> None:
    """After the second step the shell is in deploy/ha."""
    ha = ROOT / "deploy" / "ha"
    named = {word for line in COMMANDS for word in re.findall(r"(?:< |cp |sh )([\w.-]+)", line)}
    named |= {word for line in COMMANDS for word in re.findall(r" (\.\./\S+)", line)}
    assert len(named) > 10
    assert [word for word in sorted(named) if not (ha / word).exists()] == []


def test_the_key_that_the_guide_makes_is_one(tmp_path: Path) -> None:
    command = next(line for line in COMMANDS if "generate_key" in line)
    script = command.replace("/etc/congress/keys", shlex.quote(str(tmp_path))).replace("python3", "$PYTHON")
    env = {"PYTHON": sys.executable}
    subprocess.run(["sh", "-c", script], env=env, check=True, timeout=60)  # noqa: S603, S607
    secrets = Secrets(tmp_path, create=False)
    assert secrets.decrypt(secrets.encrypt("a password")) == "a password"


def test_the_times_are_the_defaults() -> None:
    conf = congress.conf.register(cfg.ConfigOpts())
    conf([], project="congress", default_config_files=[])
    for name in ("duration", "renew", "margin"):
        assert re.search(rf"\| `{name}` \| [^|]*`lease` \| {conf.lease[name]:g} s \|", GUIDE)
    times = conf.lease.duration - conf.lease.margin - conf.lease.renew
    assert f"`duration` - `margin` - `renew`, {times:g} s by default" in GUIDE
    assert f":{healthcheck.DATASOURCES_PORT}/healthcheck/ready" in GUIDE
    balancer = (ROOT / "deploy" / "ha" / "haproxy.cfg").read_text()
    assert "timeout server 70s" in balancer and "| `timeout server` | haproxy.cfg | 70 s |" in GUIDE
    assert conf.engine.query_seconds == 60.0
