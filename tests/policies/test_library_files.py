"""The shipped policies, evaluated over the tables of the demo's cloud."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from congress.datasources.registry import drivers
from congress.engine.workspace import Workspace
from congress.policies.activation import activation
from congress.policies.library import PACKAGED
from congress.policies.libraryfiles import read_file
from tests.datasources.replayed_cloud import ReplayedCloud, replayed_cloud

LIBRARY = {item.name: item for file in sorted(PACKAGED.glob("*.yaml")) for item in read_file(file)}
DATASOURCES = ("cinder", "glancev2", "keystonev3", "neutronv2", "nova")
CONTROL_PLANE = ("certificates", "galera", "haproxy", "pacemaker", "rabbitmq")
GROUPS = (("shop", "shop-web"), ("shop", "shop-db"), ("shop", "shop-payments"), ("lab", "lab-ml"), ("lab", "lab-data"))


def read_into(workspace: Workspace, cloud: ReplayedCloud) -> None:
    """Make the tables hold what the cloud holds."""
    for name in DATASOURCES:
        driver = drivers()[name](name, cloud.login)
        with workspace.transaction() as change:
            for group in driver.groups():
                for table, rows in driver.fetch(group).items():
                    change.replace_rows(name, table, rows)


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReplayedCloud]:
    with replayed_cloud(tmp_path_factory.mktemp("cloud")) as cloud:
        yield cloud


@pytest.fixture
def workspace(cloud: ReplayedCloud) -> Workspace:
    """All policies over the cloud in its first state."""
    cloud.move_to("before")
    workspace = Workspace(watch=lambda table: table.name == "error")
    with workspace.transaction() as change:
        for name in (*DATASOURCES, "config", *CONTROL_PLANE):
            tables = drivers()[name].tables()
            change.set_datasource(name, {table: [one.name for one in columns] for table, columns in tables.items()})
    with workspace.transaction() as change:
        for item in LIBRARY.values():
            change.create_policy(item.name, item.kind, item.abbreviation)
            change.insert_rules(item.name, [rule.rule for rule in activation(item, {}).rules])
        facts = [f'project_groups_by_name("{group}", "{project}")' for group, project in GROUPS]
        change.insert_rules("CrossProjectNetwork", facts)
    read_into(workspace, cloud)
    return workspace


@pytest.fixture
def names(workspace: Workspace) -> Callable[[str, str], set[object]]:
    """The second column of a table of violations: the names of what they are about."""
    return lambda policy, table: {row[1] for row in workspace.rows(policy, table)}


def test_the_library_has_the_policies_that_users_know():
    assert set(LIBRARY) == {
        "BadFlavors", "ConfigValues", "ControlPlane", "ControlPlaneBalancer", "ControlPlaneCertificates",
        "ControlPlaneCluster", "ControlPlaneDatabase", "ControlPlaneMessaging", "CrossProjectNetwork",
        "DisallowedServerImages", "NetworkGateway", "PauseBadFlavors", "PauseDisallowedServerImages",
        "SecurityGroups", "TagBasedNetworkSecurityZone",
        "UnsafeTraffic", "VolumeEncryption", "VolumeEncryptionPauseServer",
    }  # fmt: skip


def test_every_table_of_every_policy_evaluates(workspace):
    for policy in LIBRARY:
        for table in workspace.tables(policy):
            if ":" not in table:
                workspace.rows(policy, table)


def test_a_server_on_a_network_of_strangers_is_an_error_and_shared_networks_are_not(names):
    assert names("CrossProjectNetwork", "error") == {"lab-data-probe"}
    assert names("CrossProjectNetwork", "warning") == set()


def test_a_server_that_appears_on_a_foreign_network_is_the_only_change(workspace, cloud):
    before = set(workspace.rows("CrossProjectNetwork", "error"))
    cloud.move_to("after")
    read_into(workspace, cloud)
    appeared = set(workspace.rows("CrossProjectNetwork", "error")) - before
    assert {(row[1], row[3]) for row in appeared} == {("lab-ml-stray", "shop-payments-back")}


def test_flavors_off_the_list_are_errors(workspace):
    assert {row[2] for row in workspace.rows("BadFlavors", "error")} == {"r1.memory", "g1.gpu-x8", "x1.old"}


def test_an_image_needs_a_permitted_name_or_tag(workspace):
    assert {row[3] for row in workspace.rows("DisallowedServerImages", "error")} == {
        "cirros", "ml-workbench", "unknown-upload", "windows-2012"
    }  # fmt: skip
    assert workspace.rows("DisallowedServerImages", "warning") == []


def test_a_server_is_protected_when_all_its_ports_are(workspace):
    protected = set(workspace.rows("SecurityGroups", "protected_servers"))
    unprotected = set(workspace.rows("SecurityGroups", "unprotected_servers"))
    assert protected and unprotected and not protected & unprotected
    assert len(protected | unprotected) == len(workspace.rows("nova", "servers"))


def test_servers_behind_a_router_with_a_gateway_are_found(workspace):
    networks = {row[2] for row in workspace.rows("NetworkGateway", "servers_connected_to_external_gateway")}
    fronts = {row[0] for row in workspace.rows("neutronv2", "networks") if str(row[2]).endswith("-front")}
    assert networks == fronts


def test_open_ports_of_the_black_list_are_found_in_the_groups_that_allow_them(workspace):
    found = {(row[1], row[4]) for row in workspace.rows("UnsafeTraffic", "warning")}
    assert found == {("legacy-open", 20), ("legacy-open", 21), ("legacy-open", 23), ("ftp", 20), ("ftp", 21)}
    assert workspace.rows("UnsafeTraffic", "error") == []


def test_only_unencrypted_volumes_are_reported(workspace):
    plain = {row[0] for row in workspace.rows("cinder", "volumes") if row[9] == "False"}
    reported = {row[2] for table in ("error", "warning") for row in workspace.rows("VolumeEncryption", table)}
    assert reported and reported <= plain


def test_only_running_servers_are_to_be_paused(workspace):
    active = {row[0] for row in workspace.rows("nova", "servers") if row[3] == "ACTIVE"}
    bad = {row[0] for row in workspace.rows("BadFlavors", "error")}
    to_pause = {row[0] for row in workspace.rows("PauseBadFlavors", "execute[nova:servers.pause]")}
    assert to_pause == bad & active != bad


def test_missing_security_zones_are_to_be_created(workspace):
    assert workspace.rows("TagBasedNetworkSecurityZone", "zone_missing_sg") == [("secure-zone",)]
    assert workspace.rows("TagBasedNetworkSecurityZone", "error")
    assert workspace.rows("TagBasedNetworkSecurityZone", "execute[neutronv2:create_security_group]") == [
        ('{"security_group":{"name":"secure-zone"}}',)
    ]
