"""The demo tells its story to the end, twice, and leaves nothing behind when it is stopped."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import openstack
import pytest
import requests
from keystoneauth1.exceptions import Unauthorized
from openstack.config import OpenStackConfig

from tests import canaries

canaries.permit("password: admin of the replay, project")  # whoever tries the demo in a browser needs it
SCRIPT = Path(__file__).resolve().parents[2] / "demo" / "run.py"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "demo"
    run(tmp_path / "demo", "stop")


def run(place: Path, *arguments: str) -> str:
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, str(SCRIPT), *arguments],
        env={**os.environ, "DEMO_PLACE": str(place), "DEMO_PORT": "0"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_demo_finds_a_new_violation_simulates_and_explains(place: Path) -> None:
    told = run(place)
    assert re.search(r"new violation: error\(.*, lab-ml-stray, .*, shop-payments-back\)", told)
    assert re.search(r"[0-9.]+ ms  from asking the drivers to look", told)
    assert re.search(r"error-\(.*lab-ml-stray", told)
    assert "Why is lab-ml-stray a violation?" in told
    address = served(told)
    assert requests.get(f"{address}/healthcheck/live", timeout=10).status_code == 200


def test_callers_of_the_demo_log_in_to_its_keystone(place: Path) -> None:
    address = served(run(place))
    assert requests.get(f"{address}/v1/policies", timeout=10).status_code == 401
    stranger = requests.get(f"{address}/v1/policies", headers={"X-Auth-Token": "invented"}, timeout=10)
    assert stranger.status_code == 401
    files = OpenStackConfig(config_files=[str(place / "clouds.yaml")])
    cloud = openstack.connection.Connection(config=files.get_one(cloud="demo"))
    assert cloud.session.get_endpoint(service_type="policy") == address
    listed = cloud.session.get(f"{address}/v1/policies").json()["results"]
    assert "CrossProjectNetwork" in {policy["name"] for policy in listed}
    with pytest.raises(Unauthorized):
        files.get_one(cloud="demo", auth={"password": "guessed"}).get_session().get_token()


def test_the_demo_writes_what_a_shell_needs_for_curl(place: Path) -> None:
    address = served(run(place))
    line = f'. {place}/openrc && curl -sf -H "X-Auth-Token: $TOKEN" {address}/v1/policies/BadFlavors/tables/error/rows'
    told = subprocess.run(["sh", "-c", line], capture_output=True, text=True, timeout=30, check=True)  # noqa: S603, S607
    assert "shop-payments-03" in told.stdout
    assert (place / "openrc").stat().st_mode & 0o077 == 0


def served(told: str) -> str:
    """Where the demo's server answers."""
    found = re.search(r"running at (http://\S+)/v1", told)
    assert found
    return found[1]


def test_the_demo_can_be_run_again_and_stopped(place: Path) -> None:
    run(place)
    assert "new violation" in run(place)
    assert "cloud, server" in run(place, "stop")
    assert "nothing was running" in run(place, "stop")
