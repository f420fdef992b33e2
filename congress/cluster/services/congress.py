"""Congress itself: engines with the API on each node, and one node that reads the clouds, under our own agent.

The lease in the database lets one datasource node work; Pacemaker lets one run. Neither trusts the other.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, ClassVar, Literal

import pydantic

from congress.cluster.declaring import running, watching
from congress.cluster.declaring.access import (
    broker_account,
    database,
    database_settings,
    token_settings,
)
from congress.cluster.declaring.catalogue import Entry, registering, registration
from congress.cluster.declaring.settings import Settings, merged, text
from congress.cluster.pacemaker.resources import Order, Primitive, Resource
from congress.cluster.secrets import mark
from congress.cluster.services.contract import (
    Check,
    Declaration,
    File,
    Listener,
    Mode,
    Once,
    Port,
    Service,
    Site,
    Unit,
)

PORT, HEALTH_PORT = 1789, 1790
DATABASE, BROKER = database("congress"), broker_account("congress")
CONFIGURATION = "/etc/congress/congress.conf"
AGENT = Path(running.__file__).with_name("congress-datasource")
BIN = "/usr/local/bin"
_ADDRESS = "sed -n 's/^bind_host = //p' /etc/congress/api.conf | head -n 1"

API = Unit(
    "congress-api",
    f"{BIN}/congress-server --config-file={CONFIGURATION} --config-file=/etc/congress/api.conf --api --policy-engine",
    user="congress",
)
WARM = Unit(
    "congress-datasources",
    f"{BIN}/congress-server --config-file={CONFIGURATION} --config-file=/etc/congress/datasources.conf --datasources",
    user="congress",
)


Name = Annotated[str, pydantic.StringConstraints(pattern=r"^[A-Za-z0-9_.-]+$")]
Words = Annotated[str, pydantic.StringConstraints(pattern=r"^\S(.*\S)?$")]


class Options(pydantic.BaseModel):
    """Who may call, and how the standby waits."""

    model_config = pydantic.ConfigDict(extra="forbid")

    standby: Literal["cold", "warm"] = pydantic.Field(
        "cold",
        description="cold: Pacemaker starts the datasource node where it is wanted; warm: one runs on each node and "
        "the lease in the database lets one of them work.",
    )
    watch: bool = pydantic.Field(
        False,
        description="Whether it watches over the control plane itself: datasources for clusters, balancers, databases, "
        "brokers and certificates, and the policies over them.",
    )
    watch_clusters: dict[Name, Words] = pydantic.Field(
        {},
        description="Beside its own: cluster -> the command that reaches a member of it, such as `ssh -o BatchMode=yes "
        "watcher@database1 sudo -n`; the words of Pacemaker's tools come behind it.",
    )
    log_level: Literal["debug", "info", "warning"] = pydantic.Field("info", description="What its processes tell.")


class Congress(Service):
    """Engines are equal; stickiness spares a client waiting for a revision that another engine has accepted."""

    name = "congress"
    title = "Policy (Congress)"
    mode = Mode.ACTIVE_ACTIVE
    needs: ClassVar = ("loadbalancer", "database", "messaging", "keystone")
    after: ClassVar = ("loadbalancer", "database", "messaging", "keystone")
    default_address = "congress"
    entry: ClassVar = ("congress-api-clone", "congress-datasource")
    exit: ClassVar = (("congress-api-clone", "start"),)
    Options = Options

    def declare(self, site: Site, options: pydantic.BaseModel) -> Declaration:
        assert isinstance(options, Options)
        url = site.endpoint("congress", PORT)
        resources, orders, units = _running(options)
        if options.watch and options.standby == "warm":
            what = "a unit of systemd gets no privileges from sudo, so it could not ask Pacemaker"
            raise site.wrong("watch", what, "write `standby: cold`")
        return Declaration(
            packages=("python3-venv", "curl", *(("sudo",) if options.watch else ())),
            files=(
                File(
                    CONFIGURATION, _configuration(site, options), mode=0o640, group="congress", notify=("congress-api",)
                ),
                File(
                    "/etc/congress/keys/aes_key",
                    mark("congress-secrets-key") + "=\n",
                    mode=0o400,
                    owner="congress",
                    group="congress",
                    notify=("congress-api",),
                ),
                *(file for node in site.nodes for file in _own(site, node)),
                File(
                    "/usr/lib/ocf/resource.d/openstack/congress-datasource",
                    AGENT.read_text(encoding="utf-8"),
                    mode=0o755,
                ),
                running.unit_file(API, "Congress API and policy engine"),
                *((running.unit_file(WARM, "Congress datasource node"),) if options.standby == "warm" else ()),
                *registration(site, "congress", (Entry("policy", "congress", url),)),
                *(watching.files(site, url, options.watch_clusters) if options.watch else ()),
            ),
            ports=(
                Port(PORT, "internal", "congress-api"),
                Port(HEALTH_PORT, "internal", "congress-api, health"),
            ),
            databases=(DATABASE, *((watching.DATABASE,) if options.watch else ())),
            broker_accounts=(BROKER, *((watching.BROKER,) if options.watch else ())),
            once=(*_once(), *((watching.watching(),) if options.watch else ())),
            units=units,
            resources=resources,
            constraints=orders,
            listeners=(_listener(),),
            health=running.http_health(f"http://$({_ADDRESS}):{HEALTH_PORT}/healthcheck/ready"),
            accounts=("congress",),
        )


def _listener() -> Listener:
    # A thread of its own answers there, which also notices an engine that is stuck.
    check = Check(http="/healthcheck/ready", port=HEALTH_PORT)
    return Listener(
        "congress",
        "congress",
        PORT,
        PORT,
        check,
        stickiness="cookie",
        connect_timeout=2.0,
        client_timeout=70.0,
        server_timeout=70.0,
    )


def _running(options: Options) -> tuple[tuple[Resource, ...], tuple[Order, ...], tuple[Unit, ...]]:
    """Resources, their orders, and the commands behind them."""
    api = running.everywhere(running.unit(API.name))
    if options.standby == "warm":
        return (api, running.everywhere(running.unit(WARM.name))), (), (API, WARM)
    configured = ["/etc/congress/datasources.conf", *([watching.COMMANDS] if options.watch else [])]
    parameters = {
        "binary": f"{BIN}/congress-server",
        "config": CONFIGURATION,
        "user": "congress",
        "node_id": "datasource-node",
        "additional_parameters": " ".join(f"--config-file={file}" for file in configured),
    }
    reader = Primitive(
        "congress-datasource",
        "ocf:openstack:congress-datasource",
        parameters,
        running.operations(start=60.0, stop=30.0, monitor=10.0),
        meta={"migration-threshold": "3", "failure-timeout": "60s"},
    )
    return (api, reader), running.loosely(api.id, reader.id), (API,)


def _configuration(site: Site, options: Options) -> str:
    own: Settings = {
        "DEFAULT": {
            "auth_strategy": "keystone",
            "transport_url": site.broker_url(BROKER.name, BROKER.password),
            "encryption_key_path": "/etc/congress/keys",
            "state_dir": "/var/lib/congress",
            "debug": options.log_level == "debug",
        },
        # Its default, too; said where people look for it.
        "oslo_messaging_rabbit": {"rabbit_quorum_queue": True},
    }
    connection = database_settings(site, DATABASE)["database"]["connection"]
    return text(merged(own, {"database": {"connection": connection}}, token_settings(site, "congress")))


def _own(site: Site, node: str) -> tuple[File, ...]:
    """What a node's processes have beside the rest. Their health answers at two addresses with one port."""
    address = site.address(node)
    api: Settings = {
        "DEFAULT": {"bind_host": address, "bind_port": PORT, "node_id": f"{node}-api"},
        "healthcheck": {"bind_host": address, "port": HEALTH_PORT},
    }
    reader: Settings = {
        "DEFAULT": {"node_id": f"{node}-datasources"},
        "healthcheck": {"bind_host": "127.0.0.1", "port": HEALTH_PORT},
    }
    return (
        File("/etc/congress/api.conf", text(api), node=node, notify=("congress-api",)),
        File("/etc/congress/datasources.conf", text(reader), node=node, notify=("congress-datasource",)),
    )


def _once() -> tuple[Once, ...]:
    environment = "/opt/congress"
    programs = ("congress-server", "congress-db-manage", "congress-manage", "congress-status")
    links = " ".join(f"{environment}/bin/{program}" for program in programs)
    manage = f"{BIN}/congress-db-manage --config-file={CONFIGURATION}"
    return (
        Once(
            "congress: program",
            f"python3 -m venv {environment} && {environment}/bin/pip install --quiet 'congress[mysql,memcached]' && "
            f"ln -sf {links} {BIN}/",
            done=f"test -x {BIN}/congress-server",
            every_node=True,
        ),
        Once(
            "congress: directories",
            "install -d -o congress -g congress -m 0750 /var/lib/congress /var/log/congress",
            done="test -d /var/lib/congress && test -d /var/log/congress",
            every_node=True,
        ),
        Once(
            "congress: tables",
            f"{manage} upgrade head",
            done=f"{manage} current | grep -Eq '^([^ ]+) \\(needed: \\1\\)'",
            user="congress",
            after=("database",),
        ),
        registering("congress"),
    )
