"""The driver galera, over a cluster of three real nodes, and over what nodes in odd states said."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import sqlalchemy

from congress.datasources.contract import CloudUnreachable, DriverError
from congress.datasources.galera import GaleraDriver, Told, node_of
from tests.authority import DAY, NOW, Authority
from tests.databases import PASSWORD as DATABASE_PASSWORD
from tests.databases import MariaDb, free_port
from tests.datasources.tables import Tables, by, seen
from tests.galera import GaleraCluster, GaleraNode
from tests.waiting import until

USER, PASSWORD = "watcher", "canary-of-the-watcher"


@pytest.fixture(scope="module")
def cluster() -> Iterator[GaleraCluster]:
    cluster = GaleraCluster()
    try:
        cluster.start()
        with cluster.nodes[0].admin().connect() as link:
            link.exec_driver_sql(f"CREATE USER {USER}@'%%' IDENTIFIED BY '{PASSWORD}'")
            link.exec_driver_sql("CREATE DATABASE shop")
            link.exec_driver_sql("CREATE TABLE shop.sold (id INT PRIMARY KEY AUTO_INCREMENT) ENGINE=InnoDB")
        yield cluster
    finally:
        cluster.stop()


def driver(cluster: GaleraCluster, **config: str) -> GaleraDriver:
    nodes = ",".join(f"{node.name}={node.address}" for node in cluster.nodes)
    return GaleraDriver("galera", {"nodes": nodes, "username": USER, "password": PASSWORD, "timeout": "3", **config})


def sell(node: GaleraNode) -> None:
    with node.admin().connect() as link:
        link.execute(sqlalchemy.text("INSERT INTO shop.sold VALUES ()"))


def column(tables: Tables, name: str) -> dict[str, object]:
    return {str(row["name"]): row[name] for row in tables["nodes"]}


def test_every_node_tells_how_it_is_to_an_account_without_privileges(cluster: GaleraCluster) -> None:
    tables = seen(driver(cluster))
    nodes = by(tables["nodes"], "name")
    assert set(nodes) == {"galera1", "galera2", "galera3"}
    for node in cluster.nodes:
        row = nodes[node.name]
        expected = {
            "place": node.address, "reachable": "True", "problem": "None", "own_name": node.name, "ready": "True",
            "replicates": "True", "state": "Synced", "component": "Primary", "size": 3, "read_only": "False",
        }  # fmt: skip
        assert {key: row[key] for key in expected} == expected
        assert row["version"] and row["provider_version"]
    assert len({row["cluster_id"] for row in nodes.values()}) == 1
    assert {(row["node"], str(row["address"]).partition(":")[0]) for row in tables["members"]} == {
        (one.name, other.address) for one in cluster.nodes for other in cluster.nodes
    }
    settings = by(tables["settings"], "node", "name")
    assert settings["galera1", "wsrep_sst_method"]["value"] == "rsync"
    assert settings["galera1", "innodb_flush_log_at_trx_commit"]["value"] == "1"


def test_the_nodes_that_clients_write_to_are_known(cluster: GaleraCluster) -> None:
    watching = driver(cluster)
    assert set(column(seen(watching), "writes").values()) == {"None"}, "nobody can tell at the first look"
    assert set(column(seen(watching), "writes").values()) == {"False"}, "who only watches writes nothing"
    sell(cluster.nodes[1])
    assert column(seen(watching), "writes") == {"galera1": "False", "galera2": "True", "galera3": "False"}
    for node in cluster.nodes[:2]:
        sell(node)
    assert column(seen(watching), "writes") == {"galera1": "True", "galera2": "True", "galera3": "False"}
    assert set(column(seen(watching), "writes").values()) == {"False"}


def test_a_node_that_is_gone_is_a_row_and_the_others_count_two(cluster: GaleraCluster) -> None:
    watching = driver(cluster)
    cluster.nodes[2].kill()
    try:
        until(lambda: column(seen(watching), "size")["galera1"] == 2)
        tables = seen(watching)
        assert column(tables, "reachable") == {"galera1": "True", "galera2": "True", "galera3": "False"}
        lost = by(tables["nodes"], "name")["galera3"]
        assert "Connection refused" in lost["problem"]
        assert (lost["state"], lost["size"], lost["writes"]) == ("None", "None", "None")
        assert "galera3" not in {row["node"] for row in tables["members"] + tables["settings"]}
    finally:
        cluster.heal()
    until(lambda: set(column(seen(watching), "state").values()) == {"Synced"})


def test_a_node_that_lost_the_majority_still_tells_that(cluster: GaleraCluster) -> None:
    watching = driver(cluster)
    for node in cluster.nodes[1:]:
        node.kill()
    try:
        until(lambda: column(seen(watching), "component")["galera1"] == "non-Primary")
        left = by(seen(watching)["nodes"], "name")["galera1"]
        assert (left["ready"], left["size"], left["replicates"]) == ("False", 1, "True")
    finally:
        cluster.nodes[0].kill()
        cluster.recover()
    until(lambda: set(column(seen(watching), "size").values()) == {3})


def test_a_node_that_hangs_does_not_keep_the_others_from_being_told(cluster: GaleraCluster) -> None:
    cluster.nodes[2].freeze()
    try:
        found = column(seen(driver(cluster, timeout="1")), "reachable")
        assert found["galera3"] == "False"
        assert found["galera1"] == "True"
    finally:
        cluster.nodes[2].thaw()
        cluster.heal()


def test_a_wrong_password_is_said_and_not_shown(cluster: GaleraCluster) -> None:
    with pytest.raises(CloudUnreachable, match="Access denied for user 'watcher'") as caught:
        driver(cluster, password="a-wrong-password").fetch("nodes")  # noqa: S106 - wrong on purpose
    assert "a-wrong-password" not in str(caught.value)


def test_nodes_that_nobody_runs_are_unreachable() -> None:
    lost = GaleraDriver("galera", {"nodes": f"127.0.0.1:{free_port()}", "username": USER})
    with pytest.raises(CloudUnreachable, match="Can't connect to MySQL server"):
        lost.fetch("nodes")


@pytest.mark.parametrize("place", ["http://db1", "me@db1", "db1:many", "db1/x"])
def test_a_place_that_is_no_address_is_said(place: str) -> None:
    with pytest.raises(CloudUnreachable, match="is no address; write host or host:port"):
        GaleraDriver("galera", {"nodes": f"a={place}", "username": USER}).fetch("nodes")


def test_a_server_that_does_not_replicate_is_no_member_of_anything() -> None:
    with MariaDb() as alone:
        config = {"nodes": f"alone=127.0.0.1:{alone.port}", "username": "congress", "password": DATABASE_PASSWORD}
        (row,) = seen(GaleraDriver("galera", config))["nodes"]
    assert (row["reachable"], row["replicates"], row["ready"], row["size"]) == ("True", "False", "False", 0)


class Encrypting(MariaDb):
    """A server that offers TLS with a certificate."""

    def __init__(self, certificate: Path) -> None:
        super().__init__()
        self._certificate = certificate

    def _start(self, command: Sequence[str]) -> None:
        super()._start([*command, f"--ssl-cert={self._certificate}", f"--ssl-key={self._certificate}"])


def test_only_servers_that_an_authority_vouches_for_are_told_the_password(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    authority, other = Authority(tmp_path), Authority(tmp_path / "other")
    for host, trusted, problem in (
        ("127.0.0.1", authority, "None"),
        ("127.0.0.1", other, "CERTIFICATE_VERIFY_FAILED"),
        ("192.0.2.1", authority, "CERTIFICATE_VERIFY_FAILED"),
    ):
        server = Encrypting(authority.make("db", NOW + DAY, host=host))
        server.start()
        config = {"username": "congress", "password": DATABASE_PASSWORD, "cacert": str(trusted.file)}
        try:
            asked = GaleraDriver("galera", {**config, "nodes": f"db=127.0.0.1:{server.port}"})
            if problem == "None":
                assert seen(asked)["nodes"][0]["reachable"] == "True"
            else:
                with pytest.raises(CloudUnreachable, match=problem):
                    asked.fetch("nodes")
        finally:
            server.stop()


# In the words of the server, of states that last too short to be met by a test.
JOINER = {
    "wsrep_connected": "ON",
    "wsrep_ready": "OFF",
    "wsrep_local_state_comment": "Joining: receiving State Transfer",
    "wsrep_cluster_status": "Primary",
    "wsrep_cluster_size": "3",
}
LEAVING = {"wsrep_connected": "OFF", "wsrep_cluster_size": "18446744073709551615"}


def test_states_that_last_for_a_moment_are_understood() -> None:
    joiner = node_of(Told(JOINER, {"wsrep_on": "ON", "read_only": "1"}))
    assert (joiner["replicates"], joiner["ready"], joiner["size"], joiner["read_only"]) == (True, False, 3, True)
    assert joiner["state"] == "Joining: receiving State Transfer"
    assert node_of(Told(LEAVING, {}))["size"] == 0


def test_the_client_library_may_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pymysql", None)
    with pytest.raises(CloudUnreachable, match=r"install congress\[mysql\]"):
        GaleraDriver("galera", {"nodes": "db1", "username": USER}).fetch("nodes")


def test_a_configuration_that_means_nothing_is_refused() -> None:
    with pytest.raises(DriverError, match="nodes is empty"):
        GaleraDriver("galera", {})
