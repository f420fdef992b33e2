"""What of vSphere's managed objects goes into rows, as plain objects. Any of it may be missing while it is made."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def host_object(host: Any) -> dict[str, Any]:
    """Of a HostSystem."""
    network = _at(host, "config.network")
    return {
        "name": _at(host, "name"),
        "uuid": _at(host, "hardware.systemInfo.uuid"),
        "dns": [str(one) for one in _each(_at(network, "dnsConfig.address"))],
        "pnics": [_nic(one, "spec.ip") for one in _each(_at(network, "pnic"))],
        "vnics": [_nic(one, "spec.ip") for one in _each(_at(network, "vnic"))],
    }


def _nic(nic: Any, ip: str) -> dict[str, Any]:
    return {
        "device": _at(nic, "device"),
        "mac": _at(nic, "mac") or _at(nic, "spec.mac"),
        "portgroup": _at(nic, "portgroup"),
        "ipAddress": _at(nic, f"{ip}.ipAddress"),
        "subnetMask": _at(nic, f"{ip}.subnetMask"),
    }


def vm_object(vm: Any) -> dict[str, Any]:
    """Of a VirtualMachine."""
    return {
        "name": _at(vm, "summary.config.name"),
        "uuid": _at(vm, "summary.config.uuid"),
        "host_uuid": _at(vm, "summary.runtime.host.hardware.systemInfo.uuid"),
        "pathName": _at(vm, "summary.config.vmPathName"),
        "status": _at(vm, "summary.overallStatus"),
        "CpuDemand": _at(vm, "summary.quickStats.overallCpuDemand"),
        "CpuUsage": _at(vm, "summary.quickStats.overallCpuUsage"),
        "memorySizeMB": _at(vm, "summary.config.memorySizeMB"),
        "MemoryUsage": _at(vm, "summary.quickStats.guestMemoryUsage"),
        "committedStorage": _at(vm, "summary.storage.committed"),
        "uncommittedStorage": _at(vm, "summary.storage.uncommitted"),
        "annotation": _at(vm, "summary.config.annotation"),
    }


def _at(place: Any, path: str) -> Any:
    for name in path.split("."):
        place = getattr(place, name, None)
    return place


def _each(found: Any) -> Iterable[Any]:
    return found if isinstance(found, Iterable) else ()
