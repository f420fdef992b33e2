"""The driver kubernetes, over the documented API of lists and watches."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from congress.datalog.values import value
from congress.datasources.contract import DriverError, Unchanged
from congress.datasources.kubernetes import KubernetesDriver
from congress.datasources.kubernetestables import RESOURCES, quantity
from tests.databases import free_port
from tests.datasources.kubernetes import ApiServer
from tests.datasources.tables import Tables, named
from tests.waiting import until

PODS = "/api/v1/pods"
RECORDED = json.loads((Path(__file__).parent / "recorded" / "kubernetes.json").read_text())


@pytest.fixture
def cluster() -> Iterator[ApiServer]:
    with ApiServer() as running:
        yield running


@pytest.fixture
def connect(cluster: ApiServer) -> Iterator[Callable[..., KubernetesDriver]]:
    made: list[KubernetesDriver] = []

    def connect(**config: str) -> KubernetesDriver:
        made.append(KubernetesDriver("k8s", {"url": cluster.url, "timeout": "5", **config}))
        return made[-1]

    yield connect
    for one in made:
        one.close()


def pod(name: str, **status: Any) -> dict[str, Any]:
    return {"metadata": {"uid": f"u-{name}", "name": name, "namespace": "shop"}, "spec": {}, "status": status}


def look(one: KubernetesDriver, group: str = "pods") -> Tables | None:
    try:
        return named(one.configured_tables(one.config), one.fetch(group))
    except Unchanged:
        return None


def names(one: KubernetesDriver) -> Callable[[], set[str]]:
    """The names of the pods as they are known from look to look."""
    known: set[str] = set()

    def now() -> set[str]:
        found = look(one)
        if found is not None:
            known.clear()
            known.update(row["name"] for row in found["pods"])
        return known

    return now


def test_a_list_in_parts_is_read_as_a_whole_and_then_watched(
    cluster: ApiServer, connect: Callable[..., KubernetesDriver]
) -> None:
    for number in range(5):
        cluster.put(PODS, **pod(f"p{number}"))
    now = names(connect())
    assert now() == {f"p{number}" for number in range(5)}
    until(lambda: cluster.watches == 1)
    cluster.put(PODS, **pod("new"))
    cluster.delete(PODS, "u-p0")
    until(lambda: now() == {"p1", "p2", "p3", "p4", "new"})
    assert (cluster.lists, cluster.watches) == (3, 1)


def test_a_change_of_an_object_changes_its_row(cluster: ApiServer, connect: Callable[..., KubernetesDriver]) -> None:
    cluster.put(PODS, **pod("p", phase="Pending"))
    one = connect()
    assert [row["phase"] for row in (look(one) or {})["pods"]] == ["Pending"]
    with pytest.raises(Unchanged):
        one.fetch("pods")
    cluster.put(PODS, **pod("p", phase="Running"))
    found = until(lambda: look(one))
    assert [row["phase"] for row in found["pods"]] == ["Running"]


def test_a_watch_that_breaks_goes_on_where_it_was(cluster: ApiServer, connect: Callable[..., KubernetesDriver]) -> None:
    now = names(connect())
    assert now() == set()
    until(lambda: cluster.watches == 1)
    cluster.cut()
    cluster.put(PODS, **pod("meanwhile"))
    until(lambda: now() == {"meanwhile"})
    assert cluster.lists == 1


def test_a_version_that_is_gone_leads_to_a_new_list(
    cluster: ApiServer, connect: Callable[..., KubernetesDriver]
) -> None:
    cluster.put(PODS, **pod("old"))
    now = names(connect())
    assert now() == {"old"}
    until(lambda: cluster.watches == 1)
    cluster.broken = True
    cluster.cut()
    cluster.delete(PODS, "u-old")
    cluster.put(PODS, **pod("new"))
    cluster.compact()
    cluster.broken = False

    def settled() -> bool:
        try:
            return now() == {"new"}
        except DriverError:
            return False

    until(settled)
    assert cluster.lists == 2


def test_an_api_server_that_stays_away_is_an_error_until_it_is_back(
    cluster: ApiServer, connect: Callable[..., KubernetesDriver]
) -> None:
    cluster.put(PODS, **pod("p"))
    one = connect()
    look(one)
    until(lambda: cluster.watches == 1)
    cluster.broken = True
    cluster.cut()

    def problem() -> str:
        try:
            look(one)
        except DriverError as error:
            return str(error)
        return ""

    assert until(problem) == "datasource 'k8s', table pods: the answer is 503 Service Unavailable; check the URL"
    cluster.broken = False
    until(lambda: not problem())


def test_every_built_in_table_has_the_rows_of_the_recorded_objects(
    cluster: ApiServer, connect: Callable[..., KubernetesDriver]
) -> None:
    for group, objects in RECORDED["objects"].items():
        for each in objects:
            cluster.put(RESOURCES[group].path, **each)
    one = connect()
    found = {table: rows for group in RESOURCES for table, rows in (look(one, group) or {}).items()}
    for table, rows in RECORDED["rows"].items():
        wanted = [{name: value(cell) for name, cell in row.items()} for row in rows]
        assert sorted(found.pop(table), key=str) == sorted(wanted, key=str), table
    assert set(found) == set()


def test_tables_of_other_resources_are_described_by_an_option(
    cluster: ApiServer, connect: Callable[..., KubernetesDriver]
) -> None:
    path = "/apis/batch/v1/namespaces/shop/jobs"
    cluster.put(path, metadata={"uid": "1", "name": "backup"}, status={"failed": 3})
    tables = {"jobs": {"path": path, "columns": {"name": "metadata.name", "failed": "status.failed"}}}
    one = connect(resources="none", tables=json.dumps(tables))
    assert dict(one.configured_groups(one.config)) == {"jobs": ("jobs",)}
    assert set(one.fetch("jobs")["jobs"]) == {("backup", 3)}


def test_one_namespace_is_asked_for_its_own(cluster: ApiServer, connect: Callable[..., KubernetesDriver]) -> None:
    cluster.put("/api/v1/namespaces/shop/pods", **pod("mine"))
    one = connect(namespace="shop")
    assert "nodes" not in one.configured_groups(one.config)
    assert names(one)() == {"mine"}


def test_the_token_of_a_file_is_read_each_time(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("canary-first\n")
    with ApiServer(token="canary-second") as cluster:  # noqa: S106
        one = KubernetesDriver("k8s", {"url": cluster.url, "token_file": str(tmp_path / "token")})
        with pytest.raises(DriverError, match=r"table pods: the login was refused \(401\)"):
            look(one)
        (tmp_path / "token").write_text("canary-second\n")

        def works() -> bool:
            try:
                return look(one) == {table.name: [] for table in RESOURCES["pods"].members}
            except DriverError:
                return False

        until(works)
        one.close()


def test_a_kubeconfig_says_where_and_as_whom(tmp_path: Path) -> None:
    with ApiServer(token="canary-inside") as cluster:  # noqa: S106
        config = {
            "current-context": "here",
            "contexts": [{"name": "here", "context": {"cluster": "c", "user": "u"}}],
            "clusters": [{"name": "c", "cluster": {"server": cluster.url}}],
            "users": [{"name": "u", "user": {"token": "canary-inside"}}],
        }
        (tmp_path / "config").write_text(yaml.safe_dump(config))
        one = KubernetesDriver("k8s", {"kubeconfig": str(tmp_path / "config")})
        assert names(one)() == set()
        one.close()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"current-context": "there"}, "has no context there"),
        ({"clusters": []}, "has no cluster c"),
        ({"clusters": [{"name": "c", "cluster": {}}]}, "cluster c has no server"),
        ({"users": [{"name": "u", "user": {"exec": {"command": "aws"}}}]}, "logs in by a program"),
        ({"users": [{"name": "u", "user": {"client-key-data": "%%"}}]}, "client-key-data is not base64"),
    ],
)
def test_a_kubeconfig_that_cannot_be_used_says_why(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    config = {
        "current-context": "here",
        "contexts": [{"name": "here", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": {"server": "http://127.0.0.1:9"}}],
        "users": [{"name": "u", "user": {}}],
        **change,
    }
    (tmp_path / "config").write_text(yaml.safe_dump(config))
    with pytest.raises(DriverError, match=said):
        KubernetesDriver("k8s", {"kubeconfig": str(tmp_path / "config")})


@pytest.mark.parametrize("config", [{}, {"url": "http://127.0.0.1:9", "kubeconfig": "/x"}, {"kubeconfig": "/no/such"}])
def test_one_way_to_the_cluster_is_needed(config: dict[str, str]) -> None:
    with pytest.raises(DriverError):
        KubernetesDriver("k8s", config)


def test_nobody_listening_is_an_error() -> None:
    one = KubernetesDriver("k8s", {"url": f"http://127.0.0.1:{free_port()}"})
    with pytest.raises(DriverError, match="datasource 'k8s', table pods: .*Connection refused"):
        one.fetch("pods")
    one.close()


def test_quantities_are_numbers() -> None:
    assert [quantity(text) for text in ("2", "250m", "4Gi", "1k", "1.5", "2e3", "odd", 7)] == [
        2, 0.25, 4 * 2**30, 1000, 1.5, 2000, "odd", 7
    ]  # fmt: skip


def test_inline_certificates_are_written_for_us_only(tmp_path: Path) -> None:
    inside = base64.b64encode(b"canary").decode()
    config = {
        "current-context": "here",
        "contexts": [{"name": "here", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:9"}}],
        "users": [{"name": "u", "user": {"client-key-data": inside, "client-certificate-data": inside}}],
    }
    (tmp_path / "config").write_text(yaml.safe_dump(config))
    one = KubernetesDriver("k8s", {"kubeconfig": str(tmp_path / "config")})
    shown = one._access.plain.certificate
    assert shown is not None
    key = Path(shown[1])
    assert (key.read_bytes(), key.stat().st_mode & 0o077) == (b"canary", 0)
