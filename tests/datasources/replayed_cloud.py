"""The demo's replayed cloud as a process of its own, for tests of drivers and of whole servers."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from tests import canaries
from tests.waiting import until

ROOT = Path(__file__).resolve().parents[2]


class ReplayedCloud:
    """`login`: what a datasource's config needs. The methods change what the cloud does from now on."""

    def __init__(self, known: dict[str, str]) -> None:
        self.login = {key: known[key] for key in ("auth_url", "username", "password", "project_name")}
        canaries.watch(self.login["password"])
        for url in (self.login["auth_url"], known["control"]):
            canaries.ignore(url)
        self._control = known["control"]

    def move_to(self, state: str) -> None:
        self._post("/state", {"state": state})

    def fail(self, *services: str, kind: str = "silence") -> None:
        self._post("/outage", {"services": services, "kind": kind})

    def recover(self) -> None:
        self._post("/outage", {"services": []})

    def forget_tokens(self) -> None:
        self._post("/logout", {})

    def offer(self, kind: str, name: str, url: str) -> None:
        """Enter a service into the catalog."""
        self._post("/offer", {"type": kind, "name": name, "url": url})

    def report(self) -> dict[str, Any]:
        return dict(requests.get(self._control, timeout=10).json())

    def _post(self, path: str, body: dict[str, Any]) -> None:
        requests.post(self._control + path, json=body, timeout=10).raise_for_status()


@contextmanager
def replayed_cloud(place: Path, recordings: Path = ROOT / "demo" / "cloud" / "recordings") -> Iterator[ReplayedCloud]:
    announcement = place / "cloud.json"
    replay = str(ROOT / "demo" / "cloud" / "replay.py")
    command = [sys.executable, replay, "--announce", str(announcement), "--recordings", str(recordings)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603 - our own command
    try:
        until(
            announcement.exists,
            "the replay ended, or did not start in time",
            seconds=120,
            ended=lambda: process.poll() is not None,
        )
        yield ReplayedCloud(json.loads(announcement.read_text()))
    finally:
        process.terminate()
        process.wait(10)
