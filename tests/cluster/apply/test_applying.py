"""Carrying out plans on imagined nodes."""

from __future__ import annotations

from pathlib import Path

import pytest

from congress.cluster.apply.applying import Applying
from congress.cluster.apply.errors import ApplyError
from congress.cluster.apply.looking import cluster_state
from congress.cluster.pacemaker.reading import parsed
from congress.cluster.plan.desired import Desired
from tests.cluster.apply.imagined import Imagined, Power
from tests.cluster.plan.test_plan import changed, names, small


class Clock:
    """Time that passes when somebody sleeps."""

    now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def applying(nodes: Imagined, wanted: Desired | None = None) -> Applying:
    clock = Clock()
    return Applying(wanted or small(), nodes, clock=clock, sleep=clock.sleep)


@pytest.fixture
def nodes(tmp_path: Path) -> Imagined:
    return Imagined(small(), tmp_path)


def test_from_nothing_to_everything_and_then_nothing_to_do(nodes: Imagined) -> None:
    told = [applied.step.name for applied in applying(nodes).apply()]
    assert told[0] == "node1: install packages"
    assert told[-1] == "control: wait for congress"
    assert applying(nodes).plan() == ()


def test_files_have_their_secrets_modes_and_owners(nodes: Imagined) -> None:
    list(applying(nodes).apply())
    content, mode, owner, group = nodes.machines["node2"].files["/etc/congress/congress.conf"]
    assert "the value of congress-database" in content
    assert (oct(mode), owner, group) == ("0o640", "root", "congress")


def test_secrets_are_in_no_command(nodes: Imagined) -> None:
    list(applying(nodes).apply())
    assert not [command for command in nodes.commands if "the value of" in command]


def test_the_configuration_has_them_and_keeps_pacemakers_own_properties(nodes: Imagined) -> None:
    list(applying(nodes).apply())
    assert 'value="the value of power"' in nodes.configuration()
    assert "dc-version" in nodes.configuration()


@pytest.mark.parametrize("changes", [0, 1, 5, 20, 50, 100, 140, 141, 142, 143, 144, 145, 150, 155, 160, 165])
def test_a_loss_of_power_between_any_two_changes_is_gone_on_from(nodes: Imagined, changes: int) -> None:
    nodes.actions_left = changes
    with pytest.raises(Power):
        list(applying(nodes).apply())
    nodes.actions_left = 10**6
    list(applying(nodes).apply())
    assert applying(nodes).plan() == ()


def test_a_script_that_fails_is_told_without_its_secrets(nodes: Imagined) -> None:
    nodes.broken = {"ALTER USER 'keystone'"}
    with pytest.raises(ApplyError) as raised:
        list(applying(nodes).apply())
    told = str(raised.value)
    assert told.startswith("node1: schema keystone for keystone: script on node1 ended with 1: no such luck with")
    assert "<secret keystone-database>" in told
    assert "the value of" not in told


def test_what_fails_once_is_tried_again_by_applying_again(nodes: Imagined) -> None:
    nodes.broken = {"ALTER USER 'keystone'"}
    with pytest.raises(ApplyError):
        list(applying(nodes).apply())
    nodes.broken = set()
    assert applying(nodes).plan()[0].name == "node1: schema keystone for keystone"


def test_a_node_that_cannot_be_reached_is_named(nodes: Imagined) -> None:
    nodes.away = {"node3"}
    with pytest.raises(ApplyError, match="node3 cannot be reached; see that it is up"):
        applying(nodes).plan()


def test_a_service_that_does_not_work_is_waited_for_and_then_named(nodes: Imagined) -> None:
    nodes.broken = {"/healthcheck/ready"}
    with pytest.raises(
        ApplyError, match=r"control: wait for congress: done, but after 600 s .* that congress works on"
    ):
        list(applying(nodes).apply())


def test_the_other_nodes_are_left_alone_when_the_first_one_does_not_work_after_a_restart(nodes: Imagined) -> None:
    list(applying(nodes).apply())
    wanted = changed("max_connections: 1024", "max_connections: 2048")
    nodes.learn(wanted)
    nodes.broken = {"wsrep_local_state_comment"}
    with pytest.raises(ApplyError, match="node1: restart: galera"):
        list(applying(nodes, wanted).apply())
    assert not [text for node, text in nodes.done if "--node=node2" in text]


def test_drift_is_seen_and_put_right(nodes: Imagined) -> None:
    list(applying(nodes).apply())
    files = nodes.machines["node2"].files
    files["/etc/haproxy/haproxy.cfg"] = ("rm -rf\n", 0o777, "root", "root")
    assert names(applying(nodes).plan()) == ["node2: write a file"]
    list(applying(nodes).apply())
    assert applying(nodes).plan() == ()


def test_a_service_that_goes_takes_its_files_along(nodes: Imagined) -> None:
    list(applying(nodes).apply())
    wanted = changed("      congress:\n", "")
    list(applying(nodes, wanted).apply())
    assert "/etc/congress/congress.conf" not in nodes.machines["node1"].files
    assert "congress-api" not in nodes.configuration()
    assert applying(nodes, wanted).plan() == ()


MONITOR = """<pacemaker-result><summary><current_dc present="true" name="n1" with_quorum="true"/>
<cluster_options stonith-enabled="true" maintenance-mode="true"/></summary><nodes>
<node name="n1" id="1" online="true" standby="false" unclean="false" pending="false" type="member"/>
<node name="n2" id="2" online="true" standby="true" unclean="false" pending="false" type="member"/>
<node name="n3" id="3" online="false" standby="false" unclean="true" pending="false" type="member"/></nodes>
<resources><resource id="vip" role="Started"><node name="n1"/></resource></resources></pacemaker-result>"""
CONFIGURATION = '<configuration><nodes><node id="1" uname="n1"/><node id="2" uname="n2"/></nodes></configuration>'


def test_a_cluster_is_read_from_what_pacemaker_says() -> None:
    state = cluster_state(parsed(MONITOR), parsed(CONFIGURATION))
    assert state.known == state.online == {"n1", "n2"}
    assert state.standby == {"n2"}
    assert state.empty == {"n2", "n3"}
    assert state.quorate
    assert state.maintenance


def test_a_node_where_something_is_still_being_stopped_is_not_empty() -> None:
    stopping = '<resource id="galera" role="Demoting"><node name="n2"/></resource></resources>'
    state = cluster_state(parsed(MONITOR.replace("</resources>", stopping)), parsed(CONFIGURATION))
    assert state.empty == {"n3"}
