"""Placement: what hosts have, and what of it is taken. The scheduler of nova asks it."""

from __future__ import annotations

from typing import ClassVar

import pydantic

from congress.cluster.declaring import running
from congress.cluster.declaring.access import database, token_settings
from congress.cluster.declaring.catalogue import Entry, registering, registration
from congress.cluster.declaring.settings import merged, private_file
from congress.cluster.declaring.wsgi import PACKAGES, Api, script
from congress.cluster.services.contract import Declaration, Mode, Once, Service, Site

PORT = 8778
DATABASE = database("placement")


class Options(pydantic.BaseModel):
    """Processes."""

    model_config = pydantic.ConfigDict(extra="forbid")

    processes: int = pydantic.Field(2, ge=1, description="Processes of the API on each node.")


class Placement(Service):
    """Writers that meet are told, and try again."""

    name = "placement"
    title = "Resources of hosts (placement)"
    mode = Mode.ACTIVE_ACTIVE
    needs: ClassVar = ("loadbalancer", "database", "memcached", "keystone")
    after: ClassVar = ("keystone",)
    default_address = "placement"
    entry: ClassVar = ("placement-api-clone",)
    exit: ClassVar = (("placement-api-clone", "start"),)
    Options = Options

    def declare(self, site: Site, options: pydantic.BaseModel) -> Declaration:
        assert isinstance(options, Options)
        api = Api(
            "placement-api", "placement", PORT, script("/usr/bin/placement-api"), path="/", processes=options.processes
        )
        settings = merged(
            {
                "DEFAULT": {"log_dir": "/var/log/placement"},
                "api": {"auth_strategy": "keystone"},
                "placement_database": {
                    "connection": site.database_url(DATABASE),
                    "max_retries": -1,
                    "connection_recycle_time": 600,
                },
            },
            token_settings(site, "placement"),
        )
        return Declaration(
            packages=("placement-api", "python3-memcache", *PACKAGES),
            files=(
                private_file("/etc/placement/placement.conf", settings, "placement", ("placement-api",)),
                *api.files(site),
                *registration(site, "placement", (Entry("placement", "placement", site.endpoint("placement", PORT)),)),
            ),
            ports=(api.port_taken(),),
            databases=(DATABASE,),
            once=(
                Once(
                    "placement: tables",
                    "placement-manage db sync",
                    done="placement-manage db version | grep -Eq '^[0-9a-f]{12}'",
                    user="placement",
                    after=("database",),
                ),
                registering("placement"),
            ),
            units=(api.running(),),
            resources=(running.everywhere(running.unit("placement-api")),),
            listeners=(api.listener("placement"),),
            health=api.health(),
        )
