"""A wrong deployment for each check: made from a good one by another description, or a change of what follows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from congress.cluster.checks.check import Subject, Surroundings
from congress.cluster.compose import compose
from congress.cluster.model.loading import parse
from congress.cluster.pacemaker.resources import Clone, Colocation, Operation, Order, Primitive
from congress.cluster.services.contract import Check, File, Mode, Port
from congress.cluster.services.registry import services
from tests.cluster.checks.certificates import certificate
from tests.cluster.services.descriptions import segregated
from tests.cluster.stand_ins import DESCRIPTION, SERVICES

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def subject(text: str = DESCRIPTION, **around: Any) -> Subject:
    described = parse(text)
    return Subject(described, compose(described, SERVICES), SERVICES, Surroundings(**({"now": NOW} | around)))


@dataclass(frozen=True)
class Wrong:
    """`made`: the subject; `told`: what the finding's text has in it."""

    code: str
    name: str
    made: Callable[[], Subject]
    told: str


def written(old: str, new: str, **around: Any) -> Callable[[], Subject]:
    """The description with other words."""
    assert old in DESCRIPTION
    return lambda: subject(DESCRIPTION.replace(old, new), **around)


def two_groups() -> Subject:
    """Two clusters with keepalived, and addresses in one network."""
    text = segregated().replace(
        "secrets: {default",
        "  second: {address: 192.0.2.101, network: external, by: keepalived, cluster: keystone, follows: keystone}\n"
        "secrets: {default",
    )
    text = text.replace("services:\n      keystone:\n", "services:\n      keystone:\n      keepalived:\n")
    described = parse(text)
    return Subject(described, compose(described, services()), services(), Surroundings(now=NOW))


def configured(**changes: Any) -> Callable[[], Subject]:
    """The cluster's configuration with other values; a function is called with the old one."""

    def made() -> Subject:
        whole = subject()
        (cluster,) = whole.deployment.clusters
        old = cluster.configuration
        new = {name: value(getattr(old, name)) if callable(value) else value for name, value in changes.items()}
        cluster = replace(cluster, configuration=replace(old, **new))
        return replace(whole, deployment=replace(whole.deployment, clusters=(cluster,)))

    return made


def declared(service: str, mode: Mode | None = None, **changes: Any) -> Callable[[], Subject]:
    """What a service declares, with other values; the configuration stays."""

    def made() -> Subject:
        whole = subject()
        (cluster,) = whole.deployment.clusters
        services = []
        for placed in cluster.services:
            if placed.service == service:
                old = placed.declaration
                new = {name: value(getattr(old, name)) if callable(value) else value for name, value in changes.items()}
                placed = replace(placed, declaration=replace(old, **new), mode=mode or placed.mode)
            services.append(placed)
        cluster = replace(cluster, services=tuple(services))
        return replace(whole, deployment=replace(whole.deployment, clusters=(cluster,)))

    return made


def listening(service: str, **changes: Any) -> Callable[[], Subject]:
    """A service's listener with other values."""
    return declared(service, listeners=lambda old: (replace(old[0], **changes),))


def without(kind: type, **fields: Any) -> Callable[[tuple[Any, ...]], tuple[Any, ...]]:
    """A tuple without those of a kind that have these values."""

    def left(old: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(
            one
            for one in old
            if not (isinstance(one, kind) and all(getattr(one, name) == value for name, value in fields.items()))
        )

    return left


def plus(*more: Any) -> Callable[[tuple[Any, ...]], tuple[Any, ...]]:
    return lambda old: (*old, *more)


def with_operations(change: Callable[[tuple[Operation, ...]], tuple[Operation, ...]]) -> Callable[..., tuple[Any, ...]]:
    """The resources, with other operations of `scheduler`."""

    def changed(old: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(
            replace(one, operations=change(one.operations))
            if isinstance(one, Primitive) and one.id == "scheduler"
            else one
            for one in old
        )

    return changed


def renamed(old: str, new: str) -> Callable[[tuple[File, ...]], tuple[File, ...]]:
    """Files in which a text is another one."""
    return lambda files: tuple(replace(file, content=file.content.replace(old, new)) for file in files)


def not_interleaved(resources: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(
        replace(one, interleave=False) if isinstance(one, Clone) and one.id == "web-clone" else one for one in resources
    )


TLS = "tls: {certificate: api.crt, key: api.key}\nsecrets:"
GOOD, KEY = certificate(NOW - timedelta(days=1), NOW + timedelta(days=300), "10.0.0.100", "10.0.0.101")
ENDED, ENDED_KEY = certificate(NOW - timedelta(days=99), NOW - timedelta(days=9), "10.0.0.100")
ENDING, ENDING_KEY = certificate(NOW - timedelta(days=9), NOW + timedelta(days=9), "10.0.0.100")

SEVENTEEN = "".join(f"  more{number}: {{addresses: {{internal: 10.0.0.{30 + number}}}}}\n" for number in range(1, 15))
MORE = ", ".join(f"more{number}" for number in range(1, 15))

WRONG = (
    Wrong("CL001", "two nodes", lambda: two_nodes(), "'control' has 2 votes: no majority is left after one loss"),
    Wrong(
        "CL001",
        "three nodes and a quorum device",
        written(
            "    nodes: [node1, node2, node3]\n", "    nodes: [node1, node2, node3]\n    quorum_device: 10.0.0.9\n"
        ),
        "4 votes may part into halves",
    ),
    Wrong("CL002", "seventeen members", lambda: seventeen(), "'control' has 17 full members, more than 16"),
    Wrong(
        "CL003",
        "no fencing of a node",
        written("[node1, node2, node3]\n    par", "[node1, node2]\n    par"),
        "nodes.node3",
    ),
    Wrong("CL003", "fencing turned off", configured(properties={"stonith-enabled": "false"}), "fencing is turned off"),
    Wrong("CL004", "a switch on its own node", written("username: admin", "ip: 10.0.0.12"), "an address of 'node2'"),
    Wrong("CL005", "slow fencing", configured(properties={"stonith-timeout": "30s"}), "fencing is given up after 30 s"),
    Wrong("CL006", "two nodes on a machine", written("host: rack2", "host: rack1"), "'rack1' carries node1, node2"),
    Wrong(
        "CL007",
        "a database on two nodes",
        written("      database:\n", "      database: {nodes: [node1, node2]}\n"),
        "Galera is on 2 nodes, and keeps its data by a majority",
    ),
    Wrong(
        "CL008",
        "a service on one node",
        written("      scheduler:\n", "      scheduler: {nodes: [node1]}\n"),
        "only 'node1' can run it",
    ),
    Wrong(
        "CL010", "many writers", listening("database", stickiness="source"), "spreads writers over the nodes of Galera"
    ),
    Wrong("CL010", "no proxy for the database", declared("database", listeners=()), "without the proxy"),
    Wrong(
        "CL011",
        "partitions are ignored",
        declared("broker", files=renamed("pause_minority", "ignore")),
        "RabbitMQ would ignore",
    ),
    Wrong(
        "CL012",
        "classic queues",
        declared("web", files=renamed("rabbit_quorum_queue = True\n", "")),
        "/etc/web.conf uses RabbitMQ without quorum queues",
    ),
    Wrong(
        "CL013",
        "members that are wiped",
        declared(
            "broker",
            resources=lambda old: tuple(
                replace(each, primitive=replace(each.primitive, agent="ocf:heartbeat:rabbitmq-cluster")) for each in old
            ),
        ),
        "has members forgotten that left, and wipes them when they return",
    ),
    Wrong(
        "CL020",
        "a slow token",
        written("    nodes: [node1, node2, node3]\n", "    nodes: [node1, node2, node3]\n    token: 5\n"),
        "an address moves 13.4 s after a crash, not in 8 s",
    ),
    Wrong(
        "CL020",
        "a hasty token",
        written("    nodes: [node1, node2, node3]\n", "    nodes: [node1, node2, node3]\n    token: 0.2\n"),
        "a node that is only busy is taken for dead",
    ),
    Wrong(
        "CL021",
        "nobody looks",
        configured(resources=with_operations(lambda old: old[:2])),
        "scheduler: it has no monitor operation",
    ),
    Wrong(
        "CL021",
        "a failing stop is ignored",
        configured(resources=with_operations(lambda old: (replace(old[1], on_fail="ignore"), *old[::2]))),
        "a failing stop is ignored",
    ),
    Wrong(
        "CL021",
        "monitors of one interval",
        configured(resources=with_operations(lambda old: (*old, replace(old[2], role="Promoted")))),
        "two of its monitors have the same interval",
    ),
    Wrong(
        "CL022",
        "slow health check",
        listening("web", check=Check(http="/", interval=10, timeout=10)),
        "left after 40 s only",
    ),
    Wrong("CL022", "hasty clients", listening("web", client_timeout=5.0), "trying other servers takes 20 s"),
    Wrong("CL022", "slow answers", listening("web", server_timeout=90.0), "servers may take 90 s"),
    Wrong(
        "CL023",
        "a stop cut short",
        declared("web", files=renamed("TimeoutStopSec=30", "TimeoutStopSec=5min")),
        "Pacemaker gives web 120 s to stop, systemd gives it 300 s",
    ),
    Wrong(
        "CL024",
        "a database that waits",
        declared("database", files=renamed("inactive_timeout=PT6S", "inactive_timeout=PT30S")),
        "may hold all writes up for 30 s",
    ),
    Wrong(
        "CL024",
        "suspicion of who joins",
        declared("database", files=renamed("suspect_timeout=PT1.5S", "suspect_timeout=PT1S")),
        "suspects a node after 1 s, and who joins is silent for 1 s",
    ),
    Wrong(
        "CL024",
        "timeouts out of order",
        declared("database", files=renamed("install_timeout=PT5S", "install_timeout=PT7S")),
        "evs.install_timeout (7 s) is not below evs.inactive_timeout (6 s)",
    ),
    Wrong(
        "CL025", "no keepalive", declared("web", sysctl={}), "notices after 7875 s that the machine at the other end"
    ),
    Wrong(
        "CL030",
        "two processes at a port",
        declared("web", ports=(Port(8080, "internal", "web"), Port(5672, "internal", "web"))),
        "web is on tcp port 5672, and so is rabbitmq of broker",
    ),
    Wrong(
        "CL030",
        "two listeners at a port",
        declared("web", listeners=lambda old: (old[0], replace(old[0], name="web-admin"))),
        "the listeners 'web' of web and 'web-admin' are both at 10.0.0.100 port 80",
    ),
    Wrong("CL031", "an address twice", written("10.0.0.101}", "10.0.0.13}"), "10.0.0.13 is also nodes.node3.addresses"),
    Wrong("CL031", "the address of all", written("10.0.0.101}", "10.0.0.255}"), "10.0.0.255 means all of its hosts"),
    Wrong(
        "CL031",
        "networks that overlap",
        written("  internal: {cidr: 10.0.0.0/24}\n", "  internal: {cidr: 10.0.0.0/24}\n  wide: {cidr: 10.0.0.0/16}\n"),
        "10.0.0.0/16 and 10.0.0.0/24 of 'internal' overlap",
    ),
    Wrong(
        "CL032",
        "an address of a network without nodes",
        lambda: subject(
            DESCRIPTION.replace(
                "  internal: {cidr: 10.0.0.0/24}\n", "  internal: {cidr: 10.0.0.0/24}\n  public: {cidr: 192.0.2.0/24}\n"
            ).replace("10.0.0.101}", "192.0.2.1, network: public}")
        ),
        "it may come to hold 'db', but is not in network 'public'",
    ),
    Wrong(
        "CL033",
        "a port without a server",
        listening("web", server_port=8081),
        "sends clients to port 8081, not open at web",
    ),
    Wrong(
        "CL033",
        "a check of nobody",
        listening("web", check=Check(http="/", port=8099)),
        "sends its checks to port 8099",
    ),
    Wrong(
        "CL033", "a stranger as backend", listening("web", members=("node1", "node9")), "to node9, which do not run it"
    ),
    Wrong(
        "CL034",
        "a URL of nobody",
        declared("web", files=renamed("threads = 2", "identity = http://10.0.0.100:35357/v3")),
        "/etc/web.conf names http://10.0.0.100:35357, where no listener",
    ),
    Wrong(
        "CL034",
        "TLS where none is",
        declared("web", files=renamed("threads = 2", "own = https://10.0.0.100:80/")),
        "names https://10.0.0.100:80, but 'web' speaks http there",
    ),
    Wrong(
        "CL040", "a check by connection", listening("web", check=Check()), "that accepts connections for one that works"
    ),
    Wrong("CL041", "no health test", declared("web", health=None), "nothing asks web on its nodes whether it works"),
    Wrong("CL042", "a cookie in bytes", listening("web", mode="tcp", stickiness="cookie"), "cannot set a cookie"),
    Wrong(
        "CL043",
        "a listener where no proxy goes",
        written("10.0.0.101}", "10.0.0.101, follows: database}"),
        "'db' is at 'db', where no proxy goes",
    ),
    Wrong(
        "CL044",
        "an address for nobody",
        written("  db: {address: 10.0.0.101}\n", "  db: {address: 10.0.0.101}\n  node: {address: 10.0.0.102}\n"),
        "virtual_ips.node: nobody listens at it",
    ),
    Wrong(
        "CL050",
        "an order in a circle",
        configured(constraints=plus(Order("scheduler", "galera-clone", kind="Optional"))),
        "galera-clone starts after scheduler, which scheduler starts after galera-clone",
    ),
    Wrong(
        "CL051",
        "a constraint of nothing",
        configured(constraints=plus(Order("openstack-web-clone", "scheduler", kind="Optional"))),
        "names 'openstack-web-clone', which is no resource",
    ),
    Wrong(
        "CL052",
        "a mandatory order to a single resource",
        configured(constraints=plus(Order("web-clone", "scheduler"))),
        "keeps web-clone from stopping in a part without quorum while scheduler",
    ),
    Wrong("CL053", "a clone that waits for all", configured(resources=not_interleaved), "web-clone is not interleaved"),
    Wrong(
        "CL054",
        "an address by itself",
        configured(constraints=without(Colocation, resource="vip-api")),
        "nothing keeps it on a node where loadbalancer runs",
    ),
    Wrong(
        "CL055", "a single service everywhere", declared("web", mode=Mode.ACTIVE_PASSIVE), "web is active/passive, but"
    ),
    Wrong(
        "CL055",
        "a service for all on one",
        declared("scheduler", mode=Mode.ACTIVE_ACTIVE),
        "nothing of it runs on more",
    ),
    Wrong("CL056", "quorum ignored", configured(properties={"no-quorum-policy": "ignore"}), "goes on beside the other"),
    Wrong(
        "CL060",
        "a secret that is not there",
        lambda: subject(missing={"power": "the variable POWER is not set; export it"}),
        "the secret 'power' is not to be had: the variable POWER is not set; export it",
    ),
    Wrong("CL061", "a password in the description", written("{secret: power}", "kangaroo"), "a secret is written here"),
    Wrong(
        "CL062",
        "a secret for everybody",
        declared("web", files=lambda old: tuple(replace(file, mode=0o644) for file in old)),
        "/etc/web.conf holds web.broker, web.key, and everybody on the node may read it (mode 644)",
    ),
    Wrong(
        "CL063",
        "a generated password of a device",
        written("    power: {environment: POWER}", "    other: {environment: POWER}"),
        "the secret 'power' would be generated, but the device has its own",
    ),
    Wrong(
        "CL064",
        "a password for all deployments",
        declared("web", files=renamed("threads = 2", "service_password = webtest")),
        "/etc/web.conf has a value for 'service_password' that is no secret",
    ),
    Wrong(
        "CL064",
        "a password in a URL",
        declared("web", files=renamed("threads = 2", "connection = mysql://web:webtest@10.0.0.101/web")),
        "/etc/web.conf has a password in a URL",
    ),
    Wrong("CL065", "no certificate", written("secrets:", TLS, certificate="hello"), "it is no certificate in PEM"),
    Wrong(
        "CL065",
        "a certificate that ended",
        written("secrets:", TLS, certificate=ENDED, key=ENDED_KEY),
        "the certificate ended on 2026-11-12",
    ),
    Wrong(
        "CL065",
        "another's key",
        written("secrets:", TLS, certificate=GOOD, key=ENDED_KEY),
        "key is not the certificate's",
    ),
    Wrong(
        "CL065",
        "an address that it does not name",
        written("secrets:", TLS.replace("secrets:", "secrets:"), certificate=certificate(NOW, NOW + timedelta(90))[0]),
        "the certificate does not name 10.0.0.100, the address of 'api'",
    ),
    Wrong(
        "CL066",
        "a certificate that ends soon",
        written("secrets:", TLS, certificate=ENDING, key=ENDING_KEY),
        "the certificate ends on 2026-11-30, in 9 days",
    ),
    Wrong(
        "CL067",
        "a password that ends a URL",
        lambda: subject(awkward=frozenset({"web.broker", "power"})),
        "the secret 'web.broker' has characters that mean something",
    ),
    Wrong("CL070", "no cluster of one's own", written("collapsed", "segregated"), "each service has its own cluster"),
    Wrong("CL070", "a second cluster", lambda: two_clusters(), "'other' is another one"),
    Wrong("CL071", "keepalived", written("10.0.0.100}", "10.0.0.100, by: keepalived}"), "both parts hold this address"),
    Wrong(
        "CL074",
        "keepalived is nowhere",
        written("10.0.0.100}", "10.0.0.100, by: keepalived}"),
        "nobody moves this address: cluster 'control' does not have the service 'keepalived'",
    ),
    Wrong(
        "CL074", "two groups with one number", two_groups, "cluster 'balance' has a group 52 in the network 'external'"
    ),
    Wrong(
        "CL072",
        "an option that is none",
        declared("web", files=renamed("threads = 2", "threads two")),
        "/etc/web.conf: line 3 is no option: 'threads two'",
    ),
    Wrong(
        "CL072",
        "an option with a blank",
        declared("web", files=renamed("threads = 2", "web threads = 2")),
        "line 3 has a blank in the option's name",
    ),
    Wrong(
        "CL073",
        "tokens checked in two ways",
        declared("web", files=renamed("[oslo", "[keystone_authtoken]\nidentity_uri = http://10.0.0.100:80\n[oslo")),
        "/etc/web.conf asks keystone in a former way, by identity_uri",
    ),
)


def two_nodes() -> Subject:
    text = DESCRIPTION.replace("  node3: {addresses: {internal: 10.0.0.13}, host: rack3}\n", "")
    return subject(text.replace("[node1, node2, node3]", "[node1, node2]"))


def seventeen() -> Subject:
    text = DESCRIPTION.replace("fencing:\n", SEVENTEEN + "fencing:\n")
    return subject(text.replace("[node1, node2, node3]", f"[node1, node2, node3, {MORE}]"))


def two_clusters() -> Subject:
    text = DESCRIPTION.replace("fencing:\n", SEVENTEEN + "fencing:\n")
    return subject(text + f"  other:\n    nodes: [{MORE}]\n    services:\n      agent:\n")
