"""The description of a control plane, as its author writes it. What its words mean is in the fields' texts, which the
JSON schema and the reference carry, too.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Name: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z]([a-z0-9-]*[a-z0-9])?$", max_length=63)]
SecretName: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]+$")]
Address: TypeAlias = IPv4Address | IPv6Address


class Part(BaseModel):
    """A part of the description: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SecretReference(Part):
    """In the place of a value that nobody may read here."""

    secret: SecretName = Field(description="The name of the secret; `secrets` says where it comes from.")


class Network(Part):
    """A network that nodes are attached to."""

    cidr: IPv4Network | IPv6Network = Field(description="The range of its addresses, as 10.0.0.0/24.")


class NodeDescription(Part):
    """A machine, or a virtual one."""

    addresses: dict[Name, Address] = Field(description="Its address in each network; `internal` is needed.")
    interfaces: dict[Name, str] = Field(
        default_factory=dict, description="The network interface in each network; eth0 in `internal` when left away."
    )
    host: str | None = Field(
        default=None, description="The physical machine that it is on. Its own name when left away: it is one."
    )
    remote: bool = Field(
        default=False, description="A partial member without a vote, run by pacemaker_remote; as compute nodes are."
    )
    fencing: tuple[tuple[Name, ...], ...] = Field(
        default=(),
        description="Devices that switch it off, level by level; all of a level must succeed. When left away, each "
        "device that lists the node is a level, tried in the order in which they are written.",
    )


class FencingDevice(Part):
    """What switches nodes off."""

    agent: Annotated[str, StringConstraints(pattern=r"^fence_[a-z0-9_]+$")] = Field(
        description="The fence agent, as fence_ipmilan."
    )
    hosts: tuple[Name, ...] | dict[Name, str] = Field(
        description="The nodes that it can switch off; or a mapping of each to its name or plug at the device."
    )
    parameters: dict[str, str | int | float | SecretReference] = Field(
        default_factory=dict, description="The agent's parameters. Passwords are `{secret: name}`."
    )
    timeout: float = Field(default=20.0, gt=0, description="The seconds that switching off takes at most.")


class VirtualIpDescription(Part):
    """An address that moves between nodes."""

    address: Address = Field(description="The address, free in the network.")
    network: Name = Field(default="internal", description="The network that it is in.")
    cluster: Name | None = Field(
        default=None, description="The cluster that holds it; the one with the service it follows when left away."
    )
    by: Literal["pacemaker", "keepalived"] = Field(
        default="pacemaker",
        description="Who moves it. keepalived has no quorum: a network cut in two has the address twice.",
    )
    follows: Name = Field(
        default="loadbalancer", description="The service that must run (or be promoted) on the node with the address."
    )


class SecretSource(Part):
    """Where a secret comes from: one of the three."""

    environment: str | None = Field(default=None, description="A variable of the environment of congress-cluster.")
    file: str | None = Field(
        default=None, description="A file beside the description; its text without the last newline."
    )
    generated: int | None = Field(
        default=None,
        ge=16,
        le=256,
        description="So many random letters and digits, made once and kept in `secrets.store`.",
    )

    @model_validator(mode="after")
    def _one(self) -> SecretSource:
        given = [name for name in ("environment", "file", "generated") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError("a secret comes from one source; write one of environment, file and generated")
        return self


class Secrets(Part):
    """Where passwords and keys come from. They are never in the description itself."""

    store: str = Field(
        default="secrets.yaml", description="The file that keeps generated secrets, beside the description."
    )
    default: SecretSource | None = Field(
        default=None, description="The source of all that `named` does not have; only `generated` makes sense for many."
    )
    named: dict[SecretName, SecretSource] = Field(default_factory=dict, description="The source of each secret.")


class TlsDescription(Part):
    """How clients reach the virtual addresses with TLS. Files in PEM, beside the description."""

    certificate: str = Field(description="The file of the certificate, with the chain after it.")
    key: str = Field(description="The file of its private key.")
    authority: str | None = Field(default=None, description="The file of the authority that clients have to trust.")


class ServiceDescription(Part):
    """A service on a cluster."""

    nodes: tuple[Name, ...] = Field(
        default=(),
        description="The nodes that run it; when left away all full members, or for computes all remote ones.",
    )
    address: Name | None = Field(
        default=None, description="The virtual IP that it is found at, when it is neither its own one nor `api`."
    )
    options: dict[str, Any] = Field(default_factory=dict, description="The service's own settings.")


class ClusterDescription(Part):
    """One Pacemaker cluster: up to 16 full members that vote, and remote ones."""

    nodes: tuple[Name, ...] = Field(min_length=1, description="Its members.")
    services: dict[Name, ServiceDescription | None] = Field(description="What runs on it.")
    alone: bool = Field(default=False, description="Each of the nodes is a cluster by itself, named CLUSTER-NODE.")
    token: float = Field(
        default=1.0,
        gt=0,
        description="The seconds after which Corosync misses a silent member; 0.65 for each beyond two come to it.",
    )
    load_threshold: int = Field(
        default=10000,
        ge=0,
        description="Pacemaker's load-threshold: the load of a node, in percent of its processors, from which it does "
        "fewer things at a time there; 10000 means practically never, since an address is to move however busy a node "
        "is. Pacemaker's own default is 80.",
    )
    quorum_device: str | None = Field(
        default=None, description="The host of a third vote (corosync-qnetd), without which two nodes are no cluster."
    )


class Description(Part):
    """A control plane."""

    name: Name = Field(description="The name of the control plane.")
    architecture: Literal["collapsed", "segregated", "mixed"] = Field(
        description="collapsed: one cluster carries all (computes may be apart). segregated: each service has its own. "
        "mixed: as written."
    )
    networks: dict[Name, Network] = Field(description="The networks by name; `internal` is needed.")
    nodes: dict[Name, NodeDescription] = Field(description="The machines by name.")
    fencing: dict[Name, FencingDevice] = Field(default_factory=dict, description="The fencing devices by name.")
    virtual_ips: dict[Name, VirtualIpDescription] = Field(
        default_factory=dict,
        description="The virtual addresses by name. One named `api` serves all services without an own one.",
    )
    secrets: Secrets = Field(default_factory=Secrets, description="Where passwords and keys come from.")
    tls: TlsDescription | None = Field(default=None, description="TLS at the virtual addresses.")
    clusters: dict[Name, ClusterDescription] = Field(min_length=1, description="The Pacemaker clusters by name.")
