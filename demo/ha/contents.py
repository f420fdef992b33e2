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


def fill(url: str, cloud: Cloud) -> str:
    """Make the datasources and activate the policy, through the load balancer; answers the revision after it.

    Raises Refused.
    """
    revision = ""
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
            rule = f'project_groups_by_name("{group}", "{project}")'
            _, revision = _request("POST", f"{url}/v1/policies/{POLICY}/rules", {"rule": rule})
    return revision


def await_known(urls: Iterable[str], revision: str) -> float:
    """Wait until each of these nodes knows the revision and the cloud; answers how long it took. Raises Refused."""
    began = time.monotonic()

    def known(url: str) -> bool:
        return bool(ask("GET", f"{url}/v1/data-sources/nova/tables/servers/rows", revision=revision)["results"])

    for url in urls:
        _await(f"the cloud's servers at {url}", lambda url=url: known(url))  # type: ignore[misc]
    return time.monotonic() - began


def _await(what: str, is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not is_so():
        if time.monotonic() > deadline:
            raise Refused(f"{what} did not appear within {SECONDS:g} s")
        time.sleep(0.1)


def ask(verb: str, url: str, body: Any = None, revision: str | None = None) -> Any:
    """The answer's JSON; `revision`: the least that the answer is to know. Who does not know yet is asked again.

    Raises Refused.
    """
    return _request(verb, url, body, revision)[0]


def _request(verb: str, url: str, body: Any, revision: str | None = None) -> tuple[Any, str]:
    """The answer's JSON and its revision. Raises Refused."""
    headers = {"X-Congress-Min-Revision": revision} if revision else {}
    deadline, again = time.monotonic() + SECONDS, False
    while True:
        answer = requests.request(verb, url, json=body, headers=headers, timeout=30)
        if answer.status_code not in (502, 503, 504) or time.monotonic() > deadline:
            break
        again = True
        time.sleep(0.2)
    if again and answer.status_code == 409:  # what was not answered had been done
        return None, answer.headers.get("X-Congress-Revision", "")
    if answer.status_code >= 400:
        raise Refused(f"{verb} {url} was answered {answer.status_code}: {answer.text}")
    return (answer.json() if answer.content else None), answer.headers.get("X-Congress-Revision", "")
