"""Something to see: the servers of a shop, who works there, policies over both, and an action that waits."""

from __future__ import annotations

from typing import Any

from tests.api.server_process import Client

SERVERS = [
    [f"vm-{number:03}", "ERROR" if number % 7 == 0 else "ACTIVE", f"u-{number % 5}", f"compute-{number % 4}"]
    for number in range(140)
]
PEOPLE = [[f"u-{number}", "shop" if number % 2 else "lab"] for number in range(4)]
BROKEN = {
    "rule": 'error(vm, owner) :- nova:data(id=vm, status="ERROR", owner=owner), not excused(vm)',
    "comment": "a broken server that nobody looks after",
}


def stock(client: Client) -> None:
    """Create all of it on an empty server."""
    _source(client, "nova", "servers of the shop", "id,status,owner,host", SERVERS)
    _source(client, "people", "who works where", "user,group", PEOPLE)
    _made(client, "/v1/data-sources", {"name": "hosts", "driver": "fake_datasource", "config": {}})
    _policy(
        client,
        "servers",
        "Servers must run, and belong to somebody who works here.",
        BROKEN,
        {"rule": "warning(vm) :- nova:data(id=vm, owner=owner), not employed(owner)"},
        {"rule": "employed(user) :- people:data(user=user)"},
        {"rule": 'excused("vm-007")', "comment": "is being repaired"},
    )
    _policy(
        client,
        "repairs",
        "A host that fails is restarted.",
        {"rule": "error(host) :- hosts:fake_table(id=host)"},
        {"rule": "execute[hosts:fake_act(host)] :- hosts:fake_table(id=host)"},
        enforcement="propose",
    )
    rows = [{"id": "compute-1", "name": "lost power"}]
    assert client.put("/v1/data-sources/hosts/tables/fake_table/rows", rows).status_code == 200


def _source(client: Client, name: str, description: str, columns: str, rows: list[list[str]]) -> None:
    config = {"description": description, "columns": columns}
    body = {"name": name, "driver": "push", "description": description, "config": config}
    _made(client, "/v1/data-sources", body)
    assert client.put(f"/v1/data-sources/{name}/tables/data/rows", rows).status_code == 200


def _policy(client: Client, name: str, description: str, *rules: dict[str, Any], enforcement: str = "enforce") -> None:
    body = {"name": name, "description": description, "enforcement": enforcement, "rules": list(rules)}
    _made(client, "/v1/policies", body)


def _made(client: Client, path: str, body: dict[str, Any]) -> None:
    answer = client.post(path, body)
    assert answer.status_code == 201, answer.text
