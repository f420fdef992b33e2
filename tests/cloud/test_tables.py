"""Each driver's tables beside what the services themselves answer, row by row, and while the cloud changes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest

from congress.datasources.cloud import CloudDriver, Listing
from congress.datasources.contract import CloudUnreachable
from congress.datasources.registry import drivers
from congress.datasources.runner import DatasourceRunner
from tests.cloud.answers import ANSWERS
from tests.cloud.filling import TEMPLATE, Contents, built
from tests.cloud.preparing import OTHER_REGION
from tests.cloud.real import RealCloud
from tests.waiting import until

SECONDS = 120.0
pytestmark = pytest.mark.timeout(1200)  # the first test also waits for the cloud to start and to be filled
# What a service writes anew at each sign of life, and is therefore another one at each question.
RESTLESS = {"nova": ("services", "updated_at"), "cinder": ("services", "updated_at")}


def driver(name: str, cloud: RealCloud, **config: str) -> Any:
    return drivers()[name](name, {**cloud.login, **config})


def tables(one: Any) -> dict[str, set[tuple[Any, ...]]]:
    return {table: set(rows) for group in one.groups() for table, rows in one.fetch(group).items()}


def quiet(one: Any, found: dict[str, set[tuple[Any, ...]]]) -> dict[str, set[tuple[Any, ...]]]:
    """The tables without the cells that change by themselves."""
    if one.id in RESTLESS:
        table, column = RESTLESS[one.id]
        place = [each.name for each in one.tables()[table]].index(column)
        assert all(row[place] != "None" for row in found[table])
        found[table] = {row[:place] + row[place + 1 :] for row in found[table]}
    return found


@pytest.mark.parametrize("name", ANSWERS)
def test_the_tables_hold_what_the_service_answers(cloud: RealCloud, contents: Contents, name: str) -> None:
    one = driver(name, cloud)
    expected = quiet(one, ANSWERS[name](cloud))
    found = quiet(one, tables(one))
    assert set(found) == set(expected)
    for table in expected:
        assert found[table] == expected[table], table
        assert found[table], f"{table} has no row, so that nothing was compared"


def in_pages(listing: Listing) -> Listing:
    path, _, query = listing.path.partition("?")
    asked = "&".join(part for part in query.split("&") if part and not part.startswith("limit="))
    within = in_pages(listing.within) if listing.within else None
    return replace(listing, path=f"{path}?{asked}{'&' if asked else ''}{urlencode({'limit': 2})}", within=within)


@pytest.mark.parametrize(
    ("name", "groups"),
    [
        ("nova", ("servers", "flavors")),
        ("neutronv2", ("networks", "ports", "subnets", "security_groups")),
        ("neutronv2_qos", ("ports",)),
        ("glancev2", ("images",)),
        ("cinder", ("volumes", "snapshots")),
        ("swift", ("containers", "objects")),
        ("aodh", ("alarms",)),
        ("heat", ("stacks",)),
    ],
)
def test_every_page_is_read(cloud: RealCloud, contents: Contents, name: str, groups: tuple[str, ...]) -> None:
    whole, paged = driver(name, cloud), driver(name, cloud)
    paged.listings = tuple(in_pages(one) for one in paged.listings if one.root in groups)
    for group in groups:
        assert paged.fetch(group) == whole.fetch(group)


# -- changes while a datasource polls ---------------------------------------------------------------------------------


@contextmanager
def polling(name: str, cloud: RealCloud) -> Iterator[DatasourceRunner]:
    runner = DatasourceRunner(name, driver(name, cloud, poll_time="1"), lambda updates: None)
    runner.start()
    try:
        yield runner
    finally:
        runner.stop()


def column(runner: DatasourceRunner, one: type[CloudDriver], table: str, identity: str, wanted: str) -> Any:
    """A cell of the row whose id it is; None while there is no such row."""
    names = [each.name for each in one.tables()[table]]
    key = next(name for name in ("id", "alarm_id", "name") if name in names)
    rows = [row for row in runner.rows(table) or () if row[names.index(key)] == identity]
    assert len(rows) <= 1
    return rows[0][names.index(wanted)] if rows else None


def seen(name: str, runner: DatasourceRunner, table: str, identity: str, wanted: str, expected: Any) -> None:
    """Wait until the datasource knows it."""
    one = drivers()[name]
    until(
        lambda: column(runner, one, table, identity, wanted) == expected,
        lambda: f"{table}: {wanted} is {column(runner, one, table, identity, wanted)!r}: {runner.status()}",
        seconds=SECONDS,
    )


def test_a_user_comes_changes_and_goes(cloud: RealCloud) -> None:
    identity = cloud.admin.identity
    with polling("keystonev3", cloud) as runner:
        user = identity.create_user(name="visitor")
        seen("keystonev3", runner, "users", user.id, "enabled", "True")
        identity.update_user(user, is_enabled=False)
        seen("keystonev3", runner, "users", user.id, "enabled", "False")
        identity.delete_user(user)
        seen("keystonev3", runner, "users", user.id, "enabled", None)


def test_an_image_comes_changes_and_goes(cloud: RealCloud) -> None:
    with polling("glancev2", cloud) as runner:
        image = cloud.admin.image.create_image(
            name="passing", container_format="bare", disk_format="raw", data=b"x", allow_duplicates=True
        )
        seen("glancev2", runner, "images", image.id, "status", "active")
        cloud.admin.image.update_image(image, name="renamed")
        seen("glancev2", runner, "images", image.id, "name", "renamed")
        cloud.admin.image.delete_image(image)
        seen("glancev2", runner, "images", image.id, "name", None)


def test_a_server_comes_changes_and_goes(cloud: RealCloud, contents: Contents) -> None:
    compute = cloud.admin.compute
    with polling("nova", cloud) as runner:
        server = compute.create_server(
            name="passing", image_id=contents.image.id, flavor_id=contents.flavor.id, networks="none"
        )
        built(cloud.admin, server)
        seen("nova", runner, "servers", server.id, "status", "ACTIVE")
        compute.pause_server(server)
        seen("nova", runner, "servers", server.id, "status", "PAUSED")
        compute.delete_server(server)
        seen("nova", runner, "servers", server.id, "status", None)


def test_a_network_comes_changes_and_goes(cloud: RealCloud) -> None:
    network = cloud.admin.network
    with polling("neutronv2", cloud) as runner:
        made = network.create_network(name="passing")
        seen("neutronv2", runner, "networks", made.id, "admin_state_up", "True")
        network.update_network(made, is_admin_state_up=False)
        seen("neutronv2", runner, "networks", made.id, "admin_state_up", "False")
        network.delete_network(made)
        seen("neutronv2", runner, "networks", made.id, "name", None)


def test_a_volume_comes_changes_and_goes(cloud: RealCloud) -> None:
    storage = cloud.admin.block_storage
    with polling("cinder", cloud) as runner:
        volume = storage.create_volume(size=1, name="passing")
        seen("cinder", runner, "volumes", volume.id, "status", "available")
        storage.extend_volume(volume, 3)
        seen("cinder", runner, "volumes", volume.id, "size", 3)
        storage.delete_volume(volume)
        seen("cinder", runner, "volumes", volume.id, "size", None)


def test_a_stack_comes_changes_and_goes(cloud: RealCloud) -> None:
    heat = cloud.admin.orchestration
    with polling("heat", cloud) as runner:
        stack = heat.create_stack(name="passing", template=TEMPLATE)
        seen("heat", runner, "stacks", stack.id, "stack_status", "CREATE_COMPLETE")
        heat.update_stack(stack, template={**TEMPLATE, "description": "other values"})
        seen("heat", runner, "stacks", stack.id, "stack_status", "UPDATE_COMPLETE")
        heat.delete_stack(stack)
        seen("heat", runner, "stacks", stack.id, "stack_status", None)


def test_an_alarm_comes_changes_and_goes(cloud: RealCloud) -> None:
    alarms = cloud.admin.alarm
    body = {"name": "passing", "type": "event", "event_rule": {"event_type": "x"}}
    with polling("aodh", cloud) as runner:
        alarm = alarms.post("/alarms", json=body).json()
        seen("aodh", runner, "alarms", alarm["alarm_id"], "state", "insufficient data")
        alarms.put(f"/alarms/{alarm['alarm_id']}/state", json="alarm").raise_for_status()
        seen("aodh", runner, "alarms", alarm["alarm_id"], "state", "alarm")
        alarms.delete(f"/alarms/{alarm['alarm_id']}").raise_for_status()
        seen("aodh", runner, "alarms", alarm["alarm_id"], "state", None)


def test_an_object_comes_changes_and_goes(cloud: RealCloud) -> None:
    store = cloud.admin.object_store
    with polling("swift", cloud) as runner:
        store.create_container("passing")
        store.create_object("passing", "letter", data=b"dear")
        seen("swift", runner, "objects", "letter", "bytes", 4)
        store.create_object("passing", "letter", data=b"dear you")
        seen("swift", runner, "objects", "letter", "bytes", 8)
        store.delete_object("letter", container="passing")
        seen("swift", runner, "objects", "letter", "bytes", None)
        store.delete_container("passing")


# -- which service is asked, and how ----------------------------------------------------------------------------------


def test_a_region_has_services_of_its_own(cloud: RealCloud, contents: Contents) -> None:
    there = driver("glancev2", cloud, region=OTHER_REGION)
    assert there.fetch("images") == driver("glancev2", cloud).fetch("images")
    with pytest.raises(CloudUnreachable, match="check region and endpoint"):
        driver("cinder", cloud, region=OTHER_REGION).fetch("volumes")


def test_an_interface_that_the_catalog_does_not_offer_is_named_as_the_cause(cloud: RealCloud) -> None:
    assert driver("glancev2", cloud, interface="internal").fetch("images")["images"]
    with pytest.raises(CloudUnreachable, match="admin"):
        driver("glancev2", cloud, interface="admin").fetch("images")


def test_an_endpoint_takes_the_place_of_the_one_in_the_catalog(cloud: RealCloud, contents: Contents) -> None:
    endpoint = cloud.layout.url("glance")
    found = driver("glancev2", cloud, region=OTHER_REGION, endpoint=endpoint).fetch("images")
    assert found == driver("glancev2", cloud).fetch("images")
    with pytest.raises(CloudUnreachable, match="check endpoint http://127.0.0.1:1"):
        driver("glancev2", cloud, endpoint="http://127.0.0.1:1").fetch("images")


@pytest.mark.parametrize(("version", "known"), [("2.26", True), ("2.60", False)])
def test_the_microversion_of_nova_is_the_one_that_was_chosen(
    cloud: RealCloud, contents: Contents, version: str, known: bool
) -> None:
    rows = driver("nova", cloud, api_version=version).fetch("servers")["servers"]
    flavors = {row[7] for row in rows if row[0] == contents.server.id}
    assert flavors == {contents.flavor.id if known else "None"}
