"""The driver pacemaker: over a Pacemaker that really runs, and over what its tools said of clusters in odd states.

The recordings hold what crm_mon and cibadmin print of states that crm_simulate made: `whole`; `degraded`, with one node
in standby and one that has to be fenced after a failed stop; `split`, where a node is lost, and two nodes do the same;
`kinds`, with a clone of a group, a bundle, and a remote node.
"""

from __future__ import annotations

import os
import shlex
import shutil
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from congress.datasources import commands
from congress.datasources.contract import CloudUnreachable
from congress.datasources.options import OptionInvalid
from congress.datasources.pacemaker import PacemakerDriver
from tests import canaries
from tests.databases import free_port
from tests.datasources.tables import Tables, by, seen
from tests.deploy.pacemaker import HOST, Cluster
from tests.waiting import until

RECORDED = Path(__file__).parent / "recorded" / "pacemaker"
RESOURCES = """\
primitive address IPaddr2 params ip=192.0.2.77 nic=lo cidr_netmask=24 op monitor interval=2s
primitive every ocf:heartbeat:Dummy op monitor interval=2s timeout=20s
clone every-clone every meta interleave=true
primitive leader ocf:pacemaker:Stateful op monitor role=Master interval=2s op monitor role=Slave interval=3s
clone leader-clone leader meta promotable=true promoted-max=1
primitive first ocf:heartbeat:Dummy
primitive second ocf:heartbeat:Dummy
group both first second
primitive off ocf:heartbeat:Dummy meta target-role=Stopped
primitive power stonith:null params hostlist="host1 host2" pcmk_host_list="host1 host2"
primitive switch stonith:null params hostlist="host9"
order address-first Mandatory: address both
colocation together inf: both address
location here both resource-discovery=exclusive rule 100: role eq control
"""


def driver(clusters: str, **config: str) -> PacemakerDriver:
    return PacemakerDriver("pacemaker", {"clusters": clusters, **config})


@pytest.fixture(scope="module")
def real() -> Iterator[Cluster]:
    """A cluster of one host, which the command `host1` reaches."""
    directory = Path(tempfile.mkdtemp(prefix="congress-cluster-"))
    directory.chmod(0o755)
    try:
        with Cluster(directory) as cluster:
            commands.permit([f"{HOST}={shlex.join(cluster.entering())}", "elsewhere=false"])
            cluster.run("crm_attribute", "--node", HOST, "--name", "role", "--update", "control")
            cluster.configure(RESOURCES)
            running = {"address", "every", "leader", "first", "second", "power", "switch"}
            until(lambda: running <= active(seen(driver(f"control={HOST}"), "clusters")), cluster.log, seconds=60)
            yield cluster
    finally:
        commands.permit([])
        shutil.rmtree(directory)


def active(tables: Tables) -> set[object]:
    return {row["id"] for row in tables["resources"] if row["active"] == "True"}


def test_a_running_cluster_tells_its_state_through_a_command_of_the_administrator(real: Cluster) -> None:
    until(lambda: "Promoted" in {row["role"] for row in seen(driver(HOST), "clusters")["resources"]})
    tables = seen(driver(f"control={HOST}"))
    (cluster,) = tables["clusters"]
    expected = {"name": "control", "place": HOST, "reachable": "True", "dc": HOST, "quorum": "True", "fencing": "False"}
    assert {key: cluster[key] for key in expected} == expected
    (node,) = tables["nodes"]
    assert (node["name"], node["type"], node["usable"], node["unclean"]) == (HOST, "member", "True", "False")
    resources = by(tables["resources"], "id")
    assert (resources["every"]["clone"], resources["every"]["role"]) == ("every-clone", "Started")
    assert (resources["leader"]["clone"], resources["leader"]["role"]) == ("leader-clone", "Promoted")
    assert (resources["second"]["group"], resources["second"]["node"]) == ("both", HOST)
    assert (resources["off"]["active"], resources["off"]["node"], resources["off"]["disabled"]) == (
        "False",
        "None",
        "True",
    )
    assert resources["address"]["agent"] == "ocf:heartbeat:IPaddr2"
    assert {"cluster": "control", "node": HOST, "name": "master-leader", "value": "10"} in tables["node_attributes"]


def test_a_running_cluster_tells_what_it_was_told_to_do(real: Cluster) -> None:
    tables = seen(driver(f"control={HOST}"))
    assert by(tables["properties"], "name")["stonith-enabled"]["value"] == "false"
    assert tables["configured_nodes"] == [{"cluster": "control", "name": HOST, "type": "member"}]
    primitives = by(tables["primitives"], "id")
    assert (primitives["address"]["address"], primitives["address"]["monitored"]) == ("192.0.2.77", "True")
    assert (primitives["first"]["group"], primitives["first"]["monitored"]) == ("both", "False")
    clones = by(tables["clones"], "id")
    assert {name: (row["primitive"], row["promoted_max"], row["interleave"]) for name, row in clones.items()} == {
        "every-clone": ("every", "None", "True"),
        "leader-clone": ("leader", 1, "False"),
    }
    assert {row["id"]: row["decides"] for row in tables["fencing_devices"]} == {"power": "list", "switch": "device"}
    assert {(row["device"], row["node"]) for row in tables["fencing_targets"]} == {
        ("power", "host1"),
        ("power", "host2"),
    }
    assert [(row["first"], row["then"], row["kind"]) for row in tables["orders"]] == [("address", "both", "Mandatory")]
    assert [(row["resource"], row["with_resource"]) for row in tables["colocations"]] == [("both", "address")]
    (location,) = tables["locations"]
    assert (location["resource"], location["attribute"], location["value"]) == ("both", "role", "control")
    assert location["discovery"] == "exclusive"


def test_failures_and_fencing_of_a_running_cluster_are_told(real: Cluster) -> None:
    real.run("crm_resource", "--fail", "--resource", "every", "--node", HOST)
    real.run("stonith_admin", "--reboot", "host2")
    real.run("stonith_admin", "--reboot", "ghost")
    until(lambda: seen(driver(HOST), "clusters")["failures"])
    until(lambda: len(seen(driver(HOST), "clusters")["fencing_events"]) == 2)
    tables = seen(driver(HOST), "clusters")
    (failure,) = tables["failures"]
    assert (failure["resource"], failure["node"], failure["reason"]) == ("every", HOST, "Simulated failure")
    events = by(tables["fencing_events"], "target")
    assert {name: (row["status"], row["is_last"]) for name, row in events.items()} == {
        "host2": ("success", "True"), "ghost": ("failed", "True")
    }  # fmt: skip


def test_a_cluster_is_asked_through_the_first_way_that_works(real: Cluster) -> None:
    tables = seen(driver(f"control=elsewhere|{RECORDED}/nowhere|{HOST}"))
    assert [(row["place"], row["reachable"]) for row in tables["clusters"]] == [(HOST, "True")]


def test_of_several_clusters_one_may_be_silent(real: Cluster) -> None:
    tables = seen(driver(f"control={HOST},database=elsewhere,storage={RECORDED}/whole"))
    clusters = by(tables["clusters"], "name")
    assert {name: row["reachable"] for name, row in clusters.items()} == {
        "control": "True", "database": "False", "storage": "True"
    }  # fmt: skip
    assert "crm_mon --output-as=xml --inactive ended with 1" in clusters["database"]["problem"]
    assert {row["cluster"] for row in tables["resources"]} == {"control", "storage"}


def test_a_command_that_the_node_does_not_permit_is_not_run() -> None:
    with pytest.raises(CloudUnreachable, match="this node may not run a command 'rm -rf x'; driver_commands"):
        driver("control=rm -rf x").fetch("clusters")


def test_a_node_without_pacemaker_says_so() -> None:
    with pytest.raises(CloudUnreachable, match="pacemaker at local: crm_mon .* ended with 1"):
        PacemakerDriver("pacemaker", {}).fetch("clusters")


def test_a_whole_cluster_has_all_its_parts() -> None:
    tables = seen(driver(f"control={RECORDED}/whole"))
    assert {row["name"]: row["usable"] for row in tables["nodes"]} == {
        "control1": "True", "control2": "True", "control3": "True"
    }  # fmt: skip
    assert {row["node"] for row in tables["resources"] if row["id"] == "haproxy"} == {
        "control1",
        "control2",
        "control3",
    }
    assert {(row["device"], row["node"]) for row in tables["fencing_targets"]} == {
        ("fence-control1", "control1"), ("fence-rack", "control2"), ("fence-rack", "control3")
    }  # fmt: skip
    assert tables["fencing_levels"] == [
        {"cluster": "control", "target": "control2", "level": 1, "device": "fence-rack"}
    ]


def test_nothing_of_an_agents_parameters_is_told_but_addresses() -> None:
    tables = seen(driver(f"control={RECORDED}/whole"))
    assert "canary-of-the-fence" in (RECORDED / "whole" / "cib.xml").read_text()
    assert "canary-of-the-fence" not in str(tables)
    assert {row["address"] for row in tables["primitives"]} == {"None", "192.0.2.10"}


def test_nodes_that_take_nothing_over_are_not_usable() -> None:
    nodes = by(seen(driver(f"control={RECORDED}/degraded"), "clusters")["nodes"], "name")
    assert {name: (row["online"], row["usable"]) for name, row in nodes.items()} == {
        "control1": ("True", "True"), "control2": ("True", "False"), "control3": ("True", "False")
    }  # fmt: skip
    assert (nodes["control2"]["standby"], nodes["control3"]["unclean"]) == ("True", "True")


def test_a_resource_that_runs_twice_has_two_rows() -> None:
    tables = seen(driver(f"control={RECORDED}/split"), "clusters")
    twice = [row["node"] for row in tables["resources"] if row["id"] == "congress-datasource"]
    assert sorted(twice) == ["control1", "control2"]
    lost = by(tables["nodes"], "name")["control3"]
    assert (lost["online"], lost["unclean"], lost["feature_set"]) == ("False", "True", "None")


def test_parts_of_groups_clones_and_bundles_are_told_with_what_is_around_them() -> None:
    tables = seen(driver(f"c={RECORDED}/kinds"))
    around = {(row["id"], row["node"]): (row["clone"], row["group"]) for row in tables["resources"]}
    assert around["l3", "control1"] == ("agents-clone", "agents")
    assert around["web-ip-192.0.2.50", "control1"] == around["httpd", "None"] == ("web", "None")
    assert around["unique", "compute1"] == around["unique", "control1"] == ("unique-clone", "None")
    primitives = by(tables["primitives"], "id")
    assert (primitives["dhcp"]["clone"], primitives["dhcp"]["group"]) == ("agents-clone", "agents")
    assert primitives["httpd"]["clone"] == "web"
    clones = {(row["id"], row["primitive"]): row["clone_max"] for row in tables["clones"]}
    assert clones == {
        ("agents-clone", "l3"): "None", ("agents-clone", "dhcp"): "None", ("unique-clone", "unique"): 2
    }  # fmt: skip


def test_nodes_are_members_remote_ones_or_inside_of_resources() -> None:
    tables = seen(driver(f"c={RECORDED}/kinds"), "properties")
    assert {row["name"]: row["type"] for row in tables["configured_nodes"]} == {
        "control1": "member", "control2": "member", "compute1": "remote", "web-0": "guest", "web-1": "guest"
    }  # fmt: skip
    assert [row["decides"] for row in tables["fencing_devices"]] == ["any"]
    assert tables["orders"] == [], "orders of sets name no two resources"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def web() -> Iterator[str]:
    """The recordings at a URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(RECORDED)))
    Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    canaries.ignore(url)  # a cluster tells its own secrets
    yield url
    server.shutdown()
    server.server_close()


def test_the_outputs_may_lie_behind_a_web_server(web: str) -> None:
    assert seen(driver(f"control={web}/split/")) == seen(driver(f"control={RECORDED}/split")) | {
        "clusters": [{**row, "place": f"{web}/split/"} for row in seen(driver(f"control={RECORDED}/split"))["clusters"]]
    }
    with pytest.raises(CloudUnreachable, match="the answer is 404 File not found; check the URL"):
        driver(f"control={web}/nowhere").fetch("clusters")


def test_outputs_that_nobody_renews_are_no_answer(web: str, tmp_path: Path) -> None:
    for file in (RECORDED / "whole").iterdir():
        shutil.copy(file, tmp_path)
    assert seen(driver(str(tmp_path), max_age="60"))
    before = time.time() - 3600
    os.utime(tmp_path / "crm_mon.xml", (before, before))
    with pytest.raises(
        CloudUnreachable, match=r"written 36\d\d s ago, more than max_age \(60 s\); is it still written"
    ):
        driver(str(tmp_path), max_age="60").fetch("clusters")
    assert driver(str(tmp_path), max_age="60").fetch("properties"), "its configuration was written just now"
    with pytest.raises(CloudUnreachable, match="more than max_age"):
        driver(f"{web}/whole", max_age="0.001").fetch("clusters")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Connection to cluster failed", "what crm_mon.xml or crm_mon holds is not XML"),
        ("<html/>", "this is no status of crm_mon: it is <html>"),
        (
            '<pacemaker-result><status code="102" message="Not connected">'
            "<errors><error>crm_mon: Error</error></errors></status></pacemaker-result>",
            "this is no status of crm_mon: crm_mon: Error; Not connected",
        ),
    ],
)
def test_what_is_no_status_is_said(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "crm_mon.xml").write_text(text)
    with pytest.raises(CloudUnreachable, match=message):
        driver(str(tmp_path)).fetch("clusters")


def test_what_is_no_configuration_is_said(tmp_path: Path) -> None:
    (tmp_path / "cib.xml").write_text("<html/>")
    with pytest.raises(CloudUnreachable, match="this is no CIB: it is <html>"):
        driver(str(tmp_path)).fetch("properties")


def test_a_web_server_that_nobody_runs_is_unreachable() -> None:
    with pytest.raises(CloudUnreachable, match="Connection refused"):
        driver(f"control=http://127.0.0.1:{free_port()}").fetch("clusters")


def test_a_configuration_that_means_nothing_is_refused() -> None:
    with pytest.raises(OptionInvalid, match="max_age must be a number of seconds, 0.001 or more, not '-1'"):
        driver("control=local", max_age="-1")
