"""Pacemaker itself runs the agent, and takes the resources of the sample deployment."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from demo.ha.templates import TEMPLATES, filled
from tests.deploy.agent import ROOT, Agent
from tests.deploy.pacemaker import Cluster, install_agent
from tests.deploy.test_templates import site

RESOURCE = "congress-datasource"
PID = f"/run/resource-agents/{RESOURCE}.pid"
OPTIONS = (
    '<crm_config><cluster_property_set id="options"><nvpair id="fencing" name="stonith-enabled" value="false"/>'
    "</cluster_property_set></crm_config>"
)


@pytest.fixture
def directory() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="congress-cluster-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


def datasource(agent: Agent) -> str:
    """The primitive of the sample deployment, for a server that is installed elsewhere."""
    text = filled("pacemaker.crm", site())
    found = re.search(rf"(?ms)^primitive {RESOURCE} .*?[^\\]\n", text)
    assert found
    parameters = " ".join(f'{name}="{value}"' for name, value in agent.parameters.items())
    return re.sub(r"params .*?\\\n", lambda _: f"params {parameters} \\\n", found.group())


def test_pacemaker_starts_watches_and_stops_a_datasource_node(directory: Path) -> None:
    agent = Agent(directory / "installed")
    (directory / "cluster").mkdir()
    with Cluster(directory / "cluster") as cluster:

        def started() -> str:
            """The process id under which it runs; nothing while it does not."""
            running = f"{RESOURCE}\t(ocf:openstack:{RESOURCE}):\t Started" in cluster.run("crm_mon", "-1")
            return cluster.run("cat", PID).strip() if running else ""

        cluster.configure(datasource(agent))
        cluster.until(started, "running the node")
        first = started()

        cluster.run("kill", "-STOP", first)
        cluster.until(lambda: started() not in ("", first), "running another one instead of one that hangs")
        second = started()
        assert first not in cluster.run("ps", "-o", "pid=", "-A").split()

        cluster.run("kill", "-KILL", second)
        cluster.until(lambda: started() not in ("", second), "running another one instead of one that died")
        third = started()

        failures = re.findall(rf'op_key="{RESOURCE}_(\w+)_\d+"', cluster.run("crm_mon", "--output-as=xml"))
        assert set(failures) == {"monitor"}, "only the monitor failed, and never a start or a stop"
        cluster.run("crm_resource", "--resource", RESOURCE, "--set-parameter", "target-role", "--meta", "-v", "Stopped")
        cluster.until(lambda: "(disabled)" in cluster.run("crm_mon", "-1", "-r") and not started(), "stopped")
        cluster.until(lambda: third not in cluster.run("ps", "-o", "pid=", "-A").split(), "without the process")


def private(directory: Path, command: list[str], env: dict[str, str]) -> str:
    """What a command prints that finds our agent installed, as a host's administrator has it."""
    line = 'mount --make-rprivate / && mount --bind "$0" /usr/lib/ocf/resource.d && exec "$@"'
    words = ["unshare", "--mount", "sh", "-c", line, str(directory / "resource.d"), *command]
    done = subprocess.run(words, env={**os.environ, **env}, capture_output=True, text=True, timeout=120, check=False)  # noqa: S603
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def resources(cib: Path) -> dict[str, object]:
    """What is in it, without the ids that the tools invent."""
    tree = ElementTree.parse(cib).getroot()  # noqa: S314 - our own tools wrote it
    found: dict[str, object] = {}
    for primitive in tree.iter("primitive"):
        pairs = {(pair.get("name"), pair.get("value")) for pair in primitive.iter("nvpair")}
        operations = {
            tuple(sorted((key, value.removesuffix("s")) for key, value in one.items() if key != "id"))
            for one in primitive.iter("op")
        }
        found[str(primitive.get("id"))] = (primitive.get("class"), primitive.get("type"), pairs, operations)
    found["groups"] = {(one.get("id"), tuple(each.get("id") for each in one)) for one in tree.iter("group")}
    found["orders"] = {(one.get("first"), one.get("then"), one.get("kind")) for one in tree.iter("rsc_order")}
    return found


def test_pcs_and_crmsh_make_the_same_resources(directory: Path) -> None:
    install_agent(directory / "resource.d")
    made = {}
    for tool in ("crm", "pcs"):
        cib = directory / f"{tool}.xml"
        empty = private(directory, ["cibadmin", "--empty"], {})
        cib.write_text(empty.replace("<crm_config/>", OPTIONS))
        if tool == "crm":
            (directory / "pacemaker.crm").write_text(filled("pacemaker.crm", site()))
            load = ["crm", "--force", "configure", "load", "update", str(directory / "pacemaker.crm")]
            private(directory, load, {"CIB_file": str(cib)})
        else:
            # Where systemd does not run, nobody can say whether it knows haproxy.
            script = ["sh", str(TEMPLATES / "pacemaker-pcs.sh")]
            private(directory, script, {"PCS": f"pcs -f {cib} --force", "VIP": site()["VIP"]})
        private(directory, ["crm_verify", "--xml-file", str(cib), "-V"], {})
        made[tool] = resources(cib)
    assert set(made["crm"]) == {"congress-vip", "congress-haproxy", RESOURCE, "groups", "orders"}
    assert made["crm"] == made["pcs"]


def test_the_agent_is_installed_where_its_name_says() -> None:
    assert f"/usr/lib/ocf/resource.d/openstack/{RESOURCE}" in (ROOT / "deploy" / "ocf" / RESOURCE).read_text()
