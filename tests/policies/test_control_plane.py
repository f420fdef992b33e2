"""The policies over a control plane, over what real programs said: recorded, and running."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from congress.datasources.contract import Driver
from congress.datasources.haproxy import HaproxyDriver, Told, statistics
from congress.datasources.pacemaker import PacemakerDriver
from congress.engine.workspace import Workspace
from tests.haproxy import Haproxy
from tests.policies.clouds import LIBRARY, workspace_with
from tests.waiting import until

PAGE = Path(__file__).parents[2] / "docs" / "control-plane-policy.md"
RECORDED = Path(__file__).parents[1] / "datasources" / "recorded"


def judged(policy: str, driver: Driver) -> Workspace:
    """The policy over all that the driver sees."""
    workspace = workspace_with(policy, {})
    look(workspace, driver)
    return workspace


def look(workspace: Workspace, driver: Driver) -> None:
    with workspace.transaction() as change:
        for group in driver.groups():
            for table, rows in driver.fetch(group).items():
                change.replace_rows(driver.id, table, rows)


def pacemaker(state: str) -> PacemakerDriver:
    return PacemakerDriver("pacemaker", {"clusters": f"c={RECORDED}/pacemaker/{state}"})


def found(workspace: Workspace, policy: str) -> tuple[set[Any], set[Any]]:
    return set(workspace.rows(policy, "error")), set(workspace.rows(policy, "warning"))


def test_nothing_is_wrong_with_a_whole_cluster() -> None:
    errors, warnings = found(judged("ControlPlaneCluster", pacemaker("whole")), "ControlPlaneCluster")
    assert errors == set()
    assert warnings == set()


def test_a_degraded_cluster_says_what_it_lost() -> None:
    errors, warnings = found(judged("ControlPlaneCluster", pacemaker("degraded")), "ControlPlaneCluster")
    assert errors == {
        ("c", "control3", "has to be fenced, until then nothing of it is taken over"),
        ("c", "control1", "is the only member that is usable, nothing stands by"),
        ("c", "haproxy", "has failed on control3"),
        ("c", "congress-datasource", "runs nowhere"),
        ("c", "redis-clone", "has no standby, no instance could be promoted in place of the one that is"),
    }
    assert warnings == {("c", "control2", "is in standby")}


def test_a_lost_node_and_two_writers_are_told_apart() -> None:
    errors, warnings = found(judged("ControlPlaneCluster", pacemaker("split")), "ControlPlaneCluster")
    assert errors == {
        ("c", "control3", "is lost"),
        ("c", "control3", "has to be fenced, until then nothing of it is taken over"),
        ("c", "congress-datasource", "runs twice, on control1 and control2"),
        ("c", "redis-clone", "has more promoted instances than it may have"),
    }
    assert warnings == set()


def test_a_failover_is_a_change_from_one_state_to_the_other() -> None:
    workspace = judged("ControlPlaneCluster", pacemaker("split"))
    look(workspace, pacemaker("whole"))
    assert found(workspace, "ControlPlaneCluster") == (set(), set())


def test_servers_of_a_running_balancer_that_end_one_after_the_other() -> None:
    with Haproxy() as running:
        driver = HaproxyDriver("haproxy", {"instances": f"lb={running.socket}"})
        workspace = workspace_with("ControlPlaneBalancer", {"exempt_proxies": ["unchecked", "api"]})

        def errors() -> set[tuple[Any, ...]]:
            look(workspace, driver)
            return {row[1:] for row in workspace.rows("ControlPlaneBalancer", "error")}

        until(lambda: errors() == set())
        running.servers["db2"].stop()
        until(lambda: errors() == {("database/db2", "is down, Connection refused")})
        running.servers["db3"].stop()
        alone = ("database", "has no standby, the only server left is db1")
        until(lambda: alone in errors() and len(errors()) == 3)
        running.servers["db1"].stop()
        until(lambda: ("database", "has no server left") in errors())


def test_each_way_to_be_not_up_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = statistics((RECORDED / "haproxy-stat.csv").read_text())
    monkeypatch.setattr(HaproxyDriver, "_ask", lambda _self, _place: Told("2.6.12", lines))
    workspace = judged("ControlPlaneBalancer", HaproxyDriver("haproxy", {"instances": "lb=/x"}))
    errors, warnings = found(workspace, "ControlPlaneBalancer")
    assert errors == {
        ("lb", "db/db4", "is down"),
        ("lb", "db", "has no standby, the only server left is db1"),
        ("lb", "other", "has no server left"),
    }
    assert warnings == {
        ("lb", "db/db2", "is taken out by an operator"),
        ("lb", "db/db3", "is taken out by an operator"),
        ("lb", "other/db2", "is taken out by an operator"),
    }


def test_the_rule_of_the_page_finds_an_address_away_from_its_proxy() -> None:
    rule = re.search(r"(?m)^error\(vip, node\) :-\n(?:  .*\n)+", PAGE.read_text())
    assert rule
    workspace = judged("ControlPlaneCluster", pacemaker("degraded"))
    with workspace.transaction() as change:
        change.create_policy("own")
        change.insert_rules("own", [rule.group()])
        row = {"cluster": "c", "id": "vip-api", "node": "control2", "role": "Started", "active": "True"}
        columns = PacemakerDriver.tables()["resources"]
        change.insert_rows("pacemaker", "resources", [tuple(row.get(one.name, "None") for one in columns)])
    assert workspace.rows("own", "error") == [("vip-api", "control2")]


def test_the_page_tells_of_every_policy() -> None:
    told = PAGE.read_text()
    assert [name for name in LIBRARY if name.startswith("ControlPlane") and f"`{name}`" not in told] == []
