"""A deployment of three nodes that has everything, for pages and examples: nothing of it is real."""

from __future__ import annotations

from dataclasses import dataclass

from congress.cluster.errors import DescriptionError, Problem
from congress.cluster.secrets import mark
from congress.cluster.services.contract import Database, HeldAddress

_NODES = {"node1": "192.0.2.11", "node2": "192.0.2.12", "node3": "192.0.2.13"}
_ADDRESS = "192.0.2.100"


@dataclass(frozen=True, slots=True)
class ExampleSite:
    """A Site, see `congress.cluster.services.contract`. `services`: the names of those that it has."""

    services: tuple[str, ...]
    cluster: str = "control"

    @property
    def nodes(self) -> tuple[str, ...]:
        return tuple(_NODES)

    @property
    def first(self) -> str:
        return self.nodes[0]

    def address(self, node: str, network: str = "internal") -> str:  # noqa: ARG002
        return _NODES[node]

    def interface(self, node: str, network: str = "internal") -> str:  # noqa: ARG002
        return "eth0" if network == "internal" else "eth1"

    def has(self, service: str) -> bool:
        return service in self.services

    def here(self, service: str) -> bool:
        return service in self.services

    def members(self, service: str) -> tuple[tuple[str, str], ...]:
        return tuple(_NODES.items()) if self.has(service) else ()

    def endpoint(self, service: str, port: int, *, path: str = "", scheme: str | None = None) -> str:  # noqa: ARG002
        return f"{scheme or 'http'}://{_ADDRESS}:{port}{path}"

    def virtual_ip(self, name: str) -> str:  # noqa: ARG002
        return _ADDRESS

    def held(self, by: str = "keepalived") -> tuple[HeldAddress, ...]:
        if by == "keepalived":
            return (HeldAddress("outside", "198.51.100.100", 24, "external"),)
        return tuple(HeldAddress(name, _ADDRESS, 24, "internal", name) for name in self.services)

    @property
    def authority(self) -> str | None:
        return None

    def wrong(self, option: str, what: str, instead: str) -> DescriptionError:
        return DescriptionError((Problem("example", 1, option, what, instead),))

    def broker_url(self, account: str, password: str, virtual_host: str = "/") -> str:
        servers = ",".join(f"{account}:{mark(password)}@{address}:5672" for address in _NODES.values())
        return f"rabbit://{servers}/{virtual_host.removeprefix('/')}"

    def database_url(self, database: Database, driver: str = "mysql+pymysql") -> str:
        return (
            f"{driver}://{database.account}:{mark(database.password)}@{_ADDRESS}:3306/{database.name}?charset=utf8mb4"
        )

    def caches(self) -> str:
        return ",".join(f"{address}:11211" for address in _NODES.values())
