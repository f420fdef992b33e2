"""What is on a node, and who may read it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from congress.cluster import secrets
from congress.cluster.compose import compose
from congress.cluster.deployment import Deployment
from congress.cluster.model.loading import parse
from congress.cluster.render.errors import RenderError
from congress.cluster.render.node import needed_secrets, node_files, public_secrets
from congress.cluster.services.contract import Declaration, File
from tests.cluster.stand_ins import DESCRIPTION, SERVICES, WITH_COMPUTES

WITH_TLS = DESCRIPTION + "tls: {certificate: shown.pem, key: kept.pem, authority: trusted.pem}\n"


def composed(text: str = DESCRIPTION) -> Deployment:
    return compose(parse(text), SERVICES)


def on(deployment: Deployment, name: str) -> dict[str, File]:
    (cluster,) = deployment.clusters
    (node,) = (node for node in cluster.nodes if node.name == name)
    return {file.path: file for file in node_files(deployment, cluster, node)}


def with_web(deployment: Deployment, declaration: Declaration) -> Deployment:
    (cluster,) = deployment.clusters
    placed = tuple(
        replace(each, declaration=declaration) if each.service == "web" else each for each in cluster.services
    )
    return replace(deployment, clusters=(replace(cluster, services=placed),))


def test_a_full_member_has_what_its_services_and_the_whole_ask_for() -> None:
    assert set(on(composed(), "node1")) >= {
        "/etc/corosync/authkey",
        "/etc/corosync/corosync.conf",
        "/etc/haproxy/haproxy.cfg",
        "/etc/hosts",
        "/etc/systemd/system/corosync.service.d/congress-cluster.conf",
        "/etc/systemd/system/haproxy.service.d/congress-cluster.conf",
        "/etc/systemd/system/pacemaker.service.d/congress-cluster.conf",
        "/etc/systemd/system/scheduler.service.d/congress-cluster.conf",
        "/etc/systemd/system/web.service.d/congress-cluster.conf",
        "/etc/web.conf",
    }


def test_a_remote_node_has_pacemakers_key_and_no_corosync() -> None:
    found = on(composed(WITH_COMPUTES), "compute1")
    assert "/etc/corosync/corosync.conf" not in found
    assert found["/etc/pacemaker/authkey"].mode == 0o640
    assert "/etc/systemd/system/pacemaker_remote.service.d/congress-cluster.conf" in found


@pytest.mark.parametrize("text", [DESCRIPTION, WITH_COMPUTES, WITH_TLS])
def test_nothing_secret_is_in_a_file_that_others_may_read(text: str) -> None:
    deployment = composed(text)
    public = public_secrets(deployment)
    for cluster in deployment.clusters:
        for node in cluster.nodes:
            for file in node_files(deployment, cluster, node):
                if secrets.names(file.content) - public:
                    assert not file.mode & 0o007, file.path


def test_every_secret_of_the_files_is_one_that_the_deployment_needs() -> None:
    for text in (DESCRIPTION, WITH_COMPUTES, WITH_TLS):
        deployment = composed(text)
        assert needed_secrets(deployment) <= deployment.secrets


def test_a_readable_file_with_a_secret_is_refused() -> None:
    open_file = File("/etc/open.conf", f"password = {secrets.mark('door')}\n")
    with pytest.raises(RenderError, match=r"/etc/open.conf holds door, and its mode 0644 lets everybody read it"):
        on(with_web(composed(), Declaration(files=(open_file,))), "node1")


def test_two_different_files_at_one_path_are_refused() -> None:
    other = File("/etc/corosync/corosync.conf", "totem {\n}\n")
    with pytest.raises(RenderError, match="corosync.conf is declared twice"):
        on(with_web(composed(), Declaration(files=(other,))), "node1")


def test_the_same_file_of_two_services_is_one_that_both_readers_read() -> None:
    deployment = composed()
    (cluster,) = deployment.clusters
    shared = [File("/etc/shared.conf", "x\n", notify=(reader,)) for reader in ("web", "scheduler")]
    placed = tuple(
        replace(each, declaration=replace(each.declaration, files=(shared[each.service == "scheduler"],)))
        for each in cluster.services
    )
    deployment = replace(deployment, clusters=(replace(cluster, services=placed),))
    assert on(deployment, "node1")["/etc/shared.conf"].notify == ("web", "scheduler")


def test_services_that_differ_about_the_kernel_are_refused() -> None:
    deployment = composed()
    (cluster,) = deployment.clusters
    placed = tuple(
        replace(
            each, declaration=replace(each.declaration, sysctl={"net.ipv4.tcp_keepalive_time": str(len(each.service))})
        )
        for each in cluster.services
    )
    with pytest.raises(RenderError, match=r"loadbalancer wants net.ipv4.tcp_keepalive_time = 12, database wants 8"):
        on(replace(deployment, clusters=(replace(cluster, services=placed),)), "node1")


def test_all_nodes_know_each_other_by_name() -> None:
    assert on(composed(), "node1")["/etc/hosts"].content.endswith("10.0.0.11 node1\n10.0.0.12 node2\n10.0.0.13 node3\n")


def test_the_certificate_is_readable_and_its_key_is_not() -> None:
    found = on(composed(WITH_TLS), "node1")
    assert found["/etc/ssl/certs/congress-cluster-authority.pem"].mode == 0o644
    assert found["/etc/haproxy/tls.pem"].mode == 0o600
