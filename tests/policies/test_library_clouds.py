"""Every shipped policy over a cloud that violates it and over a clean one (`library_*.yaml`)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from congress.engine.workspace import Workspace
from tests.policies.clouds import LIBRARY, fill, workspace_with

CASES = [
    case
    for file in sorted(Path(__file__).parent.glob("library_*.yaml"))
    for case in yaml.safe_load(file.read_text(encoding="utf-8"))
]


def _judged(case: dict[str, Any], cloud: dict[str, Any]) -> Workspace:
    """The policy over a cloud, at the time of the case."""
    workspace = workspace_with(case["policy"], case.get("parameters", {}))
    with workspace.transaction() as change:
        fill(change, cloud)
    if "now" in case:
        workspace.tick(case["now"])
    return workspace


def _wanted(case: dict[str, Any]) -> dict[str, list[tuple[Any, ...]]]:
    return {table: [tuple(row) for row in rows] for table, rows in case.get("want", {}).items()}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['policy']}: {case['note']}")
def test_a_policy_finds_what_is_there_and_nothing_else(case: dict[str, Any]) -> None:
    workspace = _judged(case, case["cloud"])
    wanted = _wanted(case)
    judged = [name for name in workspace.tables(case["policy"]) if name in ("error", "warning")]
    judged += [f"execute[{name}]" for name in ("nova:servers.pause", "neutronv2:create_security_group",
                                               "neutronv2:attach_port_security_group")
               if any(f"execute[{name}(" in str(rule["rule"]) for rule in LIBRARY[case["policy"]].rules)]  # fmt: skip
    for table in {*judged, *wanted}:
        assert sorted(workspace.rows(case["policy"], table)) == sorted(wanted.get(table, [])), table


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['policy']}: {case['note']}")
def test_what_a_policy_found_is_gone_with_the_cloud(case: dict[str, Any]) -> None:
    workspace = _judged(case, case["cloud"])
    with workspace.transaction() as change:
        fill(change, {})
    for table in _wanted(case):
        assert workspace.rows(case["policy"], table) == []


@pytest.mark.parametrize("policy", sorted(LIBRARY))
def test_there_are_a_violating_and_a_clean_cloud_for_each_policy(policy: str) -> None:
    found = [any(_wanted(case).values()) for case in CASES if case["policy"] == policy]
    assert set(found) == {True, False}


def test_every_parameter_of_every_policy_is_described_and_has_a_default() -> None:
    for item in LIBRARY.values():
        for parameter in item.parameters:
            assert "default" in parameter and parameter["description"], (item.name, parameter)


def test_every_parameter_is_given_in_some_case() -> None:
    declared = {(item.name, parameter["name"]) for item in LIBRARY.values() for parameter in item.parameters}
    given = {(case["policy"], name) for case in CASES for name in case.get("parameters", {})}
    assert declared == given


def test_every_dependency_is_shipped_too() -> None:
    for item in LIBRARY.values():
        assert set(item.depends_on) <= set(LIBRARY)


def _needed(case: dict[str, Any]) -> set[str]:
    """The rules without which the policy finds something else."""
    policy, workspace = case["policy"], _judged(case, case["cloud"])

    def found() -> list[Any]:
        return [sorted(workspace.rows(policy, table)) for table in ("error", "warning")]

    before, needed = found(), set()
    for rule in LIBRARY[policy].rules:
        with workspace.transaction() as change:
            change.delete_rules(policy, [str(rule["rule"])])
        if found() != before:
            needed.add(str(rule["name"]))
        with workspace.transaction() as change:
            change.insert_rules(policy, [str(rule["rule"])])
    assert found() == before
    return needed


@pytest.mark.parametrize("policy", sorted(name for name in LIBRARY if name.startswith("ControlPlane")))
def test_every_rule_of_a_control_planes_policy_is_explained_and_needed(policy: str) -> None:
    needed = set[str]().union(*(_needed(case) for case in CASES if case["policy"] == policy))
    assert [rule["name"] for rule in LIBRARY[policy].rules if rule["name"] not in needed] == []
    assert [rule["name"] for rule in LIBRARY[policy].rules if not rule.get("comment")] == []
