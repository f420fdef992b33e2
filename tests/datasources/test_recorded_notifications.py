"""What the real services notified their bus of, recorded with `tests.cloud.record`, and what it says to the drivers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from congress.datasources.registry import drivers

RECORDED = json.loads((Path(__file__).parent / "recorded" / "notifications.json").read_text())
EVENTS = {one["event_type"]: one["payload"] for one in RECORDED}


@pytest.mark.parametrize(
    ("driver", "event", "group", "where"),
    [
        ("keystonev3", "identity.user.created", "users", ("target", "id")),
        ("keystonev3", "identity.project.created", "projects", ("target", "id")),
        ("keystonev3", "identity.domain.created", "domains", ("target", "id")),
        ("glancev2", "image.activate", "images", ("id",)),
        ("glancev2", "image.update", "images", ("id",)),
        ("nova", "instance.create.end", "servers", ("nova_object.data", "uuid")),
        ("nova", "compute.instance.create.end", "servers", ("instance_id",)),
        ("nova", "instance.volume_attach.end", "servers", ("nova_object.data", "uuid")),
        ("nova", "flavor.create", "flavors", ("nova_object.data", "flavorid")),
        ("neutronv2", "network.create.end", "networks", ("network", "id")),
        ("neutronv2", "subnet.create.end", "subnets", ("subnet", "id")),
        ("neutronv2", "port.create.end", "ports", ("port", "id")),
        ("neutronv2", "port.update.end", "ports", ("port", "id")),
        ("neutronv2", "router.create.end", "routers", ("router", "id")),
        ("neutronv2", "router.interface.create", "routers", ("router_interface", "id")),
        ("neutronv2", "router.interface.create", "ports", ("router_interface", "port_id")),
        ("neutronv2", "floatingip.create.end", "floating_ips", ("floatingip", "id")),
        ("neutronv2", "security_group.create.end", "security_groups", ("security_group", "id")),
        (
            "neutronv2",
            "security_group_rule.create.end",
            "security_groups",
            ("security_group_rule", "security_group_id"),
        ),
        ("cinder", "volume.create.end", "volumes", ("volume_id",)),
        ("cinder", "volume.attach.end", "volumes", ("volume_id",)),
        ("cinder", "snapshot.create.end", "snapshots", ("snapshot_id",)),
    ],
)
def test_a_recorded_notification_names_the_object_that_changed(
    driver: str, event: str, group: str, where: tuple[str, ...]
) -> None:
    payload = found = EVENTS[event]
    for member in where:
        found = found[member]
    assert (group, found) in set(drivers()[driver].hinted(event, payload))


def test_what_is_only_about_to_happen_concerns_nobody() -> None:
    starts = [event for event in EVENTS if event.endswith(".start")]
    assert starts
    for one in drivers().values():
        assert not [event for event in starts if list(one.hinted(event, EVENTS[event]))]
