"""The programs that will read the generated files are asked what they think of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from congress.cluster.compose import compose
from congress.cluster.model.loading import load
from congress.cluster.render.tree import tree
from congress.cluster.services.registry import services
from congress.cluster.verify.tools import ToolCheck, tool_checks

EXAMPLES = Path(__file__).parents[3] / "examples"
HAPROXY = "nodes/n1/etc/haproxy/haproxy.cfg"
COROSYNC = "nodes/n1/etc/corosync/corosync.conf"
MARIADB = "nodes/n1/etc/mysql/mariadb.conf.d/99-cluster.cnf"


def rendered(example: str) -> dict[str, str]:
    return dict(tree(compose(load(EXAMPLES / example), services())))


def only(path: str, content: str) -> ToolCheck:
    (check,) = tool_checks({path: content})
    return check


@pytest.mark.parametrize("example", ["small.yaml", "collapsed.yaml"])
def test_every_tool_accepts_the_files_of_the_examples(example: str) -> None:
    checks = tool_checks(rendered(example))
    assert [check for check in checks if not check.accepted] == []
    assert {check.tool for check in checks} == {"crm_verify", "haproxy", "corosync", "mariadbd", "ansible-playbook"}


def test_haproxy_refuses_what_it_does_not_know() -> None:
    check = only(HAPROXY, "global\n    maxconnections 3\n")
    assert (check.tool, check.accepted) == ("haproxy", False)
    assert "maxconnections" in check.said


def test_haproxy_is_given_a_certificate_to_judge_a_file_that_names_one() -> None:
    lines = ("defaults", "    mode http", "    timeout client 1s", "    timeout server 1s", "    timeout connect 1s")
    listen = ("listen api", "    bind 127.0.0.1:5000 ssl crt /etc/haproxy/not-here.pem", "    server n1 127.0.0.1:5001")
    assert only(HAPROXY, "\n".join((*lines, *listen, ""))).accepted


def test_corosync_refuses_two_nodes_of_one_number() -> None:
    good = rendered("small.yaml")["nodes/node1/etc/corosync/corosync.conf"]
    assert only(COROSYNC, good).accepted
    check = only(COROSYNC, good.replace("nodeid: 2", "nodeid: 1"))
    assert check.accepted is False
    assert "appears twice" in check.said


def test_mariadb_refuses_a_setting_that_it_does_not_have() -> None:
    check = only(MARIADB, "[mysqld]\nwsrep_slave_treads = 1\n")
    assert check.accepted is False
    assert "wsrep_slave_treads" in check.said


def test_a_tool_that_is_not_here_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("congress.cluster.verify.programs.PLACES", ())
    check = only(HAPROXY, "global\n")
    assert check.accepted is None
    assert "haproxy is not installed" in check.said
