"""Actions, asked of a driver and found done in the cloud."""

from __future__ import annotations

from typing import Any

import pytest

from congress.datasources.contract import DriverError
from tests.cloud.filling import Contents
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
    cinder.execute("volumes.delete", [volume.id], {})
    became(lambda: [one.id for one in storage.volumes() if one.id == volume.id], [])


def test_an_image_is_withdrawn_and_given_back(cloud: RealCloud, contents: Contents) -> None:
    glance = driver("glancev2", cloud)
    glance.execute("images.deactivate", [contents.image.id], {})
    assert cloud.admin.image.get_image(contents.image.id).status == "deactivated"
    glance.execute("images.reactivate", [contents.image.id], {})
    assert cloud.admin.image.get_image(contents.image.id).status == "active"


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
