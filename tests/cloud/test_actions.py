"""Actions, asked of a driver and found done in the cloud."""

from __future__ import annotations

import json
from typing import Any

import pytest

from congress.datasources.contract import DriverError
from tests.cloud.filling import Contents, built
from tests.cloud.real import RealCloud
from tests.cloud.test_tables import driver
from tests.waiting import until

SECONDS = 120.0
pytestmark = pytest.mark.timeout(1200)  # the first test also waits for the cloud to start and to be filled


def became(found: Any, wanted: Any) -> None:
    until(lambda: found() == wanted, lambda: f"{found()!r} instead of {wanted!r}", seconds=SECONDS)


def test_a_server_is_paused_and_continued(cloud: RealCloud, contents: Contents) -> None:
    nova = driver("nova", cloud)
    nova.execute("servers.pause", [contents.server.id], {})
    became(lambda: cloud.admin.compute.get_server(contents.server.id).status, "PAUSED")
    nova.execute("servers.unpause", [], {"server": contents.server.id})
    became(lambda: cloud.admin.compute.get_server(contents.server.id).status, "ACTIVE")


def test_a_server_goes_through_its_states(cloud: RealCloud, contents: Contents) -> None:
    nova, compute = driver("nova", cloud), cloud.admin.compute
    image, flavor = contents.image.id, contents.flavor.id
    made = built(cloud.admin, compute.create_server(name="moving", image_id=image, flavor_id=flavor, networks="none"))
    for action, status in (
        ("suspend", "SUSPENDED"), ("resume", "ACTIVE"), ("stop", "SHUTOFF"), ("start", "ACTIVE"),
        ("shelve", "SHELVED_OFFLOADED"), ("unshelve", "ACTIVE"), ("lock", "ACTIVE"),
    ):  # fmt: skip
        nova.execute(f"servers.{action}", [made.id], {})
        became(lambda: compute.get_server(made.id).status, status)
    assert compute.get_server(made.id).is_locked
    nova.execute("servers.unlock", [made.id], {})
    assert not compute.get_server(made.id).is_locked
    nova.execute("servers.reboot", [made.id, "HARD"], {})
    became(lambda: [one.action for one in compute.server_actions(made.id) if one.action == "reboot"], ["reboot"])
    became(lambda: (compute.get_server(made.id).status, compute.get_server(made.id).task_state), ("ACTIVE", None))
    nova.execute("servers.delete", [made.id], {})
    became(lambda: [one.id for one in compute.servers(all_projects=True) if one.id == made.id], [])


def test_a_server_gets_and_loses_a_security_group(cloud: RealCloud, contents: Contents) -> None:
    nova, compute, network = driver("nova", cloud), cloud.admin.compute, cloud.admin.network
    group = network.create_security_group(name="watched")

    def has_it() -> bool:
        return "watched" in {one["name"] for one in compute.get_server(contents.server.id).security_groups}

    nova.execute("servers.add_security_group", [contents.server.id, "watched"], {})
    became(has_it, True)
    nova.execute("servers.remove_security_group", [contents.server.id, "watched"], {})
    became(has_it, False)
    network.delete_security_group(group)


def test_a_server_gets_metadata(cloud: RealCloud, contents: Contents) -> None:
    driver("nova", cloud).execute("servers_set_meta", [contents.server.id, "owner", "shop", "tier", 1], {})
    found = cloud.admin.compute.get_server(contents.server.id).metadata
    assert found["owner"] == "shop"
    assert found["tier"] == "1"


def test_a_port_gets_and_loses_a_security_group(cloud: RealCloud, contents: Contents) -> None:
    neutron, network = driver("neutronv2", cloud), cloud.admin.network
    group = network.create_security_group(name="quarantine")
    before = set(network.get_port(contents.port.id).security_group_ids)
    neutron.execute("attach_port_security_group", [contents.port.id, group.id], {})
    assert set(network.get_port(contents.port.id).security_group_ids) == before | {group.id}
    neutron.execute("detach_port_security_group", [contents.port.id, group.id], {})
    assert set(network.get_port(contents.port.id).security_group_ids) == before
    network.delete_security_group(group)


def test_a_security_group_is_made_and_deleted(cloud: RealCloud) -> None:
    neutron, network = driver("neutronv2", cloud), cloud.admin.network
    neutron.execute("create_security_group", [json.dumps({"security_group": {"name": "by an action"}})], {})
    (made,) = network.security_groups(name="by an action")
    neutron.execute("delete_security_group", [made.id], {})
    assert list(network.security_groups(name="by an action")) == []


def test_a_network_is_switched_off(cloud: RealCloud) -> None:
    network = cloud.admin.network.create_network(name="loud")
    driver("neutronv2", cloud).execute("update_resource_attrs", ["network", network.id, "admin_state_up", "False"], {})
    assert cloud.admin.network.get_network(network.id).is_admin_state_up is False
    cloud.admin.network.delete_network(network)


def test_a_volume_is_made_larger_and_deleted(cloud: RealCloud) -> None:
    storage, cinder = cloud.admin.block_storage, driver("cinder", cloud)
    volume = storage.wait_for_status(storage.create_volume(size=1), "available", wait=SECONDS)
    cinder.execute("volumes.extend", [volume.id, 2], {})
    became(lambda: (storage.get_volume(volume.id).status, storage.get_volume(volume.id).size), ("available", 2))
    for state in ("error", "available"):
        cinder.execute("volumes.reset_state", [volume.id, state], {})
        assert storage.get_volume(volume.id).status == state
    snapshot = storage.create_snapshot(volume_id=volume.id, name="by hand")
    storage.wait_for_status(snapshot, "available", wait=SECONDS)
    cinder.execute("volume_snapshots.delete", [snapshot.id], {})
    became(lambda: list(storage.snapshots(name="by hand")), [])
    cinder.execute("volumes.delete", [volume.id], {})
    became(lambda: [one.id for one in storage.volumes() if one.id == volume.id], [])


def test_an_image_is_withdrawn_and_given_back(cloud: RealCloud, contents: Contents) -> None:
    glance = driver("glancev2", cloud)
    glance.execute("images.deactivate", [contents.image.id], {})
    assert cloud.admin.image.get_image(contents.image.id).status == "deactivated"
    glance.execute("images.reactivate", [contents.image.id], {})
    assert cloud.admin.image.get_image(contents.image.id).status == "active"


def test_an_image_is_deleted(cloud: RealCloud) -> None:
    image = cloud.admin.image.create_image(name="old", container_format="bare", disk_format="raw", data=b"x")
    driver("glancev2", cloud).execute("images.delete", [image.id], {})
    assert list(cloud.admin.image.images(name="old")) == []


def test_a_project_is_closed(cloud: RealCloud) -> None:
    project = cloud.admin.identity.create_project(name="to be closed")
    driver("keystonev3", cloud).execute("projects.update_enabled", [project.id, "False"], {})
    assert cloud.admin.identity.get_project(project.id).is_enabled is False
    cloud.admin.identity.delete_project(project)


def test_a_user_is_locked_out(cloud: RealCloud, contents: Contents) -> None:
    keystone = driver("keystonev3", cloud)
    keystone.execute("users.update_enabled", [contents.user.id, "False"], {})
    assert cloud.admin.identity.get_user(contents.user.id).is_enabled is False
    keystone.execute("users.update_enabled", [contents.user.id, "True"], {})
    assert cloud.admin.identity.get_user(contents.user.id).is_enabled is True


def test_an_object_is_copied_and_deleted(cloud: RealCloud, contents: Contents) -> None:
    store, swift = cloud.admin.object_store, driver("swift", cloud)
    swift.execute("copy", ["letters", "copied", "letters/2026/to you 1.txt"], {})
    assert "copied" in {one.name for one in store.objects("letters")}
    swift.execute("delete", ["letters", "copied"], {})
    assert "copied" not in {one.name for one in store.objects("letters")}


def test_an_object_that_is_not_there_is_what_the_service_says(cloud: RealCloud) -> None:
    with pytest.raises(DriverError, match="refused"):
        driver("nova", cloud).execute("servers.pause", ["00000000-0000-0000-0000-000000000000"], {})
