"""The driver vcenter, over objects of the vSphere API as pyVmomi makes them of an answer, which refuses properties
that the API does not have."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from pyVmomi import vim

from congress.datasources.contract import CloudUnreachable, DriverError
from congress.datasources.vcenter import VCenterDriver
from tests.databases import free_port
from tests.datasources.tables import by, seen

CONFIG = {"auth_url": "vcenter.example.org", "username": "u", "password": "canary-vcenter"}


def host() -> Any:
    """Managed objects ask the server for each property, so plain ones stand for them; data objects are real."""
    ip = vim.host.IpConfig(ipAddress="192.0.2.10", subnetMask="255.255.255.0")
    pnic = vim.host.PhysicalNic(
        device="vmnic0", mac="00:50:56:00:00:01", spec=vim.host.PhysicalNic.Specification(ip=ip)
    )
    spec = vim.host.VirtualNic.Specification(ip=ip, mac="00:50:56:00:00:02")
    vnic = vim.host.VirtualNic(device="vmk0", portgroup="Management", spec=spec)
    dns = vim.host.DnsConfig(dhcp=False, hostName="esx1", domainName="x", address=["192.0.2.53", "192.0.2.54"])
    network = vim.host.NetworkInfo(dnsConfig=dns, pnic=[pnic], vnic=[vnic])
    info = SimpleNamespace(systemInfo=SimpleNamespace(uuid="host-uuid"))
    return SimpleNamespace(name="esx1", hardware=info, config=SimpleNamespace(network=network))


def machine() -> Any:
    config = vim.vm.Summary.ConfigSummary(
        name="web", uuid="vm-uuid", vmPathName="[ds] web/web.vmx", memorySizeMB=2048, annotation="shop"
    )
    stats = vim.vm.Summary.QuickStats(overallCpuDemand=300, overallCpuUsage=250, guestMemoryUsage=512)
    storage = vim.vm.Summary.StorageSummary(committed=10, uncommitted=20, unshared=0)
    summary = SimpleNamespace(
        config=config,
        quickStats=stats,
        storage=storage,
        overallStatus="green",
        runtime=SimpleNamespace(host=host()),
    )
    return SimpleNamespace(summary=summary)


class Instance:
    """As much of a service instance as is asked."""

    def __init__(self, found: dict[Any, list[Any]]) -> None:
        self.content = SimpleNamespace(
            rootFolder=None,
            viewManager=SimpleNamespace(
                CreateContainerView=lambda _root, kinds, _deep: SimpleNamespace(
                    view=found[kinds[0]], Destroy=lambda: None
                )
            ),
            sessionManager=SimpleNamespace(Logout=lambda: None),
        )

    def RetrieveContent(self) -> Any:  # noqa: N802 - the library's name
        return self.content

    _stub = SimpleNamespace(pool=[], DropConnections=lambda: None)


def driver(hosts: list[Any], machines: list[Any], **config: str) -> VCenterDriver:
    one = VCenterDriver("vc", {**CONFIG, **config})
    one.connect = lambda: Instance({vim.HostSystem: hosts, vim.VirtualMachine: machines})
    return one


def test_hosts_with_their_interfaces_and_machines_are_rows() -> None:
    tables = seen(driver([host()], [machine()]))
    [esx] = tables["hosts"]
    assert (esx["name"], esx["uuid"]) == ("esx1", "host-uuid")
    servers = {(row["Host:DNS_id"], row["DNS_IPs"]) for row in tables["host.DNS_IPs"]}
    assert servers == {(esx["Host:DNS_id"], "192.0.2.53"), (esx["Host:DNS_id"], "192.0.2.54")}
    address = {"host_uuid": "host-uuid", "ipAddress": "192.0.2.10", "subnetMask": "255.255.255.0"}
    assert tables["host.PNICs"] == [{**address, "device": "vmnic0", "mac": "00:50:56:00:00:01"}]
    assert by(tables["host.VNICs"], "device")["vmk0"]["portgroup"] == "Management"
    assert tables["vms"] == [
        {"name": "web", "uuid": "vm-uuid", "host_uuid": "host-uuid", "pathName": "[ds] web/web.vmx", "status": "green",
         "CpuDemand": 300, "CpuUsage": 250, "memorySizeMB": 2048, "MemoryUsage": 512, "committedStorage": 10,
         "uncommittedStorage": 20, "annotation": "shop"}
    ]  # fmt: skip


def test_what_is_still_being_made_has_no_values() -> None:
    tables = seen(driver([SimpleNamespace(name="new")], [SimpleNamespace()]))
    assert tables["hosts"][0]["uuid"] == "None"
    assert set(tables["vms"][0].values()) == {"None"}


def test_more_than_an_option_permits_is_an_error_and_not_a_part() -> None:
    with pytest.raises(DriverError, match="there are 2; the option max_vms permits 1"):
        driver([], [machine(), machine()], max_vms="1").fetch("vms")


def test_a_vcenter_that_is_away_or_refuses_the_login_says_so() -> None:
    with pytest.raises(CloudUnreachable, match="datasource 'vc': "):
        VCenterDriver("vc", {**CONFIG, "auth_url": f"https://127.0.0.1:{free_port()}"}).fetch("vms")
    one = driver([], [])

    def refuse() -> Any:
        raise vim.fault.InvalidLogin

    one.connect = refuse
    with pytest.raises(CloudUnreachable, match="the login was refused"):
        one.fetch("hosts")
