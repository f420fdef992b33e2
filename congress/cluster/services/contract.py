"""What a service of the control plane tells about itself. One subclass in one file; nothing else names a service.

The composer (`congress.cluster.deployment`) asks each wanted service for a Declaration, once for each Pacemaker cluster
that it is on, and puts all of them together.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import ClassVar, Literal, Protocol

import pydantic

from congress.cluster.errors import DescriptionError
from congress.cluster.pacemaker.resources import Constraint, Resource
from congress.errors import CongressError


class Mode(Enum):
    """How instances share the work."""

    ACTIVE_ACTIVE = "active/active"
    ACTIVE_PASSIVE = "active/passive"
    ONE_NODE = "one node"
    """Each node serves for itself only."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of one node, or of all nodes of the cluster when `node` is None. `content` may hold marks of secrets,
    which a file that others may read must not. `notify`: units or resources that have to read it again."""

    path: str
    content: str
    mode: int = 0o644
    owner: str = "root"
    group: str = "root"
    node: str | None = None
    notify: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Port:
    """What a service listens on, on which of its node's networks. `by`: the process, as people call it."""

    number: int
    network: str
    by: str
    protocol: Literal["tcp", "udp"] = "tcp"


@dataclass(frozen=True, slots=True)
class Database:
    """A schema, and the account that may use it. `password`: the name of a secret."""

    name: str
    account: str
    password: str


@dataclass(frozen=True, slots=True)
class BrokerAccount:
    """An account of the message bus. `password`: the name of a secret. `monitors`: it looks at the state of nodes and
    queues, and may do nothing with them."""

    name: str
    password: str
    virtual_host: str = "/"
    monitors: bool = False


@dataclass(frozen=True, slots=True)
class Once:
    """A step of the first installation, run on one node (the cluster's first), and not again when `done` succeeds.

    `command` and `done`: for `sh -c`; they may hold marks of secrets. `after`: services that must run before. Steps
    come before the first start of the service's own resources, unless `after` names the service itself."""

    name: str
    command: str
    done: str
    user: str = "root"
    after: tuple[str, ...] = ()
    every_node: bool = False


@dataclass(frozen=True, slots=True)
class Unit:
    """The command behind a `systemd:` resource, in the foreground: what its unit runs. A rehearsal without systemd runs
    it by itself. `packages` of the rehearsal come from PyPI or Debian."""

    name: str
    command: str
    user: str = "root"
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Check:
    """How the proxy finds out whether a server works. `http`: the path that must answer with `status`; None: connecting
    is all. Times are seconds.

    A server that died refuses, or takes no connection within `interval`. `timeout` is for one that took it: it may only
    be slow, as all of them are while a peer comes back, and must not be left for that: the others answer no faster.
    `again`: until the next look at one that was found changed, when clients cannot be sent to another server before it
    is left, as with one writer; else a moment's weakness of all servers would leave none."""

    http: str | None = None
    status: str = "200"
    port: int | None = None
    interval: float = 1.0
    again: float | None = None
    timeout: float = 5.0
    rise: int = 2
    fall: int = 2


@dataclass(frozen=True, slots=True)
class Listener:
    """One address and port of the proxy, and who answers behind it. `address`: the name of a virtual IP.

    `stickiness`: 'cookie' and 'source' keep a client at one server; 'first' sends all to one server and the others wait
    (one writer). `members`: the nodes that answer, all of the service's when empty. `options`: what haproxy.cfg has
    after `option`. Times are seconds."""

    name: str
    address: str
    port: int
    server_port: int
    check: Check
    mode: Literal["http", "tcp"] = "http"
    stickiness: Literal["none", "cookie", "source", "first"] = "none"
    members: tuple[str, ...] = ()
    network: str = "internal"
    connect_timeout: float = 5.0
    client_timeout: float = 60.0
    server_timeout: float = 60.0
    tunnel_timeout: float | None = None
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HealthTest:
    """Whether an instance works, asked on its node: a command for `sh -c` that ends with 0, within so many seconds."""

    command: str
    timeout: float = 10.0


@dataclass(frozen=True, slots=True)
class Rotation:
    """Keys that follow each other, by the names of their secrets: with `primary` everything new is made, it becomes
    `former` and still opens what it made, and `staged`, which everybody knows by then, becomes the next primary."""

    name: str
    staged: str
    primary: str
    former: str


@dataclass(frozen=True, slots=True)
class Membership:
    """A list of its members that a service keeps by itself, and which whoever leaves has to be taken out of.

    `listed`: a command that prints the names of their nodes, one a line, asked on a member. `drain`: what is done on
    another member while the node NODE still runs there, and is to leave. `forget`: what takes it out, on another
    member, when it does not run there. `left`: what the node itself does then, so that it can come back as a new
    member. All for `sh -c`, with NODE as a variable of the shell."""

    listed: str
    drain: str
    forget: str
    left: str


@dataclass(frozen=True, slots=True)
class Declaration:
    """All that one service means for one cluster. `packages` are Debian's; `sysctl` is for all of the nodes."""

    packages: tuple[str, ...] = ()
    files: tuple[File, ...] = ()
    sysctl: Mapping[str, str] = field(default_factory=dict)
    ports: tuple[Port, ...] = ()
    databases: tuple[Database, ...] = ()
    broker_accounts: tuple[BrokerAccount, ...] = ()
    once: tuple[Once, ...] = ()
    units: tuple[Unit, ...] = ()
    not_at_boot: tuple[str, ...] = ()
    """Units of the packages that must not start by themselves, beside those of `systemd:` resources."""
    resources: tuple[Resource, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    listeners: tuple[Listener, ...] = ()
    health: HealthTest | None = None
    membership: Membership | None = None
    accounts: tuple[str, ...] = ()
    """System accounts, each with a group of its name, that no package makes; they have to be there before the files."""
    secrets: tuple[str, ...] = ()
    """Secrets that it needs beside those that its other parts name."""
    rotations: tuple[Rotation, ...] = ()


@dataclass(frozen=True, slots=True)
class HeldAddress:
    """A virtual IP, for who holds it itself. `follows`: the service that has to be where it is."""

    name: str
    address: str
    prefix: int
    network: str
    follows: str = "loadbalancer"


class Site(Protocol):
    """What a service may ask about the deployment while it declares itself. `cluster`: the name of the cluster that is
    asked about now. Raises congress.cluster.errors.DescriptionError, naming the place in the description."""

    @property
    def cluster(self) -> str:
        """The name of the cluster."""

    @property
    def nodes(self) -> tuple[str, ...]:
        """The nodes of this cluster that run the service, in order."""

    @property
    def first(self) -> str:
        """The node on which first steps are done."""

    def address(self, node: str, network: str = "internal") -> str:
        """A node's address in a network."""

    def interface(self, node: str, network: str = "internal") -> str:
        """The name of a node's network interface."""

    def has(self, service: str) -> bool:
        """Whether the deployment has this service anywhere."""

    def here(self, service: str) -> bool:
        """Whether this cluster has it, so that constraints may name its resources."""

    def members(self, service: str) -> tuple[tuple[str, str], ...]:
        """Names and internal addresses of the nodes of a service, wherever it is."""

    def endpoint(self, service: str, port: int, *, path: str = "", scheme: str | None = None) -> str:
        """The URL of a service behind its virtual address (or its cluster's load balancer)."""

    def virtual_ip(self, name: str) -> str:
        """The address of a virtual IP by its name."""

    def held(self, by: str = "keepalived") -> tuple[HeldAddress, ...]:
        """The virtual IPs of this cluster that are in these hands."""

    @property
    def authority(self) -> str | None:
        """The file, on every node, of the authority that clients of https addresses trust; None: the system's."""

    def wrong(self, option: str, what: str, instead: str) -> DescriptionError:
        """What to raise when an option of the service does not go with the rest of the description."""

    def broker_url(self, account: str, password: str, virtual_host: str = "/") -> str:
        """oslo.messaging's transport_url, with all members of the message bus; the password is a mark."""

    def database_url(self, database: Database, driver: str = "mysql+pymysql") -> str:
        """SQLAlchemy's URL through the database's address; the password is a mark."""

    def caches(self) -> str:
        """host:port of all members of memcached, with commas; empty without the service."""


class NoOptions(pydantic.BaseModel):
    """A service without settings of its own."""

    model_config = pydantic.ConfigDict(extra="forbid")


class Service(ABC):
    """`name`: as in the description; `needs`: services that have to be in the deployment; `after`: those among them
    whose resources start before ours when they are in the same cluster (the composer makes these orders from `entry`
    and `exit` of both)."""

    name: ClassVar[str]
    title: ClassVar[str]
    mode: ClassVar[Mode]
    needs: ClassVar[tuple[str, ...]] = ()
    after: ClassVar[tuple[str, ...]] = ()
    default_address: ClassVar[str | None] = None
    """The name of the virtual IP that it is found at, when it has one."""
    entry: ClassVar[tuple[str, ...]] = ()
    """The resources that others' resources must precede."""
    exit: ClassVar[tuple[tuple[str, Literal["start", "promote"]], ...]] = ()
    """The resources, and the action of each, that whoever comes after this service waits for."""
    for_remote_nodes: ClassVar[bool] = False
    """It runs on all remote nodes of a cluster that has some, where the description does not say otherwise."""
    Options: ClassVar[type[pydantic.BaseModel]] = NoOptions

    @abstractmethod
    def declare(self, site: Site, options: pydantic.BaseModel) -> Declaration:
        """What the service means for `site.cluster`."""


class Refused(Service):
    """A service of former deployments that is named to say why it cannot be had. Descriptions that want it are refused
    when they are read, so `declare` is only for callers who did not read one; it raises CongressError."""

    mode = Mode.ONE_NODE
    reason: ClassVar[str]
    instead: ClassVar[str]

    def declare(self, site: Site, options: pydantic.BaseModel) -> Declaration:  # noqa: ARG002
        raise CongressError(f"{self.name} cannot be had: {self.reason}; {self.instead}")
