from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.api.refusals import says
from tests.api.server_process import Client

Fresh = Callable[[str], str]


def test_the_packaged_library_is_there(client: Client) -> None:
    names = {item["name"] for item in client.get("/v1/librarypolicies").json()["results"]}
    assert {"BadFlavors", "CrossProjectNetwork", "SecurityGroups"} <= names


def test_an_item_lives_from_creation_to_deletion(client: Client, fresh: Fresh) -> None:
    name = fresh("item")
    rules = [{"rule": "p(x) :- q(x)", "comment": "c"}, {"rule": "q(1)"}]
    created = client.post("/v1/librarypolicies", {"name": name, "rules": rules})
    item = created.json()
    assert created.status_code == 201
    assert item == {
        "id": item["id"],
        "name": name,
        "abbreviation": name[:5],
        "description": "",
        "kind": "nonrecursive",
        "rules": rules,
    }
    path = f"/v1/librarypolicies/{item['id']}"
    assert client.get(path).json() == item
    without = {key: value for key, value in item.items() if key != "rules"}
    assert client.get(f"{path}?include_rules=False").json() == without
    assert client.get(f"/v1/librarypolicies?include_rules=false&name={name}").json() == {"results": [without]}
    replaced = client.put(path, {"name": name, "rules": [], "description": "new"}).json()
    assert (replaced["id"], replaced["description"], replaced["rules"]) == (item["id"], "new", [])
    assert client.delete(path).json() == replaced
    assert client.get(path).status_code == 404


def test_activation_creates_the_policy(client: Client, fresh: Fresh) -> None:
    name = fresh("active")
    rules = [{"rule": "p(x) :- q(x)"}, {"rule": "q(1)", "comment": "c", "name": "n"}]
    item = client.post("/v1/librarypolicies", {"name": name, "rules": rules}).json()
    activated = client.post(f"/v1/policies?library_policy={item['id']}", {})
    assert activated.status_code == 201
    assert activated.json()["rules"][1] == {"rule": "q(1)", "comment": "c", "name": "n"}
    assert client.rows(name, "p") == [[1]]
    again = client.post(f"/v1/policies?library_policy={item['id']}", {})
    assert again.status_code == 409
    filled = client.post(f"/v1/policies?library_policy={item['id']}", {"rules": []})
    assert filled.status_code == 400


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"name": "x"}, 400, 400),
        ({"rules": []}, 400, 400),
        ([], 400, 400),
        ({"name": "a-b", "rules": []}, 400, 400),
        ({"name": "x", "rules": [], "kind": "nope"}, 400, 400),
        ({"name": "x", "rules": [], "abbreviation": "toolong"}, 400, 400),
        ({"name": "x", "rules": [], "id": "mine"}, 400, 1001),
        ({"name": "BadFlavors", "rules": []}, 409, 409),
    ],
)
def test_what_is_no_library_policy_is_refused(client: Client, body: Any, status: int, code: int) -> None:
    says(client.post("/v1/librarypolicies", body), status, code)


@pytest.mark.parametrize("verb", ["GET", "DELETE", "PUT"])
def test_unknown_items_are_not_found(client: Client, verb: str) -> None:
    answer = client.request(verb, "/v1/librarypolicies/nope", {"name": "x", "rules": []})
    assert answer.status_code == 404


def test_rule_texts_are_checked_at_activation_only(client: Client, fresh: Fresh) -> None:
    item = client.post("/v1/librarypolicies", {"name": fresh("broken"), "rules": [{"rule": "p(x"}]}).json()
    answer = client.post(f"/v1/policies?library_policy={item['id']}", {})
    assert (answer.status_code, answer.json()["error"]["error_code"]) == (400, 1002)
