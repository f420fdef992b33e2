"""What is different in the laboratory, and nothing else is: a deployment for real machines to one for namespaces.

Units of systemd become resources of our agent that run the same commands; power switches become the laboratory's. Ids,
operations, constraints and files stay, so what happens after a failure stays, too. Everything here is pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from congress.cluster.deployment import Cluster, Deployment, Placed
from congress.cluster.lab.provision import AGENT, FENCE_AGENT, LabUnit
from congress.cluster.pacemaker.resources import Clone, Configuration, Group, Primitive, Resource
from congress.cluster.services.contract import Declaration, File


def rehearsed(deployment: Deployment) -> Deployment:
    """The deployment as the laboratory runs it."""
    return replace(deployment, clusters=tuple(_cluster(cluster) for cluster in deployment.clusters))


def _cluster(cluster: Cluster) -> Cluster:
    configuration = cluster.configuration
    return replace(
        cluster,
        configuration=_configuration(configuration),
        services=tuple(_placed(placed) for placed in cluster.services),
    )


def _configuration(configuration: Configuration) -> Configuration:
    return replace(
        configuration,
        resources=tuple(map(_resource, configuration.resources)),
        fencing=tuple(map(_device, configuration.fencing)),
    )


def _resource(resource: Resource) -> Resource:
    match resource:
        case Primitive():
            return _primitive(resource)
        case Clone():
            return replace(resource, primitive=_primitive(resource.primitive))
        case Group():
            return replace(resource, members=tuple(map(_primitive, resource.members)))


def _primitive(primitive: Primitive) -> Primitive:
    return replace(primitive, agent=AGENT, parameters={"unit": primitive.unit}) if primitive.unit else primitive


def _device(device: Primitive) -> Primitive:
    """The switch knows all nodes by name; which of them the device is for, and how Pacemaker is to use it, stays."""
    kept = {name: value for name, value in device.parameters.items() if name.startswith("pcmk_")}
    # A map of names to sockets of a power strip means nothing here; its names do.
    sockets = kept.pop("pcmk_host_map", None)
    if sockets is not None and "pcmk_host_list" not in kept:
        pairs = sockets.replace(";", " ").split()
        kept["pcmk_host_list"] = " ".join(pair.partition(":")[0] for pair in pairs)
    return replace(device, agent=FENCE_AGENT, parameters=kept)


def _placed(placed: Placed) -> Placed:
    declaration = placed.declaration
    files = (*declaration.files, *(unit.file() for unit in units(declaration)))
    return replace(
        placed,
        declaration=replace(declaration, resources=tuple(map(_resource, declaration.resources)), files=files),
    )


def units(declaration: Declaration) -> Iterator[LabUnit]:
    """A service's units. The service's test tells when a unit has started if it is all that the cluster starts."""
    started = {primitive.unit for resource in declaration.resources for primitive in _primitives(resource)}
    for unit in declaration.units:
        whole = started == {unit.name}
        yield LabUnit(
            unit.name,
            f"{unit.command}{FEWER.get(unit.name, '')}",
            unit.user,
            unit.environment,
            health=declaration.health.command if whole and declaration.health else "",
            reload=RELOADS.get(unit.name, ""),
            restart=unit.name not in started,
        )


FEWER = {"haproxy": " -n 2000"}
"""Arguments that let a program take fewer connections: a shared machine may not allow many open files."""

RELOADS = {"haproxy": "kill -USR2 $MAINPID"}
"""What `ExecReload` of Debian's units does."""


def _primitives(resource: Resource) -> tuple[Primitive, ...]:
    match resource:
        case Primitive():
            return (resource,)
        case Clone():
            return (resource.primitive,)
        case Group():
            return resource.members


def started_at_boot(deployment: Deployment, node: str) -> tuple[str, ...]:
    """Units of a node that nobody but its own start starts."""
    return tuple(
        unit.name
        for cluster in deployment.clusters
        for placed in cluster.services
        if node in placed.nodes
        for unit in units(placed.declaration)
        if unit.restart
    )


def accounts(deployment: Deployment) -> frozenset[str]:
    """Accounts that units and files of the deployment belong to."""
    declarations = [placed.declaration for cluster in deployment.clusters for placed in cluster.services]
    wanted = {unit.user for declaration in declarations for unit in declaration.units}
    files: list[File] = [file for declaration in declarations for file in declaration.files]
    wanted |= {name for file in files for name in (file.owner, file.group)}
    return frozenset(wanted - {"root"})
