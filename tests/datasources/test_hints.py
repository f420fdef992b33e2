"""Which objects the notifications of OpenStack services are about."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from congress.datasources import hints
from congress.datasources.cinder import CinderDriver
from congress.datasources.glancev2 import GlanceV2Driver
from congress.datasources.hints import concerned
from congress.datasources.keystonev3 import KeystoneV3Driver
from congress.datasources.neutronv2 import NeutronV2Driver
from congress.datasources.nova import NovaDriver

ALL = (*hints.NOVA, *hints.NEUTRON, *hints.CINDER, *hints.GLANCE, *hints.KEYSTONE)


@pytest.mark.parametrize(
    ("service", "event", "payload", "found"),
    [
        (hints.NOVA, "instance.power_off.end", {"nova_object.data": {"uuid": "s"}}, [("servers", "s")]),
        (hints.NOVA, "compute.instance.delete.end", {"instance_id": "s"}, [("servers", "s")]),
        (hints.NOVA, "instance.delete.start", {"nova_object.data": {"uuid": "s"}}, []),
        (hints.NOVA, "compute.instance.exists", {"instance_id": "s"}, []),
        (hints.NOVA, "service.update", {"nova_object.data": {"host": "h"}}, [("services", None)]),
        (hints.NOVA, "scheduler.select_destinations.end", {}, []),
        (hints.NEUTRON, "port.create.end", {"port": {"id": "p"}}, [("ports", "p")]),
        (hints.NEUTRON, "port.create.end", {"ports": [{"id": "p"}, {"id": "q"}]}, [("ports", "p"), ("ports", "q")]),
        (hints.NEUTRON, "port.delete.end", {"port_id": "p"}, [("ports", "p")]),
        (hints.NEUTRON, "floatingip.update.end", {"floatingip": {"id": "f"}}, [("floating_ips", "f")]),
        (
            hints.NEUTRON,
            "router.interface.create",
            {"router_interface": {"id": "r", "port_id": "p"}},
            [("ports", "p"), ("routers", "r")],
        ),
        (
            hints.NEUTRON,
            "security_group_rule.create.end",
            {"security_group_rule": {"id": "x", "security_group_id": "g"}},
            [("security_groups", "g")],
        ),
        (hints.NEUTRON, "security_group_rule.delete.end", {"security_group_rule_id": "x"}, [("security_groups", None)]),
        (hints.CINDER, "volume.attach.end", {"volume_id": "v"}, [("volumes", "v")]),
        (hints.CINDER, "snapshot.delete.end", {"snapshot_id": "s", "volume_id": "v"}, [("snapshots", "s")]),
        (hints.GLANCE, "image.update", {"id": "i"}, [("images", "i")]),
        (hints.KEYSTONE, "identity.user.updated", {"resource_info": "u"}, [("users", "u")]),
        (hints.KEYSTONE, "identity.project.deleted", {"target": {"id": "p"}}, [("projects", "p")]),
        (hints.KEYSTONE, "identity.authenticate", {"initiator": {"id": "u"}}, []),
    ],
)
def test_an_event_concerns_these_objects(
    service: tuple[hints.Hint, ...], event: str, payload: Any, found: list[tuple[str, str | None]]
) -> None:
    assert list(concerned(service, event, payload)) == found


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["port", "ports", "id", "nova_object.data", "uuid", "target"]), inner, max_size=3
        )
    ),
    max_leaves=12,
)


@given(st.sampled_from([hint.prefix for hint in ALL]), anything)
def test_no_payload_breaks_anything(prefix: str, payload: Any) -> None:
    for group, identity in concerned(ALL, f"{prefix}update.end", payload):
        assert isinstance(group, str)
        assert identity is None or (isinstance(identity, str) and identity)


@pytest.mark.parametrize("driver", [NovaDriver, NeutronV2Driver, CinderDriver, GlanceV2Driver, KeystoneV3Driver])
def test_every_hinted_group_exists_and_its_objects_can_be_told_apart(driver: Any) -> None:
    groups, keys = driver.groups(), driver.object_keys()
    for hint in driver.hints:
        assert hint.group in groups
        if hint.ids:
            assert set(keys[hint.group]) == set(groups[hint.group])
