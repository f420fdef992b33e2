"""The proxy's configuration, and what haproxy says about it."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from congress.cluster.compose import compose
from congress.cluster.deployment import Deployment
from congress.cluster.model.loading import parse
from congress.cluster.render import haproxy
from congress.cluster.services.contract import Check, Listener
from tests.cluster.stand_ins import DESCRIPTION, SERVICES

SEGREGATED = DESCRIPTION.replace("collapsed", "segregated").split("clusters:")[0].replace(
    "  node3: {addresses: {internal: 10.0.0.13}, host: rack3}\n",
    "  node3: {addresses: {internal: 10.0.0.13}, host: rack3}\n"
    + "".join(f"  db{n}: {{addresses: {{internal: 10.0.0.2{n}}}}}\n" for n in (1, 2, 3)),
) + (
    "clusters:\n"
    "  front: {nodes: [node1, node2, node3], services: {loadbalancer: , web: , scheduler: }}\n"
    "  data: {nodes: [db1, db2, db3], services: {database: }}\n"
)


def configuration(deployment: Deployment, position: int = 0) -> str:
    cluster = deployment.clusters[0]
    return haproxy.files(deployment, cluster, cluster.nodes[position])[0].content


def section(text: str, name: str) -> list[str]:
    (found,) = (part for part in text.split("\n\n") if part.startswith(name + "\n"))
    return [line.strip() for line in found.splitlines()[1:]]


def composed(text: str = DESCRIPTION) -> Deployment:
    return compose(parse(text), SERVICES)


def with_listener(listener: Listener) -> Deployment:
    deployment = composed()
    (cluster,) = deployment.clusters
    placed = tuple(
        replace(each, declaration=replace(each.declaration, listeners=(listener,) if each.service == "web" else ()))
        for each in cluster.services
    )
    return replace(deployment, clusters=(replace(cluster, services=placed),))


LISTENERS = {
    "cookie": Listener("web", "api", 80, 8080, Check("/health"), stickiness="cookie"),
    "source": Listener("web", "api", 80, 8080, Check("/health", "200,300"), stickiness="source"),
    "tcp": Listener("web", "api", 80, 8080, Check(), mode="tcp", tunnel_timeout=3600.0),
    "one-writer": Listener("web", "db", 3306, 3306, Check("/", port=9200), mode="tcp", stickiness="first"),
    "options": Listener("web", "api", 80, 8080, Check(interval=0.5), options=("http-server-close", "forwardfor")),
}


@pytest.mark.parametrize("listener", LISTENERS.values(), ids=LISTENERS)
def test_haproxy_accepts_it_without_a_warning(listener: Listener, tmp_path: Path) -> None:
    accepted(configuration(with_listener(listener)), tmp_path)


def accepted(text: str, directory: Path) -> None:
    file = directory / "haproxy.cfg"
    file.write_text(text)
    command = ["/usr/sbin/haproxy", "-c", "-f", str(file)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    assert checked.returncode == 0, checked.stderr
    assert "WARNING" not in checked.stderr + checked.stdout


def test_each_address_of_the_cluster_is_listened_on_in_order_of_the_names() -> None:
    text = configuration(composed())
    assert [line for line in text.splitlines() if line.startswith("listen")] == ["listen db", "listen web"]
    assert "bind 10.0.0.101:3306" in section(text, "listen db")
    assert "bind 10.0.0.100:80" in section(text, "listen web")


def test_one_writer_is_the_same_for_all_load_balancers_and_stays() -> None:
    text = configuration(composed(), position=1)
    assert section(text, "peers writers") == [
        "peer node1 10.0.0.11:8405",
        "peer node2 10.0.0.12:8405",
        "peer node3 10.0.0.13:8405",
    ]
    assert "localpeer node2" in text
    lines = section(text, "listen db")
    assert "stick on dst" in lines
    assert all(line.endswith("backup") for line in lines if line.startswith("server"))


def test_a_check_asks_the_port_that_knows() -> None:
    assert "server node1 10.0.0.11:3306 check inter 1s fastinter 250ms fall 2 rise 2 port 9200 backup" in section(
        configuration(composed()), "listen db"
    )


def test_servers_may_be_in_another_cluster() -> None:
    text = configuration(composed(SEGREGATED))
    assert [line.split()[1:3] for line in section(text, "listen db") if line.startswith("server")] == [
        ["db1", "10.0.0.21:3306"],
        ["db2", "10.0.0.22:3306"],
        ["db3", "10.0.0.23:3306"],
    ]


def test_requests_that_may_have_had_an_effect_are_not_repeated() -> None:
    assert "http-request disable-l7-retry unless { method GET HEAD OPTIONS }" in section(
        configuration(composed()), "listen web"
    )


def test_a_node_without_load_balancer_has_no_configuration_of_one() -> None:
    deployment = composed(SEGREGATED)
    cluster = deployment.clusters[1]
    assert haproxy.files(deployment, cluster, cluster.nodes[0]) == ()
