"""Every command of our plugin, `openstack congress …`, against a running server."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.api.server_process import Client
from tests.client.conftest import ROOT, CommandLine
from tests.databases import free_port
from tests.policies.bundles.versions import archive
from tests.waiting import until


@pytest.fixture(scope="module")
def guide(client: Client) -> str:
    """A policy with two violations, a rule that asks for an action, and one fact that can go."""
    return client.policy(
        "guide",
        'server("vm-1", "ERROR")',
        'server("vm-2", "ACTIVE")',
        'error(x) :- server(x, "ERROR")',
    )


def test_violations_are_listed_and_shown_with_their_explanation(
    openstack: CommandLine, client: Client, guide: str
) -> None:
    until(lambda: client.get("/v1/violations").json()["results"], "the violation was not recorded")
    (found,) = openstack.data("violation", "list", "--policy", guide, "--state", "open", "--limit", "5")
    assert (found["Policy"], found["Table"], found["Row"], found["State"]) == ("guide", "error", '"vm-1"', "open")
    assert openstack.data("violation", "list", "--text", "vm-2") == []
    shown = openstack.data("violation", "show", found["ID"])
    assert shown["row"] == '"vm-1"' and shown["opened_at"] == found["Opened"]
    assert "server" in shown["explanation"]


def test_events_are_listed_in_their_order(openstack: CommandLine, client: Client, guide: str) -> None:
    until(lambda: client.get("/v1/violations").json()["results"], "the violation was not recorded")
    (first, *_others) = openstack.data("event", "list", "--policy", guide, "--table", "error")
    assert (first["Row"], first["Change"]) == ('"vm-1"', "entered")
    assert openstack.data("event", "list", "--after", "1000000") == []


def test_events_are_sent_to_addresses_and_what_is_not_taken_is_kept(openstack: CommandLine, guide: str) -> None:
    nobody = f"http://127.0.0.1:{free_port()}/hook"
    made = openstack.data("event", "webhook", "create", nobody, "--policy", guide, "--description", "tests")
    assert made["secret"] and made["policy"] == guide
    (listed,) = openstack.data("event", "webhook", "list")
    assert (listed["ID"], listed["URL"], listed["Dead Letters"]) == (made["id"], nobody, 0)
    assert openstack.data("dead", "letter", "list", made["id"]) == []
    for word in ("retry", "delete"):
        ended = openstack.end("dead", "letter", word, made["id"], "7")
        assert ended.returncode != 0 and "(HTTP 404)" in ended.stderr
    openstack("event", "webhook", "delete", made["id"])
    assert openstack.data("event", "webhook", "list") == []


def test_rows_are_explained_whether_they_are_there_or_not(openstack: CommandLine, guide: str) -> None:
    there = openstack("explain", guide, "error", "vm-1")
    assert there.startswith('guide:error("vm-1")') and 'server("vm-1", "ERROR")' in there
    missing = openstack("explain", guide, "error", "--row", '["vm-2"]')
    assert "does not hold" in missing and "ERROR" in missing
    ended = openstack.end("explain", guide, "error", "--row", "vm-2")
    assert ended.returncode != 0 and "--row is no JSON" in ended.stderr


def test_a_preview_tells_what_would_come_and_go(openstack: CommandLine, client: Client, guide: str) -> None:
    (found,) = openstack.data("preview", guide, 'server("vm-3", "ERROR")')
    assert found == {"Would": "appear", "What": "guide:error", "Row": '"vm-3"'}
    rules = client.get(f"/v1/policies/{guide}/rules").json()["results"]
    (rule,) = [each["id"] for each in rules if each["rule"] == 'server("vm-1", "ERROR")']
    (gone,) = openstack.data("preview", guide, "--without", rule)
    assert gone == {"Would": "vanish", "What": "guide:error", "Row": '"vm-1"'}
    assert client.rows(guide, "error") == [["vm-1"]]


def test_rules_in_a_file_are_checked_by_the_server(openstack: CommandLine, guide: str, tmp_path: Path) -> None:
    file = tmp_path / "rules.congress"
    file.write_text("ok(x) :- server(x, y)\nbad(x, y) :- server(x)\n")
    found = openstack.data("check", guide, str(file))
    assert {(each["Line"], each["Code"]) for each in found} >= {(2, "unsafe-head")}
    ended = openstack.end("check", guide, str(tmp_path / "gone"))
    assert ended.returncode != 0 and "cannot be read" in ended.stderr


def test_actions_are_listed_shown_and_decided(openstack: CommandLine, client: Client) -> None:
    assert client.post("/v1/data-sources", {"name": "cmdb", "driver": "fake_datasource"}).status_code == 201
    policy = client.policy("acts")
    assert client.patch(f"/v1/policies/{policy}", {"enforcement": "propose"}).status_code == 200
    for rule in ("execute[cmdb:noop(x)] :- due(x)", 'due("a")', 'due("b")'):
        assert client.post(f"/v1/policies/{policy}/rules", {"rule": rule}).status_code == 201
    until(lambda: len(client.get("/v1/actions").json()["results"]) == 2, "the actions were not proposed")
    listed = openstack.data("action", "list", "--policy", policy, "--state", "proposed", "--limit", "10")
    assert [(each["Action"], each["State"]) for each in listed] == [("cmdb:noop", "proposed")] * 2
    first, second = (each["ID"] for each in listed)
    assert openstack.data("action", "reject", first, "--comment", "not now")["state"] == "rejected"
    assert "not now" in openstack.data("action", "show", first)["events"]
    assert openstack.data("action", "retry", first)["state"] in ("pending", "proposed")
    assert openstack.data("action", "approve", second)["state"] != "proposed"


def test_the_history_of_a_policy_is_listed(openstack: CommandLine, client: Client, guide: str) -> None:
    until(lambda: client.get("/v1/violations").json()["results"], "the violation was not recorded")
    (found,) = openstack.data("history", "list", guide, "--table", "error", "--change", "entered", "--limit", "5")
    assert (found["Table"], found["Row"], found["Change"]) == ("error", '"vm-1"', "entered")
    assert openstack.data("history", "list", guide, "--row", '["vm-9"]') == []
    ended = openstack.end("history", "list", guide, "--since", "yesterday")
    assert ended.returncode != 0 and "must be a time such as" in ended.stderr


def test_bundles_are_uploaded_activated_and_rolled_back(openstack: CommandLine, tmp_path: Path) -> None:
    for version, number in (("1.0", 1), ("1.1", 2)):
        (tmp_path / version).write_bytes(archive(version, packed=[f"error({number})"]))
        assert openstack.data("bundle", "upload", str(tmp_path / version))["active"] is None
    assert openstack.data("bundle", "activate", "shop", "1.0", "--enforcement", "monitor")["active"] == "1.0"
    would = {(each["Would"], each["Row"]) for each in openstack.data("bundle", "preview", "shop", "1.1")}
    assert would == {("appear", "2"), ("vanish", "1")}
    assert openstack.data("bundle", "activate", "shop", "1.1")["previous"] == "1.0"
    (listed,) = openstack.data("bundle", "list")
    assert (listed["Name"], listed["Active"], listed["Versions"], listed["Policies"]) == (
        "shop", "1.1", "1.1, 1.0", "packed",
    )  # fmt: skip
    assert openstack.data("bundle", "rollback", "shop")["active"] == "1.0"
    assert "rolled back 1.0 by anybody" in openstack.data("bundle", "show", "shop")["history"]
    assert openstack.data("bundle", "show", "shop", "1.1")["policies"] == "packed (nonrecursive): 1 rules"
    ended = openstack.end("bundle", "delete", "shop")
    assert ended.returncode != 0 and "is active; activate another one or deactivate it first" in ended.stderr
    openstack("bundle", "delete", "shop", "1.1")
    assert openstack.data("bundle", "deactivate", "shop")["active"] is None
    openstack("bundle", "delete", "shop")
    assert openstack.data("bundle", "list") == []
    ended = openstack.end("bundle", "upload", str(tmp_path / "gone"))
    assert ended.returncode != 0 and "gone cannot be read" in ended.stderr


def test_nodes_are_listed_with_their_state(openstack: CommandLine) -> None:
    (node,) = openstack.data("system", "status")
    assert node["State"] == "up" and "api" in node["Roles"] and node["Revision"] is not None


def test_what_the_service_refuses_is_told_in_its_words(openstack: CommandLine) -> None:
    ended = openstack.end("explain", "nobody", "error", "x")
    assert ended.returncode != 0
    assert "doesn't exist (HTTP 404)" in ended.stderr and "Traceback" not in ended.stderr


def test_the_old_commands_are_still_there(openstack: CommandLine, guide: str) -> None:
    assert guide in {each["name"] for each in openstack.data("policy", "list")}


def test_no_command_takes_the_place_of_an_old_one_and_each_is_run_here(openstack: CommandLine) -> None:
    project = tomllib.loads((ROOT / "client" / "pyproject.toml").read_text())["project"]
    commands = {
        name.removeprefix("congress_").replace("_", " ") for name in project["entry-points"]["openstack.congress.v1"]
    }
    assert not {each for each in commands if each.split()[0] in ("policy", "datasource", "driver", "version")}
    assert {each for each in commands if not any(ran.startswith(each) for ran in openstack.ran)} == set()
