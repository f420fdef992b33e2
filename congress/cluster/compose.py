"""A description and the services that can be had, put together: the whole deployment, as plain values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from pydantic import ValidationError

from congress.cluster import arrangement
from congress.cluster.declaring.keepalive import KEEPALIVE
from congress.cluster.deployment import Cluster, Deployment, Node, Placed, Tls, VirtualIp
from congress.cluster.errors import DescriptionError, Problem
from congress.cluster.model.advice import problems_of
from congress.cluster.model.description import ClusterDescription, FencingDevice
from congress.cluster.model.loading import Described
from congress.cluster.model.references import unknown
from congress.cluster.needed import needed_secrets
from congress.cluster.pacemaker.resources import Configuration, Constraint, Resource
from congress.cluster.placement import AUTHORITY_FILE, Layout, Placement
from congress.cluster.services.contract import Declaration, Refused, Service


def compose(described: Described, services: Mapping[str, type[Service]]) -> Deployment:
    """The deployment. `services`: what can be had, by name. Raises DescriptionError with all that is wrong."""
    layout = Layout(described, services)
    problems = [*_unavailable(layout), *_homeless(layout)]
    if problems:
        raise DescriptionError(tuple(problems))
    virtual_ips = _virtual_ips(layout)
    placed = {name: _placed(layout, name, problems) for name in layout.clusters()}
    if problems:
        raise DescriptionError(tuple(problems))
    clusters = tuple(
        _cluster(layout, name, cluster, placed[name], virtual_ips) for name, (_, cluster) in layout.clusters().items()
    )
    problems = [problem for cluster in clusters for problem in _twice(layout, cluster)]
    if problems:
        raise DescriptionError(tuple(problems))
    described_tls = described.description.tls
    tls = None
    if described_tls is not None:
        trusted = described_tls.authority is not None
        tls = Tls(authority="tls.authority" if trusted else None, authority_file=AUTHORITY_FILE if trusted else None)
    return Deployment(described.description.name, clusters, virtual_ips, needed_secrets(clusters, tls), tls)


def _unavailable(layout: Layout) -> Iterator[Problem]:
    """Services that nobody knows, that are refused, and that lack others."""
    source = layout.described.source
    wanted = {service for _, cluster in layout.clusters().values() for service in cluster.services}
    seen = set()
    for name, (_, cluster) in layout.clusters().items():
        for service in cluster.services:
            path = layout.path(name, service)
            if path in seen:
                continue
            seen.add(path)
            known = layout.services.get(service)
            if known is None:
                available = [other for other, had in layout.services.items() if not issubclass(had, Refused)]
                yield unknown(source, path, "service", service, available)
            elif issubclass(known, Refused):
                yield source.problem(path, f"{service} cannot be had: {known.reason}", known.instead)
            elif missing := [need for need in known.needs if need not in wanted]:
                lacking = ", ".join(missing)
                yield source.problem(path, f"it needs {lacking}", f"add {lacking} to the services of a cluster")
            elif not layout.nodes(name, service):
                yield source.problem(path, "none of the cluster's nodes can run it", "name its `nodes`")


def _homeless(layout: Layout) -> Iterator[Problem]:
    for name, virtual_ip in layout.description.virtual_ips.items():
        holder = layout.holder(name)
        path = ("virtual_ips", name)
        if holder is None or holder not in layout.clusters():
            choice = ", ".join(layout.places(virtual_ip.follows)) or f"one, after adding {virtual_ip.follows} to it"
            what = f"it is not known which cluster holds it: no single one has the service {virtual_ip.follows!r}"
            yield layout.described.source.problem(path, what, f"write `cluster:` with {choice}")
        elif virtual_ip.follows not in layout.clusters()[holder][1].services:
            what = f"cluster {holder!r} does not have the service {virtual_ip.follows!r}, which it follows"
            yield layout.described.source.problem(path, what, "name a cluster that has it, or another `follows`")


def _virtual_ips(layout: Layout) -> tuple[VirtualIp, ...]:
    description = layout.description
    return tuple(
        VirtualIp(
            name,
            str(ip.address),
            description.networks[ip.network].cidr.prefixlen,
            ip.network,
            layout.holder(name) or "",
            ip.by,
        )
        for name, ip in description.virtual_ips.items()
    )


def _nodes(layout: Layout, cluster: ClusterDescription) -> tuple[Node, ...]:
    found: list[Node] = []
    for name in cluster.nodes:
        node = layout.description.nodes[name]
        addresses = {network: str(address) for network, address in node.addresses.items()}
        interfaces = {"internal": "eth0"} | node.interfaces
        number = 0 if node.remote else 1 + sum(1 for other in found if not other.remote)
        found.append(Node(name, addresses, interfaces, node.host or name, node.remote, number))
    return tuple(found)


def _placed(layout: Layout, cluster: str, problems: list[Problem]) -> tuple[Placed, ...]:
    """What services declare for a cluster. Problems are added to the list, and their services left out."""
    found = []
    for name in layout.clusters()[cluster][1].services:
        service = layout.services[name]
        try:
            declaration = _declared(layout, cluster, name, service)
        except DescriptionError as error:
            problems.extend(problem for problem in error.problems if problem not in problems)
            continue
        before = dict.fromkeys(other for other in (*service.needs, *service.after) if layout.places(other))
        ids = arrangement.ids(declaration.resources)
        nodes = layout.nodes(cluster, name)
        found.append(Placed(name, service.mode, cluster, nodes, declaration, ids, tuple(before)))
    return tuple(found)


def _declared(layout: Layout, cluster: str, name: str, service: type[Service]) -> Declaration:
    described = layout.clusters()[cluster][1].services.get(name)
    path = (*layout.path(cluster, name), "options")
    try:
        options = service.Options.model_validate(described.options if described is not None else {})
    except ValidationError as error:
        raise DescriptionError(problems_of(error, service.Options, layout.described.source, path)) from error
    declaration = service().declare(Placement(layout, cluster, name), options)
    listeners = []
    for listener in declaration.listeners:
        address = layout.virtual_ip_name(listener.address)
        if address is None:
            what = f"its proxy listener {listener.name!r} has no virtual IP to listen on"
            instead = f"add `{listener.address}` or `api` to virtual_ips, or name one in `address`"
            raise DescriptionError((layout.described.source.problem(path[:-1], what, instead),))
        listeners.append(replace(listener, address=address))
    # Whoever talks to the database or the message bus has to notice that the machine there is gone.
    talks = bool(declaration.databases or declaration.broker_accounts)
    sysctl = {**KEEPALIVE, **declaration.sysctl} if talks else declaration.sysctl
    return replace(declaration, listeners=tuple(listeners), sysctl=sysctl)


def _cluster(
    layout: Layout,
    name: str,
    cluster: ClusterDescription,
    placed: tuple[Placed, ...],
    virtual_ips: tuple[VirtualIp, ...],
) -> Cluster:
    nodes = _nodes(layout, cluster)
    resources: list[Resource] = [resource for service in placed for resource in service.declaration.resources]
    constraints: list[Constraint] = [*arrangement.orders(placed, layout.services)]
    for service in placed:
        constraints += service.declaration.constraints
        constraints += arrangement.locations(service, nodes, service.resources)
    for virtual_ip in virtual_ips:
        if virtual_ip.cluster != name or virtual_ip.by != "pacemaker":
            continue
        followed = next(
            service for service in placed if service.service == layout.description.virtual_ips[virtual_ip.name].follows
        )
        holders = tuple(node for node in nodes if node.name in followed.nodes)
        resources.append(arrangement.address_resource(virtual_ip, holders))
        constraints += arrangement.address_constraints(virtual_ip, followed, layout.services[followed.service])
        constraints += arrangement.locations(followed, nodes, (arrangement.address_id(virtual_ip),))
    resources += [arrangement.remote_node(node) for node in nodes if node.remote]
    devices = _devices(layout, nodes)
    fencing = tuple(
        arrangement.fencing_device(device, described, tuple(node.name for node in nodes))
        for device, described in devices.items()
    )
    levels = tuple(
        level
        for node in nodes
        for level in arrangement.fencing_levels(node.name, layout.description.nodes[node.name], devices)
    )
    takes = {f"fence-{device}": 2 * described.timeout for device, described in devices.items()}
    slowest = max((sum(takes.get(device, 0.0) for device in level.devices) for level in levels), default=0.0)
    configuration = Configuration(
        nodes=tuple(node.name for node in nodes if not node.remote),
        resources=tuple(resources),
        constraints=tuple(dict.fromkeys(constraints)),
        fencing=fencing,
        levels=levels,
        properties=arrangement.properties(name, slowest, cluster.load_threshold),
        resource_defaults=arrangement.RESOURCE_DEFAULTS,
        attributes=arrangement.attributes(nodes),
    )
    return Cluster(name, nodes, placed, configuration, cluster.token, cluster.quorum_device)


def _devices(layout: Layout, nodes: tuple[Node, ...]) -> dict[str, FencingDevice]:
    members = {node.name for node in nodes}
    return {name: device for name, device in layout.description.fencing.items() if members & set(device.hosts)}


def _twice(layout: Layout, cluster: Cluster) -> Iterator[Problem]:
    """Ids that two resources of a cluster have."""
    flat = [resource.id for resource in (*cluster.configuration.resources, *cluster.configuration.fencing)]
    for name in _repeated(flat):
        path = ("clusters", layout.clusters()[cluster.name][0])
        what = f"two of the cluster's resources have the id {name!r}"
        yield layout.described.source.problem(path, what, "rename the node, virtual IP or device of that name")


def _repeated(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name, count in Counter(names).items() if count > 1)
