"""The page about all services, from what they declare: `python -m congress.cluster.services.reference`."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterable, Iterator

import pydantic

from congress.cluster.declaring.example_site import ExampleSite
from congress.cluster.pacemaker.resources import Clone, Group, Order, Primitive, Resource
from congress.cluster.secrets import names
from congress.cluster.services.contract import Declaration, Listener, Refused, Service
from congress.cluster.services.registry import services

_HEAD = """\
# Services of a control plane

What a description may name below `services`. Each is one module of `congress/cluster/services`, which tells everything
about it; nothing else has a list of them. This page is written from them by `make docs`.

*needs*: services that have to be somewhere in the deployment. *after*: services whose resources start first when they
are in the same cluster, without taking this one along when they fail. *address*: the virtual IP that it is found at, or
`api` where there is none of that name. Times are seconds.

Virtual addresses are no service. They are described below `virtual_ips`, and each is a resource `vip-NAME` that is
only where what it `follows` runs: the load balancer, unless another service is named. `keepalived` is for those that
Pacemaker shall not move.

A service more is a module more, with a subclass of `Service` (`contract.py` says what it tells, and what it may ask
about the deployment). It then is in descriptions, checks, plans, proofs, and on this page; the tests in
`tests/cluster/services` hold it to what all services promise.
"""
_EXAMPLES = {"shares": ["nfs.example.org:/volumes"], "resolvers": ["192.0.2.53"]}


def page() -> str:
    """The whole page."""
    wanted = [service for service in services().values() if not issubclass(service, Refused)]
    refused = [service for service in services().values() if issubclass(service, Refused)]
    parts = [_HEAD, *_overview(wanted)]
    for service in wanted:
        parts += _chapter(service)
    parts.append("\n## Refused\n")
    parts += [
        f"\n`{service.name}` ({service.title}): {service.reason}. Instead, {service.instead}.\n" for service in refused
    ]
    return "".join(parts)


def example_options(service: type[Service]) -> pydantic.BaseModel:
    """Options of a service, with examples for those that have no default."""
    fields = service.Options.model_fields.items()
    return service.Options.model_validate({name: _EXAMPLES[name] for name, field in fields if field.is_required()})


def _overview(wanted: Iterable[type[Service]]) -> Iterator[str]:
    yield "\n| service | what | mode | needs |\n|---|---|---|---|\n"
    for service in wanted:
        link = f"[{service.name}](#{service.name})"
        yield f"| {link} | {service.title} | {service.mode.value} | {_names(service.needs)} |\n"


def _chapter(service: type[Service]) -> Iterator[str]:
    declaration = service().declare(ExampleSite(tuple(services())), example_options(service))
    module = sys.modules[service.__module__]
    yield f"\n## {service.name}\n\n{service.title}. {_flat(module.__doc__)}\n\n{_flat(service.__doc__)}\n\n"
    yield f"- mode: {service.mode.value}\n"
    for title, text in _facts(service, declaration):
        if text:
            yield f"- {title}: {text}\n"
    yield from _resources(declaration)
    yield from _listeners(declaration.listeners)
    yield from _options(service)


def _facts(service: type[Service], declaration: Declaration) -> Iterator[tuple[str, str]]:
    yield "needs", _names(service.needs)
    yield "after", _names(service.after)
    yield "address", f"`{service.default_address}`" if service.default_address else ""
    yield "packages", _names(declaration.packages)
    ports = sorted({(port.number, port.protocol, port.by) for port in declaration.ports})
    yield "ports", ", ".join(f"{number}/{protocol} ({by})" for number, protocol, by in ports)
    yield "databases", _names(database.name for database in declaration.databases)
    yield "accounts of the message bus", _names(account.name for account in declaration.broker_accounts)
    yield "files", _names(sorted({file.path for file in declaration.files}))
    yield "kernel", _names(f"{name}={value}" for name, value in declaration.sysctl.items())
    yield "once", "; ".join(f"{once.name}{' (each node)' if once.every_node else ''}" for once in declaration.once)
    marked = {name for file in declaration.files for name in names(file.content)}
    marked |= {*declaration.secrets, *(database.password for database in declaration.databases)}
    marked |= {account.password for account in declaration.broker_accounts}
    yield "secrets", _names(sorted(marked))
    orders = [constraint for constraint in declaration.constraints if isinstance(constraint, Order)]
    yield (
        "orders among its own",
        "; ".join(
            f"`{order.first}` before `{order.then}`{' (optional)' if order.kind == 'Optional' else ''}"
            for order in orders
        ),
    )


def _resources(declaration: Declaration) -> Iterator[str]:
    if not declaration.resources:
        return
    yield "\n| resource | agent | instances | monitored every | stop within |\n|---|---|---|---|---|\n"
    for resource in declaration.resources:
        for primitive in _primitives(resource):
            monitors = [operation for operation in primitive.operations if operation.name == "monitor"]
            every = ", ".join(
                f"{operation.interval:g}{f' ({operation.role})' if operation.role else ''}" for operation in monitors
            )
            stops = ", ".join(
                f"{operation.timeout:g}" for operation in primitive.operations if operation.name == "stop"
            )
            yield f"| `{resource.id}` | `{primitive.agent}` | {_instances(resource)} | {every} | {stops} |\n"


def _primitives(resource: Resource) -> tuple[Primitive, ...]:
    if isinstance(resource, Group):
        return resource.members
    return (resource.primitive if isinstance(resource, Clone) else resource,)


def _instances(resource: Resource) -> str:
    if not isinstance(resource, Clone):
        return "one"
    if not resource.promotable:
        return "each node"
    return "each node, all promoted" if resource.promoted_max > 1 else "each node, one promoted"


def _listeners(listeners: Iterable[Listener]) -> Iterator[str]:
    shown = tuple(listeners)
    if not shown:
        return
    yield "\n| listener | address and port | mode | check | stickiness | answer within |\n|---|---|---|---|---|---|\n"
    for listener in shown:
        check = listener.check
        asked = f"`GET {check.http}` gives {check.status}" if check.http else "connects"
        where = f" at {check.port}" if check.port else ""
        yield (
            f"| {listener.name} | `{listener.address}`:{listener.port} | {listener.mode} | {asked}{where}, every "
            f"{check.interval:g} | {listener.stickiness} | {listener.server_timeout:g} |\n"
        )


def _options(service: type[Service]) -> Iterator[str]:
    fields = service.Options.model_fields
    if not fields:
        return
    yield "\n| option | default | meaning |\n|---|---|---|\n"
    for name, field in fields.items():
        default = "has to be given" if field.is_required() else f"`{_default(field)}`"
        yield f"| `{name}` | {default} | {field.description} |\n"


def _default(field: pydantic.fields.FieldInfo) -> object:
    value = field.get_default(call_default_factory=True)
    return "none" if value is None else value


def _names(texts: Iterable[str]) -> str:
    return ", ".join(f"`{text}`" for text in texts)


def _flat(text: str | None) -> str:
    return " ".join(inspect.cleandoc(text or "").split())


if __name__ == "__main__":
    print(page(), end="")
