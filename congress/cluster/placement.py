"""Where each service is, and the answers to what services ask about it (`congress.cluster.services.contract.Site`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import NoReturn
from urllib.parse import quote

from congress.cluster.errors import DescriptionError
from congress.cluster.model.description import ClusterDescription, Description, ServiceDescription
from congress.cluster.model.loading import Described
from congress.cluster.model.source import Path
from congress.cluster.secrets import mark
from congress.cluster.services.contract import Database, HeldAddress, Service

COMMON_ADDRESS = "api"
"""The virtual IP of all services without an own one."""

AUTHORITY_FILE = "/etc/ssl/certs/congress-cluster-authority.pem"


def bracketed(address: str) -> str:
    """An address as it stands in a URL."""
    return f"[{address}]" if ip_address(address).version == 6 else address


@dataclass(frozen=True, slots=True)
class Layout:
    """The clusters of a description, those of `alone` nodes apart. `services`: all that can be had, by name."""

    described: Described
    services: Mapping[str, type[Service]]

    @property
    def description(self) -> Description:
        return self.described.description

    def clusters(self) -> dict[str, tuple[str, ClusterDescription]]:
        """By name: where it is described, and its description with the nodes that are members."""
        found: dict[str, tuple[str, ClusterDescription]] = {}
        for name, cluster in self.description.clusters.items():
            if cluster.alone:
                for node in cluster.nodes:
                    found[f"{name}-{node}"] = (name, cluster.model_copy(update={"nodes": (node,)}))
            else:
                found[name] = (name, cluster)
        return found

    def nodes(self, cluster: str, service: str) -> tuple[str, ...]:
        """The nodes of a cluster that run a service."""
        described = self.clusters()[cluster][1]
        wanted = (described.services.get(service) or ServiceDescription()).nodes
        if wanted:
            return tuple(node for node in described.nodes if node in wanted)
        full = tuple(node for node in described.nodes if not self.description.nodes[node].remote)
        remote = tuple(node for node in described.nodes if self.description.nodes[node].remote)
        known = self.services.get(service)
        return remote if remote and known is not None and known.for_remote_nodes else full

    def places(self, service: str) -> tuple[str, ...]:
        """The clusters that have a service."""
        return tuple(name for name, (_, cluster) in self.clusters().items() if service in cluster.services)

    def members(self, service: str) -> tuple[tuple[str, str], ...]:
        """Names and internal addresses of a service's nodes, in the description's order."""
        names = [node for cluster in self.places(service) for node in self.nodes(cluster, service)]
        return tuple((name, str(self.description.nodes[name].addresses["internal"])) for name in names)

    def path(self, cluster: str, service: str) -> Path:
        """Where a service on a cluster is described."""
        return ("clusters", self.clusters()[cluster][0], "services", service)

    def address_name(self, service: str) -> str | None:
        """The name of the virtual IP that a service is found at; None when there is none for it."""
        known = self.services.get(service)
        for cluster in self.places(service):
            described = self.clusters()[cluster][1].services.get(service)
            if described is not None and described.address is not None:
                return described.address
        own = known.default_address if known is not None else None
        for name in (own, COMMON_ADDRESS):
            if name is not None and name in self.description.virtual_ips:
                return name
        return None

    def holder(self, name: str) -> str | None:
        """The cluster that holds a virtual IP; None when several could, or none."""
        described = self.description.virtual_ips[name]
        if described.cluster is not None:
            return described.cluster
        holders = self.places(described.follows)
        return holders[0] if len(holders) == 1 else None

    def virtual_ip_name(self, name: str) -> str | None:
        """The described virtual IP that a service means when it says `name`: that one, or the one of the service whose
        default it is, or the common one."""
        for service, known in self.services.items():
            if known.default_address == name and self.places(service):
                return self.address_name(service)
        if name in self.description.virtual_ips:
            return name
        return COMMON_ADDRESS if COMMON_ADDRESS in self.description.virtual_ips else None


@dataclass(frozen=True, slots=True)
class Placement:
    """One service on one cluster: the Site that it asks."""

    layout: Layout
    cluster: str
    service: str

    @property
    def nodes(self) -> tuple[str, ...]:
        return self.layout.nodes(self.cluster, self.service)

    @property
    def first(self) -> str:
        return self.nodes[0]

    def address(self, node: str, network: str = "internal") -> str:
        addresses = self.layout.description.nodes[node].addresses
        if network not in addresses:
            self._refuse(("nodes", node, "addresses"), f"it has no address in {network!r}", f"add `{network}: ADDRESS`")
        return str(addresses[network])

    def interface(self, node: str, network: str = "internal") -> str:
        interfaces = self.layout.description.nodes[node].interfaces
        if network not in interfaces and network != "internal":
            what = f"it has no interface in {network!r}"
            self._refuse(("nodes", node, "interfaces"), what, f"add `{network}: NAME`, as in `ip link`")
        return interfaces.get(network, "eth0")

    def has(self, service: str) -> bool:
        return bool(self.layout.places(service))

    def here(self, service: str) -> bool:
        return service in self.layout.clusters()[self.cluster][1].services

    def members(self, service: str) -> tuple[tuple[str, str], ...]:
        return self.layout.members(service)

    def endpoint(self, service: str, port: int, *, path: str = "", scheme: str | None = None) -> str:
        name = self.layout.address_name(service)
        if name is not None:
            address = str(self.layout.description.virtual_ips[name].address)
            scheme = scheme or ("https" if self.layout.description.tls else "http")
        elif members := self.members(service):
            address, scheme = members[0][1], scheme or "http"
        else:
            what = f"it has to know where {service!r} is, which is in no cluster"
            self._refuse(self.layout.path(self.cluster, self.service), what, f"add {service!r} to a cluster's services")
        return f"{scheme}://{bracketed(address)}:{port}{path}"

    def virtual_ip(self, name: str) -> str:
        known = self.layout.virtual_ip_name(name)
        if known is None:
            what = f"{self.service!r} needs the virtual IP {name!r}"
            instead = f"add `{name}: {{address: ...}}`, or `{COMMON_ADDRESS}` for all services"
            self._refuse(("virtual_ips",), what, instead)
        return str(self.layout.description.virtual_ips[known].address)

    def held(self, by: str = "keepalived") -> tuple[HeldAddress, ...]:
        description = self.layout.description
        return tuple(
            HeldAddress(name, str(ip.address), description.networks[ip.network].cidr.prefixlen, ip.network, ip.follows)
            for name, ip in description.virtual_ips.items()
            if ip.by == by and self.layout.holder(name) == self.cluster
        )

    @property
    def authority(self) -> str | None:
        tls = self.layout.description.tls
        return AUTHORITY_FILE if tls is not None and tls.authority is not None else None

    def wrong(self, option: str, what: str, instead: str) -> DescriptionError:
        path = (*self.layout.path(self.cluster, self.service), "options", option)
        return DescriptionError((self.layout.described.source.problem(path, what, instead),))

    def broker_url(self, account: str, password: str, virtual_host: str = "/") -> str:
        members = self.members("messaging") or (("localhost", "127.0.0.1"),)
        servers = ",".join(f"{account}:{mark(password)}@{bracketed(address)}:5672" for _, address in members)
        return f"rabbit://{servers}/{'' if virtual_host == '/' else quote(virtual_host, safe='')}"

    def database_url(self, database: Database, driver: str = "mysql+pymysql") -> str:
        server = self.endpoint("database", 3306, scheme="db").removeprefix("db://")
        return f"{driver}://{database.account}:{mark(database.password)}@{server}/{database.name}?charset=utf8mb4"

    def caches(self) -> str:
        return ",".join(f"{bracketed(address)}:11211" for _, address in self.members("memcached"))

    def _refuse(self, path: Path, what: str, instead: str) -> NoReturn:
        raise DescriptionError((self.layout.described.source.problem(path, what, instead),))
