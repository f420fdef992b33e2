"""Ironic: nodes with their properties, ports, chassis, and the drivers with the hosts that offer them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from congress.datasources.allowed import ironic
from congress.datasources.cloud import CloudDriver, Listing
from congress.datasources.translate import ITEMS, SELF, Field, Root, Table

_CREATED = Field("created_at", description="time of creation")
_UPDATED = Field("updated_at", description="time of the last change")

CHASSIS = Table("chassises", (Field("id", "uuid", description="UUID of the chassis"), _CREATED, _UPDATED))
NODES = Table(
    "nodes",
    (
        Field("id", "uuid", description="UUID of the node"),
        Field("owner_chassis", "chassis_uuid", description="chassis it is in"),
        Field("power_state", description="power on, power off or error"),
        Field("maintenance", description="whether it is in maintenance"),
        Field("driver", description="driver that controls it"),
        Field("running_instance", "instance_uuid", description="server that runs on it"),
        _CREATED,
        Field("provision_updated_at", description="time of the last step of its life"),
        _UPDATED,
    ),
)
PROPERTIES = Table(
    "node_properties",
    (
        Field("properties", Root("uuid"), description="UUID of the node"),
        Field("memory_mb", description="memory in MiB"),
        Field("cpu_arch", description="x86_64, aarch64, ..."),
        Field("local_gb", description="disk in GiB"),
        Field("cpus", description="processors"),
    ),
    walk=("properties",),
)


def _interface(port: Any) -> Any:
    """The virtual interface of a port: Ironic moved it from `extra` to `internal_info`."""
    places = (port.get("extra"), port.get("internal_info")) if isinstance(port, Mapping) else ()
    extra, internal = (one if isinstance(one, Mapping) else {} for one in places)
    return extra.get("vif_port_id") or internal.get("tenant_vif_port_id")


PORTS = Table(
    "ports",
    (
        Field("id", "uuid", description="UUID of the port"),
        Field("owner_node", "node_uuid", description="node it belongs to"),
        Field("mac_address", "address", description="MAC address"),
        Field("vif_port_id", SELF, description="Neutron's port that uses it", convert=_interface),
        _CREATED,
        _UPDATED,
    ),
)
DRIVERS = Table("drivers", (Field("name", description="name of the driver"),))
HOSTS = Table(
    "active_hosts",
    (Field("name", Root("name"), description="name of the driver"), Field("hosts", SELF, description="host with it")),
    walk=("hosts", ITEMS),
)


class IronicDriver(CloudDriver):
    id = "ironic"
    description = "Nodes, ports, chassis and drivers of Ironic (OpenStack bare metal)"
    service = "baremetal"
    listings = (
        Listing("/chassis/detail?limit=1000", "chassis", (CHASSIS,)),
        Listing("/nodes/detail?limit=1000", "nodes", (NODES, PROPERTIES)),
        Listing("/ports/detail?limit=1000", "ports", (PORTS,)),
        Listing("/drivers", "drivers", (DRIVERS, HOSTS)),
    )
    offered = ironic.ACTIONS

    def _microversion(self) -> str:
        return ironic.WRITTEN_FOR
