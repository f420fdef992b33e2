"""The drivers against a cloud that answers as the real services did; they cannot tell the difference."""

from dataclasses import replace

import pytest

from congress.datasources.cloud import CloudDriver
from congress.datasources.contract import (
    CloudUnreachable,
    DriverError,
    OutcomeUncertain,
    UnknownAction,
    UnknownTableGroup,
)
from congress.datasources.options import OptionInvalid
from congress.datasources.registry import drivers
from congress.datasources.runner import DatasourceRunner
from tests.waiting import until

CLOUD_DRIVERS = ("cinder", "glancev2", "keystonev3", "neutronv2", "nova")


def driver(name, cloud, **config):
    return drivers()[name](name, {**cloud.login, **config})


def rows(cloud, name, group):
    """Table -> rows as dictionaries."""
    one = driver(name, cloud)
    columns = {table: [column.name for column in found] for table, found in one.tables().items()}
    return {
        table: [dict(zip(columns[table], row, strict=True)) for row in found]
        for table, found in one.fetch(group).items()
    }


@pytest.mark.parametrize("name", CLOUD_DRIVERS)
def test_every_table_has_rows_of_its_width(cloud, name):
    one = driver(name, cloud)
    for group, tables in one.groups().items():
        found = one.fetch(group)
        assert set(found) == set(tables)
        for table in tables:
            assert found[table], f"{table} is empty"
            assert {len(row) for row in found[table]} == {len(one.tables()[table])}


def test_servers_of_all_projects_join_with_their_ports_and_projects(cloud):
    servers = {one["id"]: one for one in rows(cloud, "nova", "servers")["servers"]}
    ports = [one for one in rows(cloud, "neutronv2", "ports")["ports"] if one["device_owner"].startswith("compute:")]
    projects = {one["id"]: one["name"] for one in rows(cloud, "keystonev3", "projects")["projects"]}
    assert {one["device_id"] for one in ports} == set(servers)
    assert {projects[one["tenant_id"]] for one in servers.values()} == {
        "shop-web", "shop-db", "shop-payments", "lab-ml", "lab-data"
    }  # fmt: skip


def test_truth_values_and_absent_values_are_the_words_that_rules_compare_with(cloud):
    networks = rows(cloud, "neutronv2", "networks")["networks"]
    assert {one["shared"] for one in networks} == {"True", "False"}
    group_rules = rows(cloud, "neutronv2", "security_groups")["security_group_rules"]
    assert "None" in {one["port_range_min"] for one in group_rules}
    assert 443 in {one["port_range_min"] for one in group_rules}
    assert {one["encrypted"] for one in rows(cloud, "cinder", "volumes")["volumes"]} == {"True", "False"}


def test_a_server_carries_the_ids_of_its_image_and_flavor(cloud):
    found = rows(cloud, "nova", "servers")
    images = {one["id"] for one in rows(cloud, "glancev2", "images")["images"]}
    flavors = {one["id"] for one in rows(cloud, "nova", "flavors")["flavors"]}
    assert {one["image_id"] for one in found["servers"]} <= images
    assert {one["flavor_id"] for one in found["servers"]} <= flavors
    assert {one["version"] for one in found["servers.addresses"]} == {4, 6}


def test_a_wrong_password_is_named_as_the_cause(cloud):
    with pytest.raises(CloudUnreachable, match="the login as admin was refused; check username, password"):
        driver("nova", cloud, password="wrong").fetch("servers")  # noqa: S106 - wrong on purpose


def test_a_cloud_that_nobody_runs_is_unreachable(cloud):
    with pytest.raises(CloudUnreachable, match="is unreachable: .*Connection refused"):
        driver("nova", cloud, auth_url="http://127.0.0.1:1/v3").fetch("servers")


def test_a_region_that_the_catalog_does_not_have_is_named_as_the_cause(cloud):
    with pytest.raises(CloudUnreachable, match="check region and endpoint"):
        driver("nova", cloud, region="Atlantis").fetch("servers")


def test_a_service_that_enters_the_catalog_later_is_found_by_the_same_driver(cloud):
    octavia = driver("octavia", cloud)
    with pytest.raises(CloudUnreachable, match="check region and endpoint"):
        octavia.fetch("loadbalancers")
    cloud.offer("load-balancer", "octavia", "http://127.0.0.1:1/load-balancer")
    with pytest.raises(CloudUnreachable, match=r"unreachable: .*127.0.0.1:1"):
        octavia.fetch("loadbalancers")


def test_a_certificate_file_that_is_missing_is_named_as_the_cause(cloud):
    nova = driver("nova", cloud, auth_url="https://127.0.0.1:1/v3", cacert="/does/not/exist.pem")
    with pytest.raises(CloudUnreachable, match=r"/does/not/exist.pem"):
        nova.fetch("servers")


def test_the_endpoints_of_the_asked_interface_are_used(cloud):
    assert driver("nova", cloud, interface="internal").fetch("servers")["servers"]
    with pytest.raises(OptionInvalid, match="interface must be one of public, internal, admin, not 'nonsense'"):
        driver("nova", cloud, interface="nonsense")


def test_the_endpoint_of_the_catalog_can_be_replaced(cloud):
    with pytest.raises(CloudUnreachable, match=r"unreachable: .*127.0.0.1:1"):
        driver("nova", cloud, endpoint="http://127.0.0.1:1/v2.1").fetch("servers")


@pytest.mark.parametrize("kind", ["silence", "error"])
def test_after_an_outage_the_same_driver_works_again(cloud, kind):
    nova = driver("nova", cloud)
    before = nova.fetch("servers")
    cloud.fail("nova", kind=kind)
    with pytest.raises(CloudUnreachable):
        nova.fetch("servers")
    cloud.recover()
    assert nova.fetch("servers") == before


def test_a_token_that_is_no_longer_valid_is_replaced_without_an_error(cloud):
    nova = driver("nova", cloud)
    before = nova.fetch("servers")
    cloud.forget_tokens()
    assert nova.fetch("servers") == before


def test_long_lists_arrive_page_by_page(cloud):
    whole = driver("nova", cloud).fetch("servers")
    paged = driver("nova", cloud)
    paged.listings = [replace(one, path=f"{one.path}&limit=7") for one in paged.listings if one.root == "servers"]
    began = cloud.report()["requests"]
    assert paged.fetch("servers") == whole
    assert cloud.report()["requests"] - began > len(whole["servers"]) // 7


def test_a_change_of_the_cloud_reaches_the_subscriber_as_a_difference(cloud):
    updates = []
    runner = DatasourceRunner("nova", driver("nova", cloud, poll_time="0"), updates.extend)
    runner.poll()
    updates.clear()
    cloud.move_to("after")
    runner.poll()
    servers = next(one for one in updates if one.table == "servers")
    assert servers.kind == "delta"
    assert [row[1] for row in servers.inserted] == ["lab-ml-stray"]


def test_an_outage_shows_in_the_status_and_the_rows_stay(cloud):
    runner = DatasourceRunner("nova", driver("nova", cloud, poll_time="0"), lambda updates: None)
    runner.start()
    try:
        until(lambda: runner.status()["initialized"] == "True", seconds=10)
        known = runner.rows("servers")
        cloud.fail("nova")
        runner.request_refresh()
        until(lambda: "unreachable" in runner.status()["last_error"], seconds=10)
        assert runner.rows("servers") == known
        cloud.recover()
        runner.request_refresh()
        until(lambda: runner.status()["last_error"] == "None", seconds=10)
    finally:
        runner.stop()


def test_an_action_becomes_a_request_to_the_service(cloud):
    nova = driver("nova", cloud)
    nova.execute("servers.pause", ["a?b"], {})
    nova.execute("servers.reboot", [], {"server": "s1", "reboot_type": "SOFT"})
    taken = [(one["path"], one["body"]) for one in cloud.report()["actions"][-2:]]
    assert taken == [
        ("/v2.1/servers/a%3Fb/action", {"pause": None}),
        ("/v2.1/servers/s1/action", {"reboot": {"type": "SOFT"}}),
    ]


def test_an_action_without_an_answer_may_have_been_done(cloud):
    nova = driver("nova", cloud)
    cloud.fail("nova")
    with pytest.raises(OutcomeUncertain, match="may have arrived"):
        nova.execute("servers.pause", ["vm-1"], {})


def test_an_action_that_a_proxy_could_not_pass_on_was_not_done(cloud):
    nova = driver("nova", cloud)
    cloud.fail("nova", kind="error")
    with pytest.raises(CloudUnreachable):
        nova.execute("servers.pause", ["vm-1"], {})


@pytest.mark.parametrize("config", [{"auth_url": "http://127.0.0.1:9/v3"}, {"endpoint": "http://127.0.0.1:9"}])
def test_an_action_that_nobody_could_be_asked_for_was_not_done(cloud, config):
    with pytest.raises(CloudUnreachable):
        driver("nova", cloud, **config).execute("servers.pause", ["vm-1"], {})


def test_a_security_group_is_added_to_those_a_port_has(cloud):
    neutron = driver("neutronv2", cloud)
    port, group = next(iter(neutron.fetch("ports")["security_group_port_bindings"]))
    had = {one for bound, one in neutron.fetch("ports")["security_group_port_bindings"] if bound == port}
    neutron.execute("attach_port_security_group", [port, "new-group"], {})
    assert set(cloud.report()["actions"][-1]["body"]["port"]["security_groups"]) == had | {"new-group"}
    neutron.execute("detach_port_security_group", [port, group], {})
    assert set(cloud.report()["actions"][-1]["body"]["port"]["security_groups"]) == had - {group}


def test_attaching_a_group_that_is_there_asks_for_nothing(cloud):
    neutron = driver("neutronv2", cloud)
    port, group = next(iter(neutron.fetch("ports")["security_group_port_bindings"]))
    before = len(cloud.report()["actions"])
    neutron.execute("attach_port_security_group", [port, group], {})
    assert len(cloud.report()["actions"]) == before


@pytest.mark.parametrize(
    ("action", "positional", "named", "message"),
    [
        ("servers.explode", ["s1"], {}, "no action 'servers.explode'; it offers: .*servers"),
        ("connection", [], {}, "no action 'connection'"),
        ("servers.pause", [], {}, "misses server"),
        ("servers.pause", ["s1", "s2"], {}, "takes 1 arguments"),
        ("servers.pause", ["s1"], {"server": "s1"}, "by position and by name"),
        ("servers.pause", ["s1"], {"force": True}, "has no argument force"),
        ("servers.pause", [".."], {}, "'..', which is not an id"),
        ("servers_set_meta", ["s1", "key"], {}, "keys and values alternately"),
    ],
)
def test_an_action_that_does_not_fit_is_refused_before_anything_is_sent(cloud, action, positional, named, message):
    before = cloud.report()["requests"]
    with pytest.raises(DriverError, match=message) as refused:
        driver("nova", cloud).execute(action, positional, named)
    assert isinstance(refused.value, UnknownAction) == ("no action" in message)
    assert cloud.report()["requests"] == before


def test_a_table_that_is_no_root_cannot_be_listed(cloud):
    with pytest.raises(UnknownTableGroup, match="no table group 'servers.addresses'"):
        driver("nova", cloud).fetch("servers.addresses")


def test_making_a_driver_touches_no_network():
    assert issubclass(drivers()["nova"], CloudDriver)
    drivers()["nova"]("nova", {"auth_url": "http://192.0.2.1:5000", "username": "u", "password": "p"})
