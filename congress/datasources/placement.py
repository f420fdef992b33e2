"""Placement: what hosts have of each resource, how much of it is used, and their traits."""

from __future__ import annotations

from congress.datasources.allowed import others
from congress.datasources.cloud import CloudDriver, Listing
from congress.datasources.translate import ENTRIES, ITEMS, KEY, SELF, Field, Root, Table

_PROVIDER = Field("provider_id", Root("provider_id"), "Str", "the resource provider")
_CLASS = Field("resource_class", KEY, "Str", "VCPU, MEMORY_MB, DISK_GB, ...")

PROVIDERS = Table(
    "resource_providers",
    (
        Field("id", "uuid", "Str", "UUID of the provider, that of a hypervisor for hosts"),
        Field("name", type="Str", description="name, that of a hypervisor for hosts"),
        Field("parent_id", "parent_provider_uuid", "Str", "provider it is a part of"),
        Field("root_id", "root_provider_uuid", "Str", "provider it is in the end a part of"),
        Field("generation", type="Int", description="how often it was changed"),
    ),
)
INVENTORIES = Table(
    "inventories",
    (
        _PROVIDER,
        _CLASS,
        Field("total", type="Int", description="how much there is"),
        Field("reserved", type="Int", description="how much of it is kept back"),
        Field("allocation_ratio", type="Float", description="how often each unit may be given away"),
        Field("min_unit", type="Int", description="least that one consumer may have"),
        Field("max_unit", type="Int", description="most that one consumer may have"),
        Field("step_size", type="Int", description="what amounts are multiples of"),
    ),
    walk=("inventories", ENTRIES),
)
USAGES = Table("usages", (_PROVIDER, _CLASS, Field("used", SELF, "Int", "how much is used")), walk=("usages", ENTRIES))
TRAITS = Table("traits", (_PROVIDER, Field("trait", SELF, "Str", "name of the trait")), walk=("traits", ITEMS))
_PROVIDERS = Listing("/resource_providers", "resource_providers", (PROVIDERS,))
_OF_PROVIDER = {"provider_id": "uuid"}


class PlacementDriver(CloudDriver):
    id = "placement"
    description = "Resource providers, inventories, usages and traits of Placement (OpenStack)"
    service = "placement"
    listings = (
        _PROVIDERS,
        Listing("/resource_providers/{uuid}/inventories", "", (INVENTORIES,), within=_PROVIDERS, given=_OF_PROVIDER),
        Listing("/resource_providers/{uuid}/usages", "", (USAGES,), within=_PROVIDERS, given=_OF_PROVIDER),
        Listing("/resource_providers/{uuid}/traits", "", (TRAITS,), within=_PROVIDERS, given=_OF_PROVIDER),
    )
    offered = others.PLACEMENT

    def _microversion(self) -> str:
        return "1.14"
