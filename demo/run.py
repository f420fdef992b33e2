"""The demo: policies over a replayed cloud, a violation that appears, a question and an answer. `run.py [stop]`."""

from __future__ import annotations

import json
import re
import shlex
import sys
import time
from pathlib import Path
from typing import Any

import processes
import requests
from keystoneauth1.session import Session
from openstack.config import OpenStackConfig

DATASOURCES = ("keystonev3", "nova", "neutronv2", "glancev2", "cinder")
POLICIES = ("SecurityGroups", "NetworkGateway", "CrossProjectNetwork", "BadFlavors", "DisallowedServerImages",
            "UnsafeTraffic", "VolumeEncryption")  # fmt: skip
GROUPS = {"shop": ("shop-web", "shop-db", "shop-payments"), "lab": ("lab-ml", "lab-data")}
COUNTED = {
    "nova": ("servers", "flavors"),
    "neutronv2": ("networks", "ports", "security_group_rules"),
    "keystonev3": ("projects", "users"),
    "glancev2": ("images",),
    "cinder": ("volumes",),
}
SHOWN = 4
POLL_TIME = 5


class Congress:
    """The REST API, as far as the demo uses it, found and opened as every client of OpenStack does: by clouds.yaml."""

    def __init__(self) -> None:
        found = OpenStackConfig(config_files=[str(processes.CLOUDS)]).get_one(cloud=processes.CLOUD_NAME)
        self.session: Session = found.get_session()
        self.url = f"{self.session.get_endpoint(service_type='policy')}/v1"

    def ask(self, verb: str, path: str, body: Any = None) -> Any:
        answer = self.session.request(self.url + path, verb, json=body, timeout=60, raise_exc=False)
        if answer.status_code >= 400:
            raise processes.Stuck(f"{verb} {path} was answered {answer.status_code}: {answer.text}")
        return answer.json() if answer.content else None

    def rows(self, policy: str, table: str) -> list[list[Any]]:
        tables = {one["id"] for one in self.ask("GET", f"/policies/{policy}/tables")["results"]}
        if table not in tables:
            return []
        return [row["data"] for row in self.ask("GET", f"/policies/{policy}/tables/{table}/rows")["results"]]


def say(text: str = "") -> None:
    print(text, flush=True)


def title(text: str) -> None:
    say(f"\n== {text}")


def connect(congress: Congress, cloud: dict[str, str]) -> None:
    title("Five datasources: the drivers log in and list everything")
    began = time.monotonic()
    login = {key: cloud[key] for key in ("auth_url", "username", "password", "project_name")}
    for name in DATASOURCES:
        body = {"name": name, "driver": name, "config": {**login, "poll_time": str(POLL_TIME)}}
        congress.ask("POST", "/data-sources", body)

    def ready(name: str) -> bool:
        return bool(congress.ask("GET", f"/data-sources/{name}/status")["initialized"] == "True")

    processes.wait("the first poll of every datasource", lambda: all(ready(name) for name in DATASOURCES))
    say(f"   all tables are known after {time.monotonic() - began:.2f} s")
    for name, tables in COUNTED.items():
        counts = [f"{len(_datasource_rows(congress, name, table))} {table}" for table in tables]
        say(f"   {name:11} {', '.join(counts)}")


def _datasource_rows(congress: Congress, name: str, table: str) -> list[Any]:
    return list(congress.ask("GET", f"/data-sources/{name}/tables/{table}/rows")["results"])


def activate(congress: Congress) -> None:
    title("Seven policies of the library, and who belongs to whom")
    library = {one["name"]: one["id"] for one in congress.ask("GET", "/librarypolicies?include_rules=false")["results"]}
    for name in POLICIES:
        congress.ask("POST", f"/policies?library_policy={library[name]}", {})
        say(f"   activated {name}")
    for group, projects in GROUPS.items():
        for project in projects:
            rule = f'project_groups_by_name("{group}", "{project}")'
            congress.ask("POST", "/policies/CrossProjectNetwork/rules", {"rule": rule})
        say(f"   the projects {', '.join(projects)} belong together")


def violations(congress: Congress) -> None:
    title("What is wrong in this cloud")
    for policy in POLICIES:
        for table in ("error", "warning"):
            rows = congress.rows(policy, table)
            if rows:
                say(f"   {policy}:{table} holds {len(rows)} row{'s' * (len(rows) != 1)}")
            for row in rows[:SHOWN]:
                say(f"      {readable(row)}")
            if len(rows) > SHOWN:
                say(f"      ... and {len(rows) - SHOWN} more")


def readable(row: list[Any]) -> str:
    return shortened("(" + ", ".join(str(cell) for cell in row) + ")")


def shortened(text: str) -> str:
    """The text with every id cut to its beginning, as people read ids."""
    return re.sub(r"\b([0-9a-f]{8})[0-9a-f]*(-[0-9a-f]{4,}){4}\b|\b([0-9a-f]{8})[0-9a-f]{24,}\b", r"\1\3..", text)


def appear(congress: Congress, cloud: dict[str, str]) -> list[Any]:
    """Let the server appear; the new row of CrossProjectNetwork:error."""
    title("Somebody starts the server lab-ml-stray on a network of shop-payments")
    found, elapsed = move_cloud(congress, cloud, "after", "inserted")
    row: list[Any] = found["inserted"][0]
    say(f"   new violation: error{readable(row)}")
    say(f"   {elapsed:8.1f} ms  from asking the drivers to look until the violation reached this client:")
    say("                two list calls of the cloud, the comparison with the rows before, the evaluation, HTTP")
    say(f"   {found['milliseconds']:8.1f} ms  of that from the arrival of the changed rows to all consequences")
    say(f"   Left alone, a driver looks every {POLL_TIME} s here (poll_time); then add up to that.")
    return row


def disappear(congress: Congress, cloud: dict[str, str]) -> None:
    title("The server is removed again")
    found, elapsed = move_cloud(congress, cloud, "before", "deleted")
    say(f"   gone: error{readable(found['deleted'][0])} after {elapsed:.1f} ms, measured as above")


def move_cloud(congress: Congress, cloud: dict[str, str], state: str, kind: str) -> tuple[dict[str, Any], float]:
    """Change the cloud, have the drivers look, and wait for rows of `error` to be inserted or deleted: that change, and
    the milliseconds from asking the drivers until it was answered here."""
    path = "/policies/CrossProjectNetwork/changes"
    since = congress.ask("GET", f"{path}?since=0")["latest"]
    requests.post(f"{cloud['control']}/state", json={"state": state}, timeout=10).raise_for_status()
    began = time.monotonic()
    for name in ("nova", "neutronv2"):
        congress.ask("POST", f"/data-sources/{name}?action=request-refresh")
    while time.monotonic() - began < 60:
        answer = congress.ask("GET", f"{path}?since={since}&wait=20")
        for one in answer["results"]:
            if one["table"] == "error" and one[kind]:
                return one, (time.monotonic() - began) * 1000
        since = answer["latest"]
    raise processes.Stuck(f"no row of error was {kind} within a minute; see {processes.PLACE}/server.log")


def simulate(congress: Congress, row: list[Any]) -> None:
    title("What if lab-ml joined the group of the shop? (nothing is changed by asking)")
    congress.ask("POST", "/policies", {"name": "what_if", "kind": "action", "description": "changes to try out"})
    body = {
        "query": "error(server, server_name, network, network_name)",
        "sequence": 'CrossProjectNetwork:project_groups_by_name+("shop", "lab-ml")',
        "action_policy": "what_if",
    }
    answer = congress.ask("POST", "/policies/CrossProjectNetwork?action=simulate&delta=true", body)
    for line in answer["result"]:
        say(f"   {shortened(line)}")
    gone = any(line.startswith("error-") and str(row[1]) in line for line in answer["result"])
    say("   error-(...) is a violation that would be gone" + ("." if gone else "; this one would stay."))


def explain(congress: Congress, row: list[Any]) -> None:
    title(f"Why is {row[1]} a violation?")
    answer = congress.ask("POST", "/policies/CrossProjectNetwork?action=explain", {"table": "error", "row": row})
    for line in answer["text"].splitlines():
        indent = " " * (len(line) - len(line.lstrip()))
        fact, _, reason = shortened(line.strip()).rpartition("  (")
        say(f"   {indent}{fact}")
        if reason.startswith("by "):
            say(f"   {indent}  by: {reason.removeprefix('by ').removesuffix(')')}")


def farewell(congress: Congress, cloud: dict[str, str]) -> None:
    login = processes.describe_login(str(congress.session.get_token()), congress.url, cloud["control"])
    page = congress.url.removesuffix("/v1") + "/dashboard"
    title(f"Congress is still running at {congress.url}")
    say(f"   In a browser: {page}")
    say(f"   log in as {cloud['username']}, password: {cloud['password']}, project: {cloud['project_name']}")
    say()
    say("   In a shell, or step by step in docs/tutorial.md:")
    say(f"   . {shown(login)}")
    say('   curl -s -H "X-Auth-Token: $TOKEN" $CONGRESS/policies/UnsafeTraffic/tables/warning/rows')
    question = json.dumps({"table": "error", "row": congress.rows("BadFlavors", "error")[0]})
    say(f"   curl -s -H \"X-Auth-Token: $TOKEN\" -H 'Content-Type: application/json' -d {shlex.quote(question)} "
        '"$CONGRESS/policies/BadFlavors?action=explain"')  # fmt: skip
    say("   make client && .venv-client/bin/openstack congress policy row list BadFlavors error")
    say('   curl -s -d \'{"state": "after"}\' $CLOUD      # the stray server comes back; "before" removes it')
    say("   make demo-stop                               # stop all of it")


def shown(path: Path) -> str:
    """The path as it is typed in the directory of the Makefile."""
    inside = path.is_relative_to(processes.ROOT)
    return str(path.relative_to(processes.ROOT)) if inside else shlex.quote(str(path))


def demo() -> None:
    processes.stop()
    processes.forget()
    title("A cloud, replayed from recorded answers of real services, and a Congress server")
    cloud = processes.start_cloud()
    processes.describe(cloud)
    began = time.monotonic()
    url = processes.start_server(cloud)
    say(f"   Keystone of the cloud: {cloud['auth_url']}")
    say(f"   Congress: {url} (ready after {time.monotonic() - began:.1f} s), found in Keystone's catalog")
    congress = Congress()
    say(f"   logged in as {cloud['username']} with {shown(processes.CLOUDS)}; Congress asks Keystone who calls")
    connect(congress, cloud)
    activate(congress)
    violations(congress)
    row = appear(congress, cloud)
    simulate(congress, row)
    explain(congress, row)
    disappear(congress, cloud)
    farewell(congress, cloud)


if __name__ == "__main__":
    if sys.argv[1:] == ["stop"]:
        say(f"stopped: {', '.join(processes.stop()) or 'nothing was running'}")
    else:
        try:
            demo()
        except processes.Stuck as error:
            sys.exit(f"the demo cannot go on: {error}")
