"""Configurations in running clusters, through Pacemaker's own tool and a file in the place of the cluster."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from xml.etree.ElementTree import tostring

import pytest

from congress.cluster.pacemaker.cib import configuration_element
from congress.cluster.pacemaker.reading import parsed
from congress.cluster.pacemaker.resources import Configuration, Primitive
from congress.cluster.plan import splicing
from congress.cluster.plan.elements import elements
from tests.cluster.apply.imagined import EMPTY
from tests.cluster.plan.test_plan import small

LIVE = EMPTY.format(
    nodes='<node id="1" uname="node1"><instance_attributes id="nodes-1">'
    '<nvpair id="nodes-1-standby" name="standby" value="on"/></instance_attributes></node>'
    '<node id="2" uname="node2"/><node id="3" uname="node3"/>'
)


@pytest.fixture
def running(tmp_path: Path) -> Path:
    file = tmp_path / "cib.xml"
    file.write_text(LIVE)
    return file


def run(running: Path, wanted: Configuration, *options: str) -> str:
    told = subprocess.run(  # noqa: S603
        [sys.executable, splicing.__file__, *options],
        input=tostring(configuration_element(wanted), encoding="unicode"),
        env={"CIB_file": str(running), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    return told.stdout.strip()


def configuration() -> Configuration:
    return small().deployment.clusters[0].configuration


def live(running: Path) -> str:
    found = parsed(running.read_text()).find("configuration")
    assert found is not None
    return tostring(found, encoding="unicode")


def test_what_was_put_in_is_found_again(running: Path) -> None:
    assert run(running, configuration()) == "changed"
    assert elements(parsed(live(running))) == elements(configuration_element(configuration()))


def test_a_second_time_changes_nothing(running: Path) -> None:
    run(running, configuration())
    assert run(running, configuration()) == "the same"


def test_what_is_pacemakers_and_the_members_own_stays(running: Path) -> None:
    run(running, configuration())
    assert 'name="dc-version"' in live(running)
    assert 'name="standby" value="on"' in live(running)


def test_our_value_of_a_property_wins_over_one_that_somebody_set(running: Path) -> None:
    running.write_text(LIVE.replace("name='dc-version' value='2.1.5'", "name='stonith-enabled' value='false'"))
    run(running, configuration())
    assert 'name="stonith-enabled" value="false"' not in live(running)


def test_adding_changes_and_removes_nothing_that_is_there(running: Path) -> None:
    run(running, Configuration(("node1",), resources=(Primitive("other", "ocf:pacemaker:Dummy"),)))
    assert run(running, configuration(), "--add") == "changed"
    assert {'id="other"', 'id="galera-clone"'} <= set(live(running).replace(">", " ").split())
    assert run(running, configuration(), "--add") == "the same"


def test_what_is_not_wanted_may_stay_until_another_time(running: Path) -> None:
    other = Configuration(("node1",), resources=(Primitive("other", "ocf:pacemaker:Dummy"),))
    run(running, other)
    before = dict(elements(parsed(live(running))))
    text = splicing.merged(live(running), configuration_element(configuration()))
    assert elements(parsed(text)) == before | dict(elements(configuration_element(configuration())))
    assert elements(parsed(splicing.spliced(text, configuration_element(other)))) == before


def test_attributes_of_remote_nodes_come_with_them(running: Path) -> None:
    remote = Primitive("compute1", "ocf:pacemaker:remote", {"server": "10.0.0.21"})
    wanted = Configuration(
        ("node1", "node2", "node3"),
        resources=(remote,),
        attributes={"compute1": {"role": "compute"}, "node2": {"role": "controller"}},
    )
    run(running, wanted)
    assert elements(parsed(live(running))) == elements(configuration_element(wanted))
