"""Starts and stops what the demo leaves running: the replayed cloud and the Congress server, state below var/demo."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import requests

ROOT = Path(__file__).resolve().parents[1]
PLACE = Path(os.environ.get("DEMO_PLACE", ROOT / "var" / "demo"))
PORT = int(os.environ.get("DEMO_PORT", "1789"))


class Stuck(Exception):
    """Something did not start; the text says where to look."""


def wait(what: str, condition: Callable[[], object], seconds: float = 60) -> None:
    """Return when the condition holds. Raises Stuck."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise Stuck(f"{what} took more than {seconds:.0f} s; see the logs in {PLACE}")
        time.sleep(0.02)


def start(name: str, *command: str) -> None:
    PLACE.mkdir(parents=True, exist_ok=True)
    with (PLACE / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - our own commands
            [sys.executable, *command],
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            cwd=ROOT,
        )
    (PLACE / f"{name}.pid").write_text(f"{process.pid} {_birth(process.pid)}")


def stop() -> list[str]:
    """End what an earlier demo left running; the names of what was running."""
    ended = []
    for path in sorted(PLACE.glob("*.pid")):
        pid, _, birth = path.read_text().partition(" ")
        if birth and _birth(int(pid)) == birth:  # else the number may belong to somebody else by now
            os.kill(int(pid), signal.SIGTERM)
            wait(f"the end of {path.stem}", lambda pid=pid, birth=birth: _birth(int(pid)) != birth, 15)  # type: ignore[misc]
            ended.append(path.stem)
        path.unlink()
    return ended


def start_cloud() -> dict[str, str]:
    """Replay the recorded cloud; how to log in to it, and the address of its `control`."""
    announcement = PLACE / "cloud.json"
    start("cloud", str(ROOT / "demo" / "cloud" / "replay.py"), "--announce", str(announcement))
    wait("the replayed cloud", announcement.exists)
    return dict(json.loads(announcement.read_text()))


_CONFIGURATION = """[DEFAULT]
auth_strategy = keystone
bind_host = 127.0.0.1

[keystone_authtoken]
auth_type = password
auth_url = {auth_url}
www_authenticate_uri = {auth_url}
username = {service_username}
password = {service_password}
project_name = {service_project_name}
user_domain_id = default
project_domain_id = default
service_token_roles_required = true
"""
_CLOUDS = """clouds:
  {name}:
    region_name: RegionOne
    auth:
      auth_url: {auth_url}
      username: {username}
      password: {password}
      project_name: {project_name}
      user_domain_id: default
      project_domain_id: default
"""
CLOUD_NAME = "demo"
CLOUDS = PLACE / "clouds.yaml"


def start_server(cloud: dict[str, str]) -> str:
    """Start Congress on its usual port, or on another one when that is taken, and enter it into the catalog.

    It asks the cloud's Keystone who calls, as `congress.conf` beside its log says. Answers its address.
    """
    log, configuration = PLACE / "server.log", PLACE / "congress.conf"
    _write(configuration, _CONFIGURATION.format(**cloud))
    port = PORT if _free(PORT) else 0
    options = ("--config-file", str(configuration), "--state-dir", str(PLACE / "state"), "--bind-port", str(port))
    start("server", "-m", "congress.cli.server", *options)
    address = re.compile(r"serving on (http://\S+)")
    wait("the Congress server", lambda: address.search(log.read_text()))
    found = address.search(log.read_text())
    assert found is not None
    offer = {"type": "policy", "name": "congress", "url": found.group(1)}
    requests.post(f"{cloud['control']}/offer", json=offer, timeout=10).raise_for_status()
    return found.group(1)


def describe(cloud: dict[str, str]) -> None:
    """Write the file in which clients of OpenStack look for their login."""
    _write(CLOUDS, _CLOUDS.format(name=CLOUD_NAME, **cloud))


def describe_login(token: str, address: str, control: str) -> Path:
    """Write what a shell needs for the clients, and for curl, which knows nothing of logins and catalogs: the addresses
    of Congress's API and of what changes the replayed cloud, too."""
    path = PLACE / "openrc"
    clients = f"OS_CLIENT_CONFIG_FILE={shlex.quote(str(CLOUDS))} OS_CLOUD={CLOUD_NAME}"
    _write(path, f"export {clients} TOKEN={token} CONGRESS={address} CLOUD={control}/state\n")
    return path


def _write(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text)


def forget() -> None:
    """Remove the state of an earlier demo."""
    shutil.rmtree(PLACE, ignore_errors=True)


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _birth(pid: int) -> str:
    """When the process was started, as Linux counts it; empty when there is none or it is only waiting to be buried."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] == "Z" else fields[19]
