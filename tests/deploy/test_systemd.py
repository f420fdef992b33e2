"""The units are ones that systemd takes, and start programs with options that they have."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from oslo_config import cfg

import congress.conf
from congress.cli import galera_check
from congress.server.roles import Roles, chosen
from tests.deploy.agent import ROOT

UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))


def started(unit: Path) -> list[str]:
    """The words of ExecStart."""
    line = re.search(r"(?m)^ExecStart=(.*)$", unit.read_text())
    assert line
    return shlex.split(line[1])


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_has_no_complaint(unit: Path, tmp_path: Path) -> None:
    binary = tmp_path / "program"
    binary.write_text("#!/bin/sh\n")
    binary.chmod(0o755)
    copy = tmp_path / unit.name
    copy.write_text(unit.read_text().replace(started(unit)[0], str(binary)))
    command = ["systemd-analyze", "verify", "--man=no", str(copy)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_the_programs_are_ours(unit: Path) -> None:
    program = Path(started(unit)[0])
    assert program.parent == Path("/usr/local/bin")
    command = f'\n{program.name} = "' in (ROOT / "pyproject.toml").read_text()
    assert command or (ROOT / "deploy" / "systemd" / program.name).exists()


def test_the_timer_has_its_service(tmp_path: Path) -> None:
    timer = ROOT / "deploy" / "systemd" / "rabbitmq-rejoin.timer"
    for unit in (timer, timer.with_suffix(".service")):
        (tmp_path / unit.name).write_text(unit.read_text().replace("/usr/local/bin/rabbitmq-rejoin.sh", "/bin/true"))
    command = ["systemd-analyze", "verify", "--man=no", *map(str, tmp_path.iterdir())]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603
    assert (done.returncode, done.stderr) == (0, "")


ROLES: dict[str, Callable[[], Roles]] = {
    "congress.service": lambda: Roles(api=True, datasources=True),
    "congress-api.service": lambda: Roles(api=True, datasources=False),
    "congress-datasources.service": lambda: Roles(api=False, datasources=True),
}


@pytest.mark.parametrize("name", ROLES)
def test_the_server_plays_the_roles_of_the_unit_s_name(name: str, tmp_path: Path) -> None:
    words = started(ROOT / "deploy" / "systemd" / name)[1:]
    files = [word for word in words if word.startswith("--config-file=")]
    assert files[0] == "--config-file=/etc/congress/congress.conf"
    shared = tmp_path / "congress.conf"
    shared.write_text("[DEFAULT]\ntransport_url = rabbit://somewhere/\n")
    conf = congress.conf.register(cfg.ConfigOpts())
    conf([f"--config-file={shared}", *(word for word in words if word not in files)], project="congress")
    assert chosen(conf) == ROLES[name]()
    role_files = {Path(file.partition("=")[2]).name for file in files[1:]}
    assert all((ROOT / "deploy" / "ha" / file).exists() for file in role_files)


def test_the_health_check_of_databases_takes_the_unit_s_options(monkeypatch: pytest.MonkeyPatch) -> None:
    served = []
    monkeypatch.setattr(galera_check, "server", lambda *where: served.append(where) or sys.exit(0))
    with pytest.raises(SystemExit):
        galera_check.main(started(ROOT / "deploy" / "systemd" / "congress-galera-check.service")[1:])
    assert served[0][1] == 9200
