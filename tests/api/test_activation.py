"""Library policies become policies: with parameters, under another name, together with those they depend on."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import requests

from tests.api.server_process import Client

Fresh = Callable[[str], str]
LIMIT = {"name": "limit", "type": "number", "description": "The most that is allowed.", "default": 10}
WHO = {"name": "exempt", "type": "list of strings", "default": []}


def add(client: Client, name: str, **more: Any) -> str:
    """Add a library policy; answers its id."""
    rules = [{"rule": "error(x) :- use(x, n), limit(m), gt(n, m), not exempt(x)"}, {"rule": 'use("a", 7)'}]
    body = {"name": name, "rules": rules, "parameters": [LIMIT, WHO]} | more
    answer = client.post("/v1/librarypolicies", body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def activate(client: Client, item: str, body: Any) -> requests.Response:
    headers = {"Content-Type": "application/json"}
    return client.post(f"/v1/policies?library_policy={item}", data=json.dumps(body), headers=headers)


def test_the_library_shows_parameters_and_dependencies(client: Client, fresh: Fresh) -> None:
    name = fresh("shown")
    item = add(client, name, **{"depends-on": ["classification"]})
    found = client.get(f"/v1/librarypolicies/{item}").json()
    assert (found["parameters"], found["depends-on"]) == ([LIMIT, WHO], ["classification"])
    (listed,) = client.get(f"/v1/librarypolicies?name={name}&include_rules=false").json()["results"]
    assert listed["parameters"] == [LIMIT, WHO] and "rules" not in listed


@pytest.mark.parametrize("body", [{}, None, {"parameters": {}}, {"parameters": None}])
def test_without_values_the_defaults_hold(client: Client, fresh: Fresh, body: Any) -> None:
    name = fresh("defaults")
    answer = activate(client, add(client, name), body)
    assert answer.status_code == 201 and "dependencies" not in answer.json()
    assert answer.json()["rules"][0] == {"rule": "limit(10)", "comment": "parameter limit", "name": None}
    assert client.rows(name, "error") == []


def test_given_values_are_facts_that_can_be_changed_later(client: Client, fresh: Fresh) -> None:
    name = fresh("given")
    assert activate(client, add(client, name), {"parameters": {"limit": 5}}).status_code == 201
    assert client.rows(name, "error") == [["a"]]
    assert client.post(f"/v1/policies/{name}/rules", {"rule": 'exempt("a")'}).status_code == 201
    assert client.rows(name, "error") == []


def test_one_item_is_activated_several_times_under_different_names(client: Client, fresh: Fresh) -> None:
    item, strict, mild = add(client, fresh("twice")), fresh("strict"), fresh("mild")
    for name, limit in ((strict, 1), (mild, 100)):
        answer = activate(client, item, {"name": name, "parameters": {"limit": limit}})
        assert (answer.status_code, answer.json()["name"]) == (201, name)
    assert (client.rows(strict, "error"), client.rows(mild, "error")) == ([["a"]], [])
    assert activate(client, item, {"name": strict}).status_code == 409


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"parameters": {"limit": "5"}}, 'parameter limit: "5" does not fit; give a number, such as 1'),
        ({"parameters": {"exempt": "a"}}, 'give a list of strings, such as ["a"]'),
        ({"parameters": {"limits": 5}}, "there is no parameter limits; there are: limit, exempt"),
        ({"parameters": {"limit": None}}, "parameter limit: null does not fit"),
        ({"parameters": []}, "Input activation violates schema."),
        ({"name": ""}, "Input activation violates schema."),
        ({"name": "a-b"}, "is not a valid tablename"),
        ({"rules": []}, "Input activation violates schema."),
        ([1], "Input activation violates schema."),
    ],
)
def test_what_does_not_fit_is_refused_and_creates_nothing(client: Client, fresh: Fresh, body: Any, says: str) -> None:
    name = fresh("refused")
    answer = activate(client, add(client, name), body)
    assert answer.status_code == 400 and says in answer.json()["error"]["message"]
    assert client.get(f"/v1/policies/{name}").status_code == 404


def test_a_preview_says_what_would_be_found_and_creates_nothing(client: Client, fresh: Fresh) -> None:
    base, top = fresh("base"), fresh("top")
    add(client, base)
    item = add(client, top, parameters=[LIMIT, WHO], **{"depends-on": [base]})
    body = {"name": f"{top}_strict", "parameters": {"limit": 5}}
    answer = client.post(f"/v1/policies?library_policy={item}&preview=true", body)
    assert answer.status_code == 200 and f"{top}_strict" in answer.text
    assert {client.get(f"/v1/policies/{name}").status_code for name in (base, f"{top}_strict")} == {404}


def test_numbers_beyond_all_bounds_are_refused_or_kept(client: Client, fresh: Fresh) -> None:
    item = add(client, fresh("large"))
    for number in (10**400, 10**4000, 1e308):
        name = fresh("number")
        answer = activate(client, item, {"name": name, "parameters": {"limit": number}})
        assert answer.status_code in (201, 400), answer.text


def test_a_parameter_without_default_must_be_given(client: Client, fresh: Fresh) -> None:
    name = fresh("needed")
    item = add(client, name, parameters=[{"name": "limit", "type": "number"}, WHO])
    answer = activate(client, item, {})
    assert answer.status_code == 400
    assert "a value is needed for each of the parameters: limit" in answer.json()["error"]["message"]
    assert activate(client, item, {"parameters": {"limit": 1}}).status_code == 201


@pytest.mark.parametrize(
    "parameters",
    [
        [{"name": "limit"}],
        [{"name": "limit", "type": "text"}],
        [{"name": "limit", "type": "number", "default": "a"}],
        [LIMIT, LIMIT],
        [{"name": "a limit", "type": "number"}],
        {"limit": 1},
    ],
)
def test_items_with_senseless_declarations_are_refused(client: Client, fresh: Fresh, parameters: Any) -> None:
    name = fresh("senseless")
    answer = client.post("/v1/librarypolicies", {"name": name, "rules": [], "parameters": parameters})
    assert (answer.status_code, answer.json()["error"]["error_code"]) == (400, 400)
    assert client.get(f"/v1/librarypolicies?name={name}").json() == {"results": []}


def test_put_replaces_parameters_and_dependencies_too(client: Client, fresh: Fresh) -> None:
    name = fresh("put")
    item = add(client, name)
    answer = client.put(f"/v1/librarypolicies/{item}", {"name": name, "rules": [{"rule": "p(1)"}]})
    assert answer.status_code == 200
    found = client.get(f"/v1/librarypolicies/{item}").json()
    assert "parameters" not in found and found["rules"] == [{"rule": "p(1)"}]


def test_what_an_item_depends_on_is_activated_before_it(client: Client, fresh: Fresh) -> None:
    base, middle, top = fresh("base"), fresh("middle"), fresh("top")
    add(client, base, rules=[{"rule": "q(x) :- limit(x)"}])
    add(client, middle, rules=[{"rule": f"q(x) :- {base}:q(x)"}], parameters=[], **{"depends-on": [base]})
    item = add(
        client, top, rules=[{"rule": f"q(x) :- {middle}:q(x), {base}:q(x)"}], parameters=[],
        **{"depends-on": [middle, base]},
    )  # fmt: skip
    answer = activate(client, item, {})
    assert [one["name"] for one in answer.json()["dependencies"]] == [base, middle]
    assert client.rows(top, "q") == [[10]]


def test_a_dependency_that_exists_is_left_as_it_is(client: Client, fresh: Fresh) -> None:
    base, top = fresh("base"), fresh("top")
    assert activate(client, add(client, base), {"parameters": {"limit": 3}}).status_code == 201
    item = add(client, top, rules=[{"rule": f"q(x) :- {base}:limit(x)"}], parameters=[], **{"depends-on": [base]})
    assert "dependencies" not in activate(client, item, {}).json()
    assert client.rows(top, "q") == [[3]]


def test_items_may_depend_on_each_other(client: Client, fresh: Fresh) -> None:
    one, other = fresh("one"), fresh("other")
    item = add(client, one, rules=[{"rule": f"p(x) :- {other}:q(x)"}], parameters=[], **{"depends-on": [other, one]})
    rules = [{"rule": "q(1)"}, {"rule": f"r(x) :- {one}:p(x)"}]
    add(client, other, rules=rules, parameters=[], **{"depends-on": [one]})
    assert activate(client, item, {}).status_code == 201
    assert client.rows(other, "r") == [[1]]


def test_a_dependency_that_nobody_knows_is_named(client: Client, fresh: Fresh) -> None:
    name = fresh("lonely")
    answer = activate(client, add(client, name, **{"depends-on": ["nobody"]}), {})
    assert answer.status_code == 400
    assert f"{name} depends on nobody, which is no policy and not in the library" in answer.json()["error"]["message"]


def test_a_bad_rule_leaves_no_dependency_behind(client: Client, fresh: Fresh) -> None:
    base, top = fresh("base"), fresh("top")
    add(client, base)
    item = add(client, top, rules=[{"rule": "p(x) :- "}], parameters=[], **{"depends-on": [base]})
    assert activate(client, item, {}).json()["error"]["error_code"] == 1002
    assert {client.get(f"/v1/policies/{name}").status_code for name in (base, top)} == {404}


def test_a_dependency_that_needs_values_is_to_be_activated_first(client: Client, fresh: Fresh) -> None:
    base, top = fresh("base"), fresh("top")
    add(client, base, parameters=[{"name": "limit", "type": "number"}, WHO])
    item = add(client, top, rules=[], parameters=[], **{"depends-on": [base]})
    message = activate(client, item, {}).json()["error"]["message"]
    assert f"{top} depends on {base}; activate that first" in message


def test_shipped_policies_are_activated_with_parameters_over_declared_datasources(client: Client) -> None:
    for driver in ("nova", "glancev2"):
        config = {"auth_url": "http://127.0.0.1:9/v3", "username": "u", "password": "canary-act", "project_name": "p"}
        config["poll_time"] = "0"
        answer = client.post("/v1/data-sources", {"name": driver, "driver": driver, "config": config})
        assert answer.status_code == 201, answer.text
    library = {item["name"]: item["id"] for item in client.get("/v1/librarypolicies").json()["results"]}
    answer = activate(client, library["PauseBadFlavors"], {})
    assert [one["name"] for one in answer.json()["dependencies"]] == ["BadFlavors"]
    own = {"name": "OwnImages", "parameters": {"permitted_image_names": ["debian-13"]}}
    assert activate(client, library["DisallowedServerImages"], own).status_code == 201
    assert client.rows("OwnImages", "permitted_image_names") == [["debian-13"]]
    assert client.rows("OwnImages", "permitted_image_tags") == [["approved"]]
