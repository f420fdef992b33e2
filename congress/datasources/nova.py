"""Nova: servers of all projects, flavors, hypervisors, services and availability zones."""

from __future__ import annotations

from typing import Any

from congress.datasources.allowed import nova
from congress.datasources.cloud import STANDARD_OPTIONS, CloudDriver, Listing
from congress.datasources.contract import Option
from congress.datasources.hints import NOVA
from congress.datasources.translate import ENTRIES, ITEMS, KEY, SELF, Field, Root, Table

SERVERS = Table(
    "servers",
    (
        Field("id", type="Str", description="UUID of the server"),
        Field("name", type="Str", description="name"),
        Field("host_id", "hostId", "Str", "hash of host and project"),
        Field("status", type="Str", description="ACTIVE, PAUSED, SHUTOFF, ERROR, ..."),
        Field("tenant_id", type="Str", description="project that owns the server"),
        Field("user_id", type="Str", description="user who created it"),
        Field("image_id", ("image", "id"), description="image it was booted from; None when booted from a volume"),
        Field("flavor_id", ("flavor", "id"), description="flavor"),
        Field("zone", "OS-EXT-AZ:availability_zone", "Str", "availability zone"),
        Field("host_name", "OS-EXT-SRV-ATTR:hypervisor_hostname", "Str", "hypervisor it runs on"),
        Field("created_at", "created", "Str", "time of creation"),
    ),
)
ADDRESSES = Table(
    "servers.addresses",
    (
        Field("server_id", Root("id"), "Str", "the server"),
        Field("network_name", KEY, "Str", "name of the network"),
        Field("address", "addr", "Str", "IP address"),
        Field("version", type="Int", description="4 or 6"),
        Field("mac_address", "OS-EXT-IPS-MAC:mac_addr", "Str", "MAC address of the port"),
        Field("address_type", "OS-EXT-IPS:type", "Str", "fixed or floating"),
    ),
    walk=("addresses", ENTRIES, ITEMS),
)
TAGS = Table(
    "tags",
    (Field("server_id", Root("id"), description="the server"), Field("tag", SELF, description="one of its tags")),
    walk=("tags", ITEMS),
)
FLAVORS = Table(
    "flavors",
    (
        Field("id", type="Str", description="id of the flavor"),
        Field("name", type="Str", description="name"),
        Field("vcpus", type="Int", description="virtual CPUs"),
        Field("ram", type="Int", description="memory in MiB"),
        Field("disk", type="Int", description="root disk in GiB"),
        Field("ephemeral", "OS-FLV-EXT-DATA:ephemeral", "Int", "ephemeral disk in GiB"),
        Field("rxtx_factor", type="Float", description="share of the network bandwidth"),
    ),
)
SERVICES = Table(
    "services",
    (
        Field("service_id", "id", "Int", "id of the service"),
        Field("binary", type="Str", description="nova-compute, nova-scheduler, ..."),
        Field("host", type="Str", description="where it runs"),
        Field("zone", type="Str", description="availability zone"),
        Field("status", type="Str", description="enabled or disabled, by an operator"),
        Field("state", type="Str", description="up or down"),
        Field("updated_at", type="Str", description="its last sign of life"),
        Field("disabled_reason", type="Str", description="why it was disabled"),
    ),
)
HYPERVISORS = Table(
    "hypervisors",
    (
        Field("hypervisor_hostname", type="Str", description="name"),
        Field("id", description="id of the hypervisor"),
        Field("state", type="Str", description="up or down"),
        Field("status", type="Str", description="enabled or disabled"),
    ),
)


def _availability(state: dict[str, Any]) -> str:
    return "available" if state.get("available") else "unavailable"


ZONES = Table(
    "availability_zones",
    (
        Field("zone", "zoneName", "Str", "name of the zone"),
        Field("state", "zoneState", "Str", "available or unavailable", _availability),
    ),
)


class NovaDriver(CloudDriver):
    id = "nova"
    description = "Servers, flavors, hypervisors, services and availability zones of Nova (OpenStack compute)"
    service = "compute"
    options = (
        *STANDARD_OPTIONS,
        Option("api_version", description="Microversion to speak; from 2.47 on flavor_id is None", default="2.26"),
    )
    hints = NOVA
    listings = (
        Listing("/servers/detail?all_tenants=True&limit=1000", "servers", (SERVERS, ADDRESSES, TAGS)),
        Listing("/flavors/detail?is_public=None&limit=1000", "flavors", (FLAVORS,)),
        Listing("/os-services", "services", (SERVICES,)),
        Listing("/os-hypervisors", "hypervisors", (HYPERVISORS,)),
        Listing("/os-availability-zone", "availabilityZoneInfo", (ZONES,)),
    )
    offered = nova.ACTIONS

    def _microversion(self) -> str:
        return str(self.settings["api_version"])
