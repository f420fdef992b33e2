"""What clients of the original may rely on in requests about policies: status, error code and text, case by case.

Where the original's answer was a mistake, the case holds the answer that docs/differences.md promises.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.refusals import begins
from tests.api.server_process import Client

QUESTION = {"query": "p(x)", "sequence": "", "action_policy": "action"}
NOWHERE = "The resource could not be found."
UNSUPPORTED = "Method not supported"
ARGUMENTS = "Incorrect argument syntax. Requires: {'positional': [<args>], 'named': {<key>:<value>,}}"
ACTION = "Incorrect action syntax. Requires: <service>:<action>"
SCHEMA = "Bad Request::Input policy item violates schema."
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module", autouse=True)
def prepared(client: Client) -> None:
    """A policy `r` with rules, and a policy `lib` of the library."""
    client.policy("r", "p(x) :- q(x), not s(x)", "q(1)", "u() :- true", "v(x) :- known:w(x)")
    rules = [{"rule": "p("}]
    assert client.post("/v1/librarypolicies", {"name": "lib", "rules": rules}).status_code == 201


@pytest.mark.parametrize(
    ("headers", "text", "message"),
    [
        ({"Content-Type": "text/plain"}, "{}", "Unsupported Content-Type; must be 'application/json'"),
        ({}, b"{}", "Unsupported Content-Type; must be 'application/json'"),
        ({"Content-Type": "application/json; charset=latin-1"}, "{}", "Unsupported charset: must be 'UTF-8'"),
        (JSON, "{x", "Failed to parse body as application/json: Expecting property name"),
        (JSON, "", "Failed to parse body as application/json: Expecting value"),
    ],
)
def test_a_body_is_json_in_utf_8(client: Client, headers: dict[str, str], text: str, message: str) -> None:
    for path in ("/v1/policies", "/v1/policies/r/rules", "/v1/librarypolicies", "/v1/data-sources"):
        begins(client.post(path, data=text, headers=headers), 400, 400, message)


@pytest.mark.parametrize("headers", [{}, {"Content-Type": "text/plain"}])
def test_actions_do_not_look_at_the_content_type(client: Client, headers: dict[str, str]) -> None:
    body = b'{"query": "p(x)", "sequence": "", "action_policy": "action"}'
    assert client.post("/v1/policies/r?action=simulate", data=body, headers=headers).json() == {"result": ["p(1)"]}


@pytest.mark.parametrize(
    ("path", "verbs"),
    [
        ("/v1/policies", "PUT PATCH DELETE"),
        ("/v1/policies/r", "PUT"),
        ("/v1/policies/r/rules", "PUT DELETE"),
        ("/v1/policies/r/rules/x", "POST"),
        ("/v1/policies/r/status", "POST PUT PATCH DELETE"),
        ("/v1/policies/r/tables", "POST PUT PATCH DELETE"),
        ("/v1/policies/r/tables/p", "POST PUT PATCH DELETE"),
        ("/v1/policies/r/tables/p/rows", "POST PATCH DELETE"),
        ("/v1/librarypolicies", "PUT PATCH DELETE"),
        ("/v1/librarypolicies/x", "POST PATCH"),
        ("/v1/data-sources", "PUT PATCH DELETE"),
        ("/v1/data-sources/x", "PUT PATCH"),
        ("/v1/data-sources/x/schema", "POST PUT PATCH DELETE"),
        ("/v1/data-sources/x/actions", "POST PUT PATCH DELETE"),
        ("/v1/data-sources/x/tables/t/spec", "POST PUT PATCH DELETE"),
        ("/v1/system/drivers", "POST PUT PATCH DELETE"),
        ("/v1/system/drivers/nova", "POST PUT PATCH DELETE"),
    ],
)
def test_verbs_that_a_path_does_not_have(client: Client, path: str, verbs: str) -> None:
    for verb in verbs.split():
        begins(client.request(verb, path, {}), 501, 501, UNSUPPORTED)


@pytest.mark.parametrize("path", ["/v1/policies", "/v1/policies/r", "/v1/policies/nope"])
def test_head_is_not_supported_and_options_answers_nothing(client: Client, path: str) -> None:
    assert client.request("HEAD", path).status_code == 501
    preflight = client.request("OPTIONS", path)
    assert (preflight.status_code, preflight.text) == (200, "")


@pytest.mark.parametrize(
    ("query", "status", "text"),
    [
        ("", 400, "Missing required action parameter."),
        ("?action=simulate&action=execute", 400, "Action parameter may not be provided multiple times."),
        ("?action=fly", 501, UNSUPPORTED),
    ],
)
def test_which_action_must_be_said_once(client: Client, query: str, status: int, text: str) -> None:
    for element in ("/v1/policies/r", "/v1/data-sources/x"):
        begins(client.post(element + query, {}), status, status, text)


@pytest.mark.parametrize(
    ("body", "status", "code", "text"),
    [
        ({}, 400, 1010, "A name must be provided when creating a policy"),
        ([], 400, 1010, "A name must be provided when creating a policy"),
        ({"name": None}, 400, 1010, "A name must be provided when creating a policy"),
        *[
            ({"name": name}, 400, 400, f"Bad Request::Policy name {name}")
            for name in ("", 5, "ü", "builtin", "a-b", "a b", "L" * 300)
        ],
        ({"name": "r"}, 409, 409, "Policy with name r already exists"),
        *[
            ({"name": "k", "kind": kind}, 400, 400, f"Bad Request::Unknown kind of policy: {kind}")
            for kind in ("delta", "x")
        ],
        *[
            ({"name": "k", "abbreviation": value}, 400, 1022, "The policy abbreviation must be a string and the length")
            for value in ("toolong", 5)
        ],
        ({"rules": []}, 400, 400, SCHEMA),
        ({"name": "k", "rules": [{"x": 1}]}, 400, 400, SCHEMA),
        ({"name": "k", "rules": [], "description": None}, 400, 400, SCHEMA),
        ({"name": "k", "rules": [], "kind": "NONRECURSIVE"}, 400, 400, SCHEMA),
        ({"name": "k", "rules": [], "abbreviation": ""}, 400, 400, SCHEMA),
        ({"name": "k", "rules": [{"rule": "p(1)", "name": "x" * 256}]}, 400, 400, SCHEMA),
        ({"name": "k", "rules": [{"rule": "q(1)"}, {"rule": "p(x)"}]}, 400, 1002, "Syntax error for rule::"),
        ({"name": "k", "rules": [{"rule": "p(1) q(1)"}]}, 400, 1003, "Received string representing more than 1 rule::"),
    ],
)
def test_policies_that_are_refused(client: Client, body: Any, status: int, code: int, text: str) -> None:
    begins(client.post("/v1/policies", body), status, code, text)
    assert client.get("/v1/policies/k").status_code == 404


def test_what_a_policy_has_when_nothing_is_said(client: Client) -> None:
    body = {"name": "longer", "id": "mine", "more": 1, "description": None, "abbreviation": None, "kind": None}
    created = client.post("/v1/policies", body).json()
    assert created["id"] != "mine"
    assert {key: created[key] for key in created if key != "id"} == {
        "name": "longer",
        "owner_id": "user",
        "description": "",
        "abbreviation": "longe",
        "kind": "nonrecursive",
        "enforcement": "enforce",
    }
    assert client.post("/v1/policies", {"name": "upper", "kind": "Z3", "abbreviation": ""}).json()["kind"] == "z3"
    assert all(client.post("/v1/policies", {"name": name}).status_code == 201 for name in ("a.b", "a:b"))


def test_a_policy_with_rules_collapses_equal_ones_and_passes_over_unknown_keys(client: Client) -> None:
    rules = [{"rule": "p(x) :- q(x)"}, {"rule": "q(1)", "name": "n", "comment": "c", "more": 1}, {"rule": "q(1)"}]
    created = client.post("/v1/policies", {"name": "several", "rules": rules})
    assert created.status_code == 201
    assert created.json()["rules"] == [
        {"rule": "p(x) :-\n  q(x)", "comment": "", "name": None},
        {"rule": "q(1)", "comment": "c", "name": "n"},
    ]


@pytest.mark.parametrize(
    ("verb", "path", "status", "code", "text"),
    [
        ("GET", "/zork", 404, 404, "Not Found::No policy found with name or id zork"),
        ("DELETE", "/zork", 404, 404, "Policy Name or ID 'zork' does not exist"),
        ("DELETE", "/action", 404, 404, "Cannot delete system-maintained policy action"),
        ("DELETE", "/classification", 404, 404, "Cannot delete system-maintained policy classification"),
        ("GET", "/zork/rules", 404, 1020, "The specified policy does not exist.::Policy ID zork does not exist"),
        ("GET", "/zork/rules/x", 404, 1020, "The specified policy does not exist.::"),
        ("DELETE", "/zork/rules/x", 404, 1020, "The specified policy does not exist.::"),
        ("GET", "/r/rules/x", 404, 404, "Not found"),
        ("DELETE", "/r/rules/x", 404, 404, "Not found"),
        ("GET", "/zork/status", 404, 404, "Not Found::No policy found"),
        ("GET", "/r/rules/x/status", 404, 404, "Not found"),
        ("GET", "/zork/tables", 404, 404, "Not found"),
        ("GET", "/r/tables/zork", 404, 404, "Not found"),
        ("GET", "/r/tables/zork/rows", 404, 404, "Not Found::table 'zork' doesn't exist"),
        ("GET", "/zork/tables/p/rows", 404, 404, "Not Found::table 'p' doesn't exist"),
        ("GET", "/r/tables/zork:w/rows", 404, 404, "Not Found::table 'zork:w' doesn't exist"),
        ("PUT", "/r/tables/p/rows", 400, 400, "Bad Request::"),
        ("POST", "?library_policy=zork", 404, 404, "Not Found::No policy found with policy id zork"),
        ("POST", "?library_policy=lib", 404, 404, "Not Found::No policy found with policy id lib"),
    ],
)
def test_what_is_not_there(client: Client, verb: str, path: str, status: int, code: int, text: str) -> None:
    body: Any = [] if verb == "PUT" else {}
    begins(client.request(verb, f"/v1/policies{path}", body), status, code, text)


@pytest.mark.parametrize(
    ("body", "status", "code", "text"),
    [
        *[
            ({"rule": text}, 400, 1002, "Syntax error for rule::<rule>: Empty string passed. Not a valid rule")
            for text in ("", " \n")
        ],
        *[
            ({"rule": text}, 400, 1002, "Syntax error for rule::")
            for text in ("p(x", "p(x)", "p(x) :- not s(x)", "q(1, 2)", "p(x) :- q(y)", "insert[q(1)]")
        ],
        ({"rule": "a(1) b(2)"}, 400, 1003, "Received string representing more than 1 rule::"),
        ({"rule": "p(x) :- not s(x), q(x)"}, 409, 1008, "Rule already exists::"),
        *[(body, 400, 400, "Bad Request::") for body in ({}, {"rule": None}, {"rule": 5}, [])],
    ],
)
def test_rules_that_are_refused(client: Client, body: Any, status: int, code: int, text: str) -> None:
    begins(client.post("/v1/policies/r/rules", body), status, code, text)


def test_a_rule_is_shown_formatted_when_created_and_as_sent_later(client: Client) -> None:
    client.policy("formatted")
    body = {"rule": "t(x) :- true, q(x)", "comment": None}
    created = client.post("/v1/policies/formatted/rules", body).json()
    assert created["rule"] == "t(x) :-\n  true,\n  q(x)"
    assert (created["comment"], created["name"]) == ("", None)
    place = f"/v1/policies/formatted/rules/{created['id']}"
    shown = client.get(place).json()
    assert shown["rule"] == "t(x) :- true, q(x)"
    assert client.get(f"{place}/status").json() == {
        "id": created["id"],
        "comment": "",
        "original_str": "t(x) :- true, q(x)",
    }
    assert {table["id"] for table in client.get("/v1/policies/formatted/tables").json()["results"]} == {
        "q",
        "t",
        "true",
    }
    assert client.post("/v1/policies/formatted/rules", {"rule": "t(y) :- true, q(y)"}).status_code == 201
    assert client.delete(place).json() == shown


@pytest.mark.parametrize(("word", "traced"), [("true", True), ("True", True), ("1", True), ("no", False)])
def test_rows_and_how_they_came_about(client: Client, word: str, traced: bool) -> None:
    answer = client.get(f"/v1/policies/r/tables/p/rows?trace={word}").json()
    assert answer["results"] == [{"data": [1]}]
    assert ("trace" in answer) is traced
    assert client.rows("r", "u") == [[]]
    assert client.rows("r", "known:w") == []


@pytest.mark.parametrize(("query", "delta", "traced"), [
    ("", False, False), ("&delta=True", True, False), ("&delta=1&trace=true", True, True), ("&delta=yes", False, False),
    ("&trace=TRUE", False, True), ("&delta=False&trace=False", False, False),
])  # fmt: skip
def test_simulation_with_differences_and_trace(client: Client, query: str, delta: bool, traced: bool) -> None:
    answer = client.post(f"/v1/policies/r?action=simulate{query}", {**QUESTION, "sequence": "q+(2)"}).json()
    assert answer["result"] == (["p+(2)"] if delta else ["p(1)", "p(2)"])
    assert ("trace" in answer) is traced


def test_simulation_answers_a_rule_with_its_instances(client: Client) -> None:
    asked = {**QUESTION, "query": "t(x) :- q(x)"}
    assert client.post("/v1/policies/r?action=simulate", asked).json() == {"result": ["t(1) :- q(1)"]}


@pytest.mark.parametrize(
    ("body", "code", "text"),
    [
        *[
            (body, 1004, "Simulate requires parameters: query, sequence, action_policy")
            for body in ([], {"query": "p(x)"}, {**QUESTION, "query": 5}, {**QUESTION, "sequence": None})
        ],
        *[
            ({**QUESTION, **change}, 1007, "Error in simulate procedure::")
            for change in (
                {"query": ""}, {"query": "p(x"}, {"query": "p(x) q(x)"}, {"action_policy": "zork"},
                {"sequence": "foo(1)"}, {"sequence": "zork:q+(8)"}, {"sequence": "q+(50) foo(1)"},
            )
        ],
    ],
)  # fmt: skip
def test_simulations_that_are_refused_leave_nothing(client: Client, body: Any, code: int, text: str) -> None:
    begins(client.post("/v1/policies/r?action=simulate", body), 400, code, text)
    assert client.rows("r", "q") == [[1]]


def test_simulation_on_an_unknown_policy(client: Client) -> None:
    answer = client.post("/v1/policies/zork?action=simulate", QUESTION)
    begins(answer, 400, 1007, "Error in simulate procedure::Unknown policy zork")


@pytest.mark.parametrize(
    ("body", "code", "text"),
    [
        *[(body, 1017, ACTION) for body in ({}, [], {"name": 5}, {"name": "nova"}, {"name": "a:b:c"})],
        *[({"name": "zork:x", "args": value}, 1018, ARGUMENTS) for value in (None, [], "x")],
        ({"name": "zork:x"}, 1016, "Error in execution procedure::Service zork not found"),
        ({"name": "zork:x", "args": {"positional": [1]}}, 1016, "Error in execution procedure::Service zork not found"),
    ],
)
def test_executions_that_are_refused(client: Client, body: Any, code: int, text: str) -> None:
    for policy in ("action", "which-is-not-looked-at"):
        begins(client.post(f"/v1/policies/{policy}?action=execute", body), 400, code, text)


@pytest.mark.parametrize(
    ("body", "status", "code", "text"),
    [
        ({"name": "lib", "rules": []}, 409, 409, "Policy with name lib already exists"),
        ({"name": "l-b", "rules": []}, 400, 400, "Bad Request::Policy name l-b is not a valid"),
        ({"name": "x"}, 400, 400, SCHEMA),
        ({"rules": []}, 400, 400, SCHEMA),
        ({"name": "x", "rules": [{}]}, 400, 400, SCHEMA),
        ({"name": "x", "rules": [], "id": "5"}, 400, 1001, "Add item does not support user-chosen ID"),
    ],
)
def test_library_policies_that_are_refused(client: Client, body: Any, status: int, code: int, text: str) -> None:
    begins(client.post("/v1/librarypolicies", body), status, code, text)


def test_library_policies_are_kept_as_sent_and_activated_by_id(client: Client) -> None:
    sent = {"name": "library1", "rules": [{"rule": "q(1)"}, {"rule": "q(2)", "comment": "two"}]}
    created = client.post("/v1/librarypolicies", sent).json()
    place = f"/v1/librarypolicies/{created['id']}"
    assert (created["kind"], created["abbreviation"], created["description"]) == ("nonrecursive", "libra", "")
    assert created["rules"] == sent["rules"]
    assert client.get(place).json() == created
    bare = {key: value for key, value in created.items() if key != "rules"}
    assert client.get(f"{place}?include_rules=False").json() == bare
    assert client.get("/v1/librarypolicies?include_rules=false&name=library1").json() == {"results": [bare]}
    assert client.get("/v1/librarypolicies?name=zork").json() == {"results": []}
    activated = client.post(f"/v1/policies?library_policy={created['id']}", data="null", headers=JSON)
    assert activated.status_code == 201
    assert [rule["rule"] for rule in activated.json()["rules"]] == ["q(1)", "q(2)"]
    empty = client.post(f"/v1/policies?library_policy={created['id']}", data="", headers=JSON)
    begins(empty, 400, 400, "Failed to parse body as application/json")
    assert client.delete(place).json() == created
    begins(client.delete(place), 404, 404, "No policy found with policy id")


def test_activation_needs_the_datasources_whose_columns_are_named(client: Client) -> None:
    rules = [{"rule": "q(x) :- absent:servers(id=x)"}]
    item = client.post("/v1/librarypolicies", {"name": "needy", "rules": rules}).json()["id"]
    refused = client.post(f"/v1/policies?library_policy={item}", {})
    begins(refused, 400, 1002, "Syntax error for rule::")
    assert "uses named arguments, but the schema is unknown" in refused.text
    assert client.get("/v1/policies/needy").status_code == 404
