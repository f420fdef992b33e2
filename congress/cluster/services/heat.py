"""Heat: two APIs and the engine on each node. Engines lock a stack in the database while they work on it; one that dies
leaves a lock that the others see is dead, and take."""

from __future__ import annotations

from typing import ClassVar

import pydantic

from congress.cluster.declaring import running
from congress.cluster.declaring.access import (
    KEYSTONE_PORT,
    broker_account,
    broker_settings,
    cache_settings,
    client_settings,
    database,
    database_settings,
    notification_settings,
    token_settings,
)
from congress.cluster.declaring.catalogue import Account, Entry, registering, registration
from congress.cluster.declaring.settings import Settings, merged, private_file
from congress.cluster.declaring.wsgi import PACKAGES, Api, script
from congress.cluster.secrets import mark
from congress.cluster.services.contract import Declaration, Mode, Once, Service, Site

PORT, CFN_PORT = 8004, 8000
DATABASE, BROKER = database("heat"), broker_account("heat")
ADMIN, DOMAIN = "heat_domain_admin", "heat"


class Options(pydantic.BaseModel):
    """Processes."""

    model_config = pydantic.ConfigDict(extra="forbid")

    processes: int = pydantic.Field(2, ge=1, description="Processes of each API on each node.")
    workers: int = pydantic.Field(4, ge=1, description="Processes of the engine on each node.")


class Heat(Service):
    """The API that imitated CloudWatch is no more; aodh has the alarms."""

    name = "heat"
    title = "Orchestration (heat)"
    mode = Mode.ACTIVE_ACTIVE
    needs: ClassVar = ("loadbalancer", "database", "messaging", "memcached", "keystone")
    after: ClassVar = ("keystone",)
    default_address = "heat"
    entry: ClassVar = ("heat-api-clone", "heat-api-cfn-clone", "heat-engine-clone")
    exit: ClassVar = (("heat-engine-clone", "start"),)
    Options = Options

    def declare(self, site: Site, options: pydantic.BaseModel) -> Declaration:
        assert isinstance(options, Options)
        api = Api(
            "heat-api",
            "heat",
            PORT,
            script("/usr/bin/heat-wsgi-api"),
            processes=options.processes,
        )
        cfn = Api(
            "heat-api-cfn",
            "heat",
            CFN_PORT,
            script("/usr/bin/heat-wsgi-api-cfn"),
            processes=options.processes,
        )
        readers = ("heat-api", "heat-api-cfn", "heat-engine")
        clones = [running.everywhere(running.unit(name)) for name in readers]
        return Declaration(
            packages=(*readers, "python3-memcache", *PACKAGES),
            files=(
                private_file("/etc/heat/heat.conf", _settings(site, options), "heat", readers),
                *api.files(site),
                *cfn.files(site),
                *registration(
                    site,
                    "heat",
                    (
                        Entry("orchestration", "heat", site.endpoint("heat", PORT, path="/v1/%(tenant_id)s")),
                        Entry("cloudformation", "heat-cfn", site.endpoint("heat", CFN_PORT, path="/v1")),
                    ),
                    accounts=(Account(ADMIN, ("admin",), DOMAIN),),
                    roles=("heat_stack_owner", "heat_stack_user"),
                ),
            ),
            ports=(api.port_taken(), cfn.port_taken()),
            databases=(DATABASE,),
            broker_accounts=(BROKER,),
            once=(
                Once(
                    "heat: tables",
                    "heat-manage db_sync",
                    done="heat-manage db_version | grep -Eq '^[1-9]'",
                    user="heat",
                    after=("database",),
                ),
                registering("heat"),
            ),
            units=(api.running(), cfn.running(), running.packaged("heat-engine", "heat")),
            resources=tuple(clones),
            constraints=running.loosely(*(clone.id for clone in clones)),
            listeners=(api.listener("heat", seconds=120.0), cfn.listener("heat")),
            health=api.health(),
            secrets=("heat-encryption",),
        )


def _settings(site: Site, options: Options) -> Settings:
    cfn = site.endpoint("heat", CFN_PORT)
    return merged(
        {
            "DEFAULT": {
                "log_dir": "/var/log/heat",
                "heat_metadata_server_url": cfn,
                "heat_waitcondition_server_url": f"{cfn}/v1/waitcondition",
                "stack_user_domain_name": DOMAIN,
                "stack_domain_admin": ADMIN,
                "stack_domain_admin_password": mark("heat_domain_admin-keystone"),
                # Any engine reads what another encrypted. It takes 32 characters.
                "auth_encryption_key": mark("heat-encryption"),
                "num_engine_workers": options.workers,
            },
            "clients_keystone": {"auth_uri": site.endpoint("keystone", KEYSTONE_PORT)},
            "ec2authtoken": {"auth_uri": site.endpoint("keystone", KEYSTONE_PORT, path="/v3")},
            "oslo_middleware": {"enable_proxy_headers_parsing": True},
        },
        broker_settings(site, BROKER),
        notification_settings(site),
        database_settings(site, DATABASE),
        cache_settings(site),
        token_settings(site, "heat"),
        client_settings(site, "heat", "trustee", None),
    )
