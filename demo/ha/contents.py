"""What the demo's Congress judges: a replayed cloud, read by three drivers, and a policy of the library over it."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import requests

from demo.ha.machines import Machine, Process

REPLAY = Path(__file__).resolve().parents[1] / "cloud" / "replay.py"
DATASOURCES = ("keystonev3", "nova", "neutronv2")
POLICY, TABLE = "CrossProjectNetwork", "error"
GROUPS = {"shop": ("shop-web", "shop-db", "shop-payments"), "lab": ("lab-ml", "lab-data")}
POLL_TIME = 2
SECONDS = 60.0


class Refused(Exception):
    """The API did not do what the demo asked for; the text says what it answered."""


class Cloud:
    """The replayed cloud, a process like the others."""

    def __init__(self, machine: Machine, directory: Path) -> None:
        self._announcement = directory / "cloud.json"
        command = [sys.executable, str(REPLAY), "--announce", str(self._announcement)]
        self.process = Process(machine, "cloud", command, directory)
        self.login: dict[str, str] = {}

    def start(self) -> None:
        """Start it and wait until it answers. Raises NotStarted."""
        self.process.start()
        self.process.await_("replaying", self._announcement.exists, SECONDS)
        self.login = json.loads(self._announcement.read_text())


def fill(url: str, cloud: Cloud) -> None:
    """Make the datasources and activate the policy, through the load balancer. Raises Refused."""
    login = {key: cloud.login[key] for key in ("auth_url", "username", "password", "project_name")}
    for name in DATASOURCES:
        ask(
            "POST",
            f"{url}/v1/data-sources",
            {"name": name, "driver": name, "config": login | {"poll_time": str(POLL_TIME)}},
        )
    library = ask("GET", f"{url}/v1/librarypolicies?include_rules=false")["results"]
    found = next(one["id"] for one in library if one["name"] == POLICY)
    ask("POST", f"{url}/v1/policies?library_policy={found}", {})
    for group, projects in GROUPS.items():
        for project in projects:
            ask(
                "POST", f"{url}/v1/policies/{POLICY}/rules", {"rule": f'project_groups_by_name("{group}", "{project}")'}
            )


def rows(url: str) -> list[Any]:
    """The violations, as one node knows them. Raises Refused."""
    return list(ask("GET", f"{url}/v1/policies/{POLICY}/tables/{TABLE}/rows")["results"])


def await_known(urls: Iterable[str]) -> float:
    """Wait until each of these nodes knows tables and violations; answers how long it took. Raises Refused."""
    began = time.monotonic()

    def known(url: str) -> bool:
        tables = ask("GET", f"{url}/v1/data-sources/nova/tables/servers/rows")["results"]
        return bool(tables)

    for url in urls:
        _await(f"the tables of the cloud at {url}", lambda url=url: known(url))  # type: ignore[misc]
    return time.monotonic() - began


def _await(what: str, is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not is_so():
        if time.monotonic() > deadline:
            raise Refused(f"{what} did not appear within {SECONDS:g} s")
        time.sleep(0.1)


def ask(verb: str, url: str, body: Any = None) -> Any:
    """The answer's JSON. A node that cannot know yet is asked again. Raises Refused."""
    deadline = time.monotonic() + SECONDS
    while True:
        answer = requests.request(verb, url, json=body, timeout=30)
        if answer.status_code != 503 or time.monotonic() > deadline:
            break
        time.sleep(0.2)
    if answer.status_code >= 400:
        raise Refused(f"{verb} {url} was answered {answer.status_code}: {answer.text}")
    return answer.json() if answer.content else None
