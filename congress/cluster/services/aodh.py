"""Aodh: alarms over what gnocchi has. The evaluators share alarms by redis, so each alarm goes off once."""

from __future__ import annotations

from typing import ClassVar

import pydantic

from congress.cluster.declaring import running
from congress.cluster.declaring.access import (
    broker_account,
    broker_settings,
    client_settings,
    database,
    database_settings,
    token_settings,
)
from congress.cluster.declaring.catalogue import Entry, registering, registration
from congress.cluster.declaring.settings import merged, private_file
from congress.cluster.declaring.wsgi import PACKAGES, Api, script
from congress.cluster.services.contract import Declaration, Mode, Once, Service, Site
from congress.cluster.services.redis import url

PORT = 8042
DATABASE, BROKER = database("aodh"), broker_account("aodh")
DAEMONS = ("aodh-evaluator", "aodh-notifier", "aodh-listener")


class Options(pydantic.BaseModel):
    """Processes, and how often alarms are judged."""

    model_config = pydantic.ConfigDict(extra="forbid")

    processes: int = pydantic.Field(2, ge=1, description="Processes of the API on each node.")
    interval: int = pydantic.Field(60, ge=5, description="Seconds between two evaluations of an alarm.")


class Aodh(Service):
    """Its parts speak by the bus and the database."""

    name = "aodh"
    title = "Alarms (aodh)"
    mode = Mode.ACTIVE_ACTIVE
    needs: ClassVar = ("loadbalancer", "database", "messaging", "memcached", "keystone", "redis", "gnocchi")
    after: ClassVar = ("keystone", "redis", "gnocchi")
    default_address = "aodh"
    entry: ClassVar = ("aodh-api-clone", "aodh-evaluator-clone", "aodh-notifier-clone", "aodh-listener-clone")
    exit: ClassVar = (("aodh-notifier-clone", "start"),)
    Options = Options

    def declare(self, site: Site, options: pydantic.BaseModel) -> Declaration:
        assert isinstance(options, Options)
        api = Api("aodh-api", "aodh", PORT, script("/usr/share/aodh-common/app.wsgi"), processes=options.processes)
        settings = merged(
            {
                "DEFAULT": {"log_dir": "/var/log/aodh"},
                "api": {"auth_mode": "keystone"},
                "coordination": {"backend_url": url(site)},
                "evaluator": {"evaluation_interval": options.interval},
                "oslo_middleware": {"enable_proxy_headers_parsing": True},
            },
            broker_settings(site, BROKER),
            database_settings(site, DATABASE),
            token_settings(site, "aodh"),
            client_settings(site, "aodh", "service_credentials"),
        )
        readers = ("aodh-api", *DAEMONS)
        clones = [running.everywhere(running.unit(name)) for name in readers]
        return Declaration(
            packages=(*readers, "python3-redis", "python3-memcache", *PACKAGES),
            files=(
                private_file("/etc/aodh/aodh.conf", settings, "aodh", readers),
                *api.files(site),
                *registration(site, "aodh", (Entry("alarming", "aodh", site.endpoint("aodh", PORT)),)),
            ),
            ports=(api.port_taken(),),
            databases=(DATABASE,),
            broker_accounts=(BROKER,),
            once=(
                Once(
                    "aodh: tables",
                    "aodh-dbsync && touch /var/lib/aodh/tables-made",
                    done="test -e /var/lib/aodh/tables-made",
                    user="aodh",
                    after=("database",),
                ),
                registering("aodh"),
            ),
            units=(api.running(), *(running.packaged(name, "aodh") for name in DAEMONS)),
            resources=tuple(clones),
            constraints=running.loosely(*(clone.id for clone in clones)),
            listeners=(api.listener("aodh"),),
            health=api.health(),
        )
