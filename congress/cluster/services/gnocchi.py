"""Gnocchi: what ceilometer measures, over time. All its parts can be anywhere; redis holds measures and coordinates."""

from __future__ import annotations

from typing import ClassVar

import pydantic

from congress.cluster.declaring import running
from congress.cluster.declaring.access import database, token_settings
from congress.cluster.declaring.catalogue import Entry, registering, registration
from congress.cluster.declaring.settings import merged, private_file
from congress.cluster.declaring.wsgi import PACKAGES, Api
from congress.cluster.services.contract import Declaration, Mode, Once, Service, Site
from congress.cluster.services.redis import url

PORT = 8041
DATABASE = database("gnocchi")


class Options(pydantic.BaseModel):
    """Processes."""

    model_config = pydantic.ConfigDict(extra="forbid")

    processes: int = pydantic.Field(2, ge=1, description="Processes of the API on each node.")
    workers: int = pydantic.Field(2, ge=1, description="Processes that aggregate, on each node.")


class Gnocchi(Service):
    """An aggregator that dies leaves its work to the others."""

    name = "gnocchi"
    title = "Measures (gnocchi)"
    mode = Mode.ACTIVE_ACTIVE
    needs: ClassVar = ("loadbalancer", "database", "memcached", "keystone", "redis")
    after: ClassVar = ("keystone", "redis")
    default_address = "gnocchi"
    entry: ClassVar = ("gnocchi-api-clone", "gnocchi-metricd-clone")
    exit: ClassVar = (("gnocchi-api-clone", "start"),)
    Options = Options

    def declare(self, site: Site, options: pydantic.BaseModel) -> Declaration:
        assert isinstance(options, Options)
        api = Api("gnocchi-api", "gnocchi", PORT, "wsgi = gnocchi.rest.wsgi", processes=options.processes)
        settings = merged(
            {
                "DEFAULT": {"log_dir": "/var/log/gnocchi", "coordination_url": url(site)},
                "api": {"auth_mode": "keystone", "enable_proxy_headers_parsing": True},
                "indexer": {"url": site.database_url(DATABASE)},
                "storage": {"driver": "redis", "redis_url": url(site, 1)},
                "incoming": {"driver": "redis", "redis_url": url(site, 2)},
                "metricd": {"workers": options.workers},
            },
            token_settings(site, "gnocchi"),
        )
        readers = ("gnocchi-api", "gnocchi-metricd")
        clones = [running.everywhere(running.unit(name)) for name in readers]
        return Declaration(
            packages=("gnocchi-api", "gnocchi-metricd", "python3-redis", "python3-memcache", *PACKAGES),
            files=(
                private_file("/etc/gnocchi/gnocchi.conf", settings, "gnocchi", readers),
                *api.files(site),
                *registration(site, "gnocchi", (Entry("metric", "gnocchi", site.endpoint("gnocchi", PORT)),)),
            ),
            ports=(api.port_taken(),),
            databases=(DATABASE,),
            once=(
                Once(
                    "gnocchi: tables and store",
                    "gnocchi-upgrade --config-file /etc/gnocchi/gnocchi.conf",
                    done='python3 -c "import configparser, sqlalchemy; c = configparser.RawConfigParser(); '
                    "c.read('/etc/gnocchi/gnocchi.conf'); "
                    "sqlalchemy.create_engine(c['indexer']['url']).connect().exec_driver_sql("
                    "'SELECT 1 FROM archive_policy LIMIT 1').one()\"",
                    user="gnocchi",
                    after=("database", "redis"),
                ),
                registering("gnocchi"),
            ),
            units=(api.running(), running.packaged("gnocchi-metricd", "gnocchi")),
            resources=tuple(clones),
            listeners=(api.listener("gnocchi"),),
            health=api.health(),
        )
