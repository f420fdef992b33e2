"""Files with the state of a cluster, and what the scheduler looks at in a configuration."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

from congress.cluster.pacemaker.cib import cib_text
from congress.cluster.verify.cache import digest
from congress.cluster.verify.essence import essence
from congress.cluster.verify.expectations import expectations
from congress.cluster.verify.states import (
    failure_counts,
    forget_cancelled,
    has_cancelled,
    lacks_promotion_scores,
    set_promotion_scores,
    with_quorum,
)
from tests.cluster.pacemaker.configurations import galera, with_address

STATE = """<cib epoch="1" have-quorum="1" no-quorum-panic="1">
  <configuration/>
  <status>
    <node_state id="1" uname="n1" in_ccm="true" crmd="online">
      <lrm id="1"><lrm_resources><lrm_resource id="web">
        <lrm_rsc_op id="web_monitor_10000" operation_key="web_monitor_10000" operation="monitor" interval="10000"/>
        <lrm_rsc_op id="web_cancel_10000" operation_key="web_cancel_10000" operation="cancel" interval="10000"/>
      </lrm_resource></lrm_resources></lrm>
      <transient_attributes id="1"><instance_attributes id="status-1">
        <nvpair id="x" name="fail-count-web#start_0" value="INFINITY"/>
        <nvpair id="y" name="last-failure-web#start_0" value="1577836800"/>
      </instance_attributes></transient_attributes>
    </node_state>
    <node_state id="2" uname="n2" in_ccm="true" crmd="online"/>
    <node_state id="3" uname="n3" in_ccm="false" crmd="offline"/>
  </status>
</cib>"""


def test_quorum_is_said_once() -> None:
    for quorate in (True, False):
        head = ElementTree.fromstring(with_quorum(STATE, quorate=quorate))  # noqa: S314 - our own
        assert head.attrib == {"epoch": "1", "have-quorum": str(int(quorate)), "no-quorum-panic": "1"}


def test_failures_are_counted_on_the_node_where_they_were() -> None:
    assert list(failure_counts(STATE)) == [("n1", "fail-count-web#start_0", "INFINITY")]


def test_what_is_seen_in_the_text_is_what_parsing_finds() -> None:
    root = ElementTree.fromstring(STATE)  # noqa: S314 - our own
    assert has_cancelled(STATE)
    forget_cancelled(root)
    assert list(root.iter("lrm_rsc_op")) == []
    scores = {"galera": "100"}
    assert lacks_promotion_scores(STATE, scores)
    assert set_promotion_scores(root, scores)
    told = ElementTree.tostring(root, encoding="unicode")
    assert not has_cancelled(told)
    assert not lacks_promotion_scores(told, scores)
    assert not set_promotion_scores(root, scores)


def test_the_scheduler_gets_no_parameters_of_agents_and_no_timeouts() -> None:
    seen = cib_text(essence(with_address(galera())))
    assert "wsrep_cluster_address" not in seen
    assert "10.0.0.200" not in seen
    assert 'timeout="300' not in seen
    assert 'on-fail="block"' in seen


def test_a_change_that_the_scheduler_does_not_see_leaves_the_proof_as_it_is() -> None:
    old = with_address(galera())
    unseen = replace(old, properties={**old.properties, "load-threshold": "200%"})
    seen = replace(old, properties={**old.properties, "no-quorum-policy": "freeze"})
    assert digest(expectations(unseen)) == digest(expectations(old))
    assert digest(expectations(seen)) != digest(expectations(old))
