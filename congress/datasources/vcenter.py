"""vCenter: hosts and virtual machines, by the vSphere API.

Source: the vSphere Web Services API, HostSystem and VirtualMachine.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from oslo_config import types

from congress.datasources.contract import CloudUnreachable, DriverError, Option
from congress.datasources.listed import TIMEOUT, ListedDriver, Objects
from congress.datasources.options import POLLING
from congress.datasources.translate import ITEMS, SELF, Child, Field, Hash, Parent, Table
from congress.datasources.vcenterobjects import host_object, vm_object

try:
    from pyVim.connect import Disconnect, SmartConnect
    from pyVmomi import vim, vmodl
except ImportError as error:
    raise ImportError(f"{error}; install congress[vcenter]") from error

DNS = Table(
    "host.DNS_IPs",
    (
        Field("Host:DNS_id", Hash.ROWS, description="what the name servers of one host share"),
        Field("DNS_IPs", SELF, description="address of a name server"),
    ),
    walk=("dns", ITEMS),
)


def _nics(name: str, member: str, *more: Field) -> Table:
    return Table(
        name,
        (
            Field("host_uuid", Parent("uuid"), description="the host"),
            Field("device", description="name of the interface"),
            Field("mac", description="its hardware address"),
            *more,
            Field("ipAddress", description="its IP address"),
            Field("subnetMask", description="the mask of its network"),
        ),
        walk=(member, ITEMS),
    )


PNICS = _nics("host.PNICs", "pnics")
VNICS = _nics("host.VNICs", "vnics", Field("portgroup", description="port group it is connected to"))
HOSTS = Table(
    "hosts",
    (
        Field("name", description="name of the host"),
        Field("uuid", description="UUID of its hardware"),
        Field("Host:DNS_id", Child(DNS), description="`Host:DNS_id` in host.DNS_IPs"),
    ),
    children=(DNS, PNICS, VNICS),
)
VMS = Table(
    "vms",
    (
        Field("name", description="name of the machine"),
        Field("uuid", description="its UUID"),
        Field("host_uuid", description="host that it runs on"),
        Field("pathName", description="its configuration file in a datastore"),
        Field("status", description="green, yellow, red or gray"),
        Field("CpuDemand", description="MHz that it would use"),
        Field("CpuUsage", description="MHz that it uses"),
        Field("memorySizeMB", description="MB of memory that it has"),
        Field("MemoryUsage", description="MB of memory that it uses"),
        Field("committedStorage", description="bytes of storage that it uses"),
        Field("uncommittedStorage", description="bytes of storage that it may still use"),
        Field("annotation", description="what somebody wrote about it"),
    ),
)
Connect = Callable[[], Any]


class VCenterDriver(ListedDriver):
    """Logs in for each look, so that a session that was forgotten is no failure."""

    id = "vcenter"
    description = "Hosts and virtual machines of VMware vCenter"
    options = (
        Option("auth_url", required=True, description="Name, or https:// URL, of the vCenter"),
        Option("username", required=True, description="User"),
        Option("password", required=True, secret=True, description="Password"),
        Option("max_vms", type=types.Integer(min=1), default="999", description="More machines are an error"),
        Option("max_hosts", type=types.Integer(min=1), default="999", description="More hosts are an error"),
        Option("cacert", description="File with the certificates of the authorities that signed the vCenter's"),
        TIMEOUT._replace(default="30"),
        *POLLING,
    )
    sights = ((HOSTS,), (VMS,))

    def __init__(self, name: str, config: Mapping[str, str]) -> None:
        super().__init__(name, config)
        self.connect: Connect = self._connected
        """Answers a service instance; another one in tests."""

    def look(self, group: str) -> tuple[Objects]:
        with self._content() as content:
            if group == HOSTS.name:
                return ({HOSTS.name: [host_object(one) for one in self._every(content, vim.HostSystem, "max_hosts")]},)
            return ({VMS.name: [vm_object(one) for one in self._every(content, vim.VirtualMachine, "max_vms")]},)

    def _every(self, content: Any, kind: Any, limit: str) -> list[Any]:
        view = content.viewManager.CreateContainerView(content.rootFolder, [kind], True)
        try:
            found = list(view.view)
        finally:
            view.Destroy()
        most: int = self.settings[limit]
        if len(found) > most:
            raise DriverError(f"datasource '{self.name}': there are {len(found)}; the option {limit} permits {most}")
        return found

    @contextmanager
    def _content(self) -> Iterator[Any]:
        instance = None
        try:
            instance = self.connect()
            yield instance.RetrieveContent()
        except vim.fault.InvalidLogin as error:
            raise CloudUnreachable(
                f"datasource '{self.name}': the login was refused; check username and password"
            ) from error
        except (OSError, vmodl.MethodFault) as error:
            reason = getattr(error, "msg", None) or getattr(error, "strerror", None) or str(error)
            raise CloudUnreachable(f"datasource '{self.name}': {reason}") from error
        finally:
            if instance is not None:
                Disconnect(instance)  # type: ignore[no-untyped-call]

    def _connected(self) -> Any:
        text: str = self.settings["auth_url"]
        place = urlsplit(text if "://" in text else f"https://{text}")
        return SmartConnect(  # type: ignore[no-untyped-call]
            host=place.hostname,
            port=place.port or 443,
            user=self.settings["username"],
            pwd=self.settings["password"],
            sslContext=ssl.create_default_context(cafile=self.settings["cacert"]),
            httpConnectionTimeout=self.settings["timeout"],
        )
