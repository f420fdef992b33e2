"""The demo tells its story to the end, twice, and leaves nothing behind when it is stopped."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

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
    served = re.search(r"running at (http://\S+)/v1", told)
    assert served
    assert requests.get(f"{served[1]}/healthcheck/live", timeout=10).status_code == 200


def test_the_demo_can_be_run_again_and_stopped(place: Path) -> None:
    run(place)
    assert "new violation" in run(place)
    assert "cloud, server" in run(place, "stop")
    assert "nothing was running" in run(place, "stop")
