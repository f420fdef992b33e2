"""Which clients a deployment can have, as plain values for the process that is all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from congress.cluster.deployment import Deployment
from congress.cluster.lab.clients.probes import (
    AddressProbe,
    BusProbe,
    CatalogueProbe,
    DatabaseProbe,
    LoginProbe,
    PolicyProbe,
    Probe,
)
from congress.cluster.services.contract import BrokerAccount, Listener

PASSWORD = "lab-clients"  # noqa: S105 - the name of a secret
ADMIN = "keystone-admin"
BUS_PORT = 5672
Wanted = Mapping[str, Any]


def wanted(deployment: Deployment, secret: Callable[[str], str]) -> Wanted:
    """What `probes` makes clients from."""
    places = {listener.name: _place(deployment, listener) for listener in _listeners(deployment)}
    found: dict[str, Any] = {name: places[name] for name in ("keystone", "congress", "database") if name in places}
    if "keystone" in found:
        found["admin"] = secret(ADMIN)
    if "database" in found:
        found["password"] = secret(PASSWORD)
    account = next(iter(_accounts(deployment)), None)
    members = [
        node.addresses["internal"]
        for cluster in deployment.clusters
        for placed in cluster.services
        if placed.service == "messaging"
        for node in cluster.nodes
        if node.name in placed.nodes
    ]
    if account is not None and members:
        found["bus"] = [members, BUS_PORT, account.name, secret(account.password)]
    return found


def probes(given: Wanted) -> tuple[Probe, ...]:
    """The clients."""
    found: list[Probe] = []
    if "keystone" in given:
        address, port = given["keystone"]
        login = LoginProbe(address, port, given["admin"])
        found += [AddressProbe(address, port), CatalogueProbe(address, port, "/v3"), login]
        if "congress" in given:
            # Its first request needs a token.
            login.ask()
            address, port = given["congress"]
            found.append(PolicyProbe(address, port, login))
    if "database" in given:
        address, port = given["database"]
        found.append(DatabaseProbe(address, port, given["password"]))
    if "bus" in given:
        found.append(BusProbe(*given["bus"]))
    return tuple(found)


def _listeners(deployment: Deployment) -> Iterator[Listener]:
    for cluster in deployment.clusters:
        for placed in cluster.services:
            yield from placed.declaration.listeners


def _place(deployment: Deployment, listener: Listener) -> Sequence[str | int]:
    address = next(ip.address for ip in deployment.virtual_ips if ip.name == listener.address)
    return [address, listener.port]


def _accounts(deployment: Deployment) -> Iterator[BrokerAccount]:
    for cluster in deployment.clusters:
        for placed in cluster.services:
            yield from placed.declaration.broker_accounts
