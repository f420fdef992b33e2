"""Nova's side of the control plane: API, metadata, scheduler, conductor and consoles on each node.

Schedulers that choose at the same time choose among several good hosts, so that they do not all take the best one.
Console tokens are in the database, so any node's proxy knows them.
"""

from __future__ import annotations

from typing import ClassVar

import pydantic

from congress.cluster.declaring import running
from congress.cluster.declaring.catalogue import Entry, registering, registration
from congress.cluster.declaring.compute import API_DATABASE, BROKER, CELL0, DATABASE, METADATA_PORT, nova_settings
from congress.cluster.declaring.settings import Settings, merged, private_file
from congress.cluster.declaring.wsgi import PACKAGES, Api, script
from congress.cluster.services.contract import Check, Declaration, Listener, Mode, Once, Port, Service, Site

PORT, CONSOLE_PORT = 8774, 6080


class Options(pydantic.BaseModel):
    """Processes, and how wide the scheduler chooses."""

    model_config = pydantic.ConfigDict(extra="forbid")

    processes: int = pydantic.Field(4, ge=1, description="Processes of each API on each node.")
    workers: int = pydantic.Field(2, ge=1, description="Processes of conductor and scheduler on each node.")
    host_subset: int = pydantic.Field(
        30,
        ge=2,
        description="Among how many of the best hosts a scheduler chooses; several schedulers need more than 1.",
    )


class Nova(Service):
    """The parts wait for each other by messages, so none has to be restarted with another."""

    name = "nova"
    title = "Compute, its control (nova)"
    mode = Mode.ACTIVE_ACTIVE
    needs: ClassVar = (
        "loadbalancer", "database", "messaging", "memcached", "keystone", "glance", "placement", "neutron-server",
    )  # fmt: skip
    after: ClassVar = ("keystone", "placement")
    default_address = "nova"
    entry: ClassVar = (
        "nova-novncproxy-clone", "nova-api-clone", "nova-api-metadata-clone", "nova-scheduler-clone",
        "nova-conductor-clone",
    )  # fmt: skip
    exit: ClassVar = (("nova-conductor-clone", "start"), ("nova-api-clone", "start"))
    Options = Options

    def declare(self, site: Site, options: pydantic.BaseModel) -> Declaration:
        assert isinstance(options, Options)
        api = Api("nova-api", "nova", PORT, script("/usr/bin/nova-api-wsgi"), path="/", processes=options.processes)
        metadata = Api(
            "nova-api-metadata",
            "nova",
            METADATA_PORT,
            script("/usr/bin/nova-metadata-wsgi"),
            processes=options.processes,
        )
        daemons = ("nova-novncproxy", "nova-scheduler", "nova-conductor")
        clones = [
            running.everywhere(running.unit(name))
            for name in ("nova-novncproxy", "nova-api", "nova-api-metadata", "nova-scheduler", "nova-conductor")
        ]
        readers = ("nova-api", "nova-api-metadata", *daemons)
        return Declaration(
            packages=(
                "nova-api",
                "nova-conductor",
                "nova-scheduler",
                "nova-consoleproxy",
                "novnc",
                "python3-memcache",
                *PACKAGES,
            ),
            files=(
                *(
                    private_file("/etc/nova/nova.conf", _settings(site, node, options), "nova", readers, node)
                    for node in site.nodes
                ),
                *api.files(site),
                *metadata.files(site),
                *registration(site, "nova", (Entry("compute", "nova", site.endpoint("nova", PORT, path="/v2.1")),)),
            ),
            ports=(
                api.port_taken(),
                metadata.port_taken(),
                Port(CONSOLE_PORT, "internal", "nova-novncproxy"),
            ),
            databases=(DATABASE, API_DATABASE, CELL0),
            broker_accounts=(BROKER,),
            once=_once(),
            units=(api.running(), metadata.running(), *(running.packaged(name, "nova") for name in daemons)),
            resources=tuple(clones),
            constraints=running.loosely(*(clone.id for clone in clones)),
            listeners=(
                api.listener("nova"),
                metadata.listener("nova"),
                Listener(
                    "nova-novncproxy",
                    "nova",
                    CONSOLE_PORT,
                    CONSOLE_PORT,
                    Check(http="/vnc_lite.html"),
                    stickiness="source",
                    tunnel_timeout=3600.0,
                ),
            ),
            health=api.health(),
        )


def _settings(site: Site, node: str, options: Options) -> Settings:
    address = site.address(node)
    return merged(
        nova_settings(site, node),
        {
            "vnc": {
                "enabled": True,
                "server_listen": address,
                "server_proxyclient_address": address,
                "novncproxy_host": address,
                "novncproxy_port": CONSOLE_PORT,
            },
            "conductor": {"workers": options.workers},
            "scheduler": {"workers": options.workers, "discover_hosts_in_cells_interval": 300},
            "filter_scheduler": {"host_subset_size": options.host_subset, "shuffle_best_same_weighed_hosts": True},
        },
    )


def _once() -> tuple[Once, ...]:
    manage = "nova-manage"
    return (
        Once(
            "nova: tables of the API",
            f"{manage} api_db sync",
            done=f"{manage} api_db version | grep -Eq '^[0-9a-f]{{12}}|^[0-9]+$'",
            user="nova",
            after=("database",),
        ),
        Once(
            "nova: cell of instances that never ran",
            f"{manage} cell_v2 map_cell0",
            done=f"{manage} cell_v2 list_cells | grep -qw cell0",
            user="nova",
            after=("database",),
        ),
        Once(
            "nova: cell of all hosts",
            f"{manage} cell_v2 create_cell --name=cell1",
            done=f"{manage} cell_v2 list_cells | grep -qw cell1",
            user="nova",
            after=("database", "messaging"),
        ),
        Once(
            "nova: tables",
            f"{manage} db sync",
            done=f"{manage} db version | grep -Eq '^[0-9a-f]{{12}}|^[0-9]+$'",
            user="nova",
            after=("database",),
        ),
        registering("nova"),
    )
