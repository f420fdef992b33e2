"""Cinder: the API and the scheduler on each node, the volume service on one of them over shares that all can mount."""

from __future__ import annotations

from typing import Annotated, ClassVar

import pydantic

from congress.cluster.declaring import running
from congress.cluster.declaring.access import (
    broker_account,
    broker_settings,
    client_settings,
    database,
    database_settings,
    notification_settings,
    token_settings,
)
from congress.cluster.declaring.catalogue import Entry, registering, registration
from congress.cluster.declaring.settings import Settings, merged, private_file
from congress.cluster.declaring.wsgi import PACKAGES, Api, script
from congress.cluster.services.contract import Declaration, File, Mode, Once, Service, Site

PORT = 8776
DATABASE, BROKER = database("cinder"), broker_account("cinder")
SHARES = "/etc/cinder/nfs-shares"


class Options(pydantic.BaseModel):
    """Where volumes are."""

    model_config = pydantic.ConfigDict(extra="forbid")

    shares: list[Annotated[str, pydantic.Field(pattern=f"^{running.SHARE}$")]] = pydantic.Field(
        min_length=1, description="Directories of NFS servers, as host:/path, that hold the volumes."
    )
    backend_host: str = pydantic.Field(
        "cinder-cluster",
        description="The name that all nodes use for the one backend, so that any of them finds its volumes.",
    )
    processes: int = pydantic.Field(4, ge=1, description="Processes of the API on each node.")


class Cinder(Service):
    """The volume service is one because two would do the same work to the same volume twice."""

    name = "cinder"
    title = "Block storage (cinder)"
    mode = Mode.ACTIVE_PASSIVE
    needs: ClassVar = ("loadbalancer", "database", "messaging", "memcached", "keystone", "glance")
    after: ClassVar = ("keystone",)
    default_address = "cinder"
    entry: ClassVar = ("cinder-api-clone", "cinder-scheduler-clone", "cinder-volume")
    exit: ClassVar = (("cinder-api-clone", "start"),)
    Options = Options

    def declare(self, site: Site, options: pydantic.BaseModel) -> Declaration:
        assert isinstance(options, Options)
        api = Api("cinder-api", "cinder", PORT, script("/usr/bin/cinder-wsgi"), processes=options.processes)
        everywhere = [running.everywhere(running.unit(name)) for name in ("cinder-api", "cinder-scheduler")]
        volume = running.unit("cinder-volume")
        return Declaration(
            packages=("cinder-api", "cinder-scheduler", "cinder-volume", "nfs-common", "python3-memcache", *PACKAGES),
            files=(
                *(
                    private_file(
                        "/etc/cinder/cinder.conf",
                        text_settings,
                        "cinder",
                        ("cinder-api", "cinder-scheduler", "cinder-volume"),
                        node,
                    )
                    for node in site.nodes
                    for text_settings in (_settings(site, node, options),)
                ),
                File(
                    SHARES,
                    "".join(f"{share}\n" for share in options.shares),
                    mode=0o640,
                    group="cinder",
                    notify=("cinder-volume",),
                ),
                *api.files(site),
                *registration(
                    site,
                    "cinder",
                    (Entry("volumev3", "cinderv3", site.endpoint("cinder", PORT, path="/v3/%(project_id)s")),),
                ),
            ),
            ports=(api.port_taken(),),
            databases=(DATABASE,),
            broker_accounts=(BROKER,),
            once=(
                Once(
                    "cinder: tables",
                    "cinder-manage db sync",
                    done='test -n "$(cinder-manage db version)" && test "$(cinder-manage db version)" != None',
                    user="cinder",
                    after=("database",),
                ),
                registering("cinder"),
            ),
            units=(
                api.running(),
                running.packaged("cinder-scheduler", "cinder"),
                running.packaged("cinder-volume", "cinder"),
            ),
            resources=(*everywhere, volume),
            constraints=running.loosely(*(resource.id for resource in everywhere), volume.id),
            listeners=(api.listener("cinder"),),
            health=api.health(),
        )


def _settings(site: Site, node: str, options: Options) -> Settings:
    return merged(
        {
            "DEFAULT": {
                "log_dir": "/var/log/cinder",
                "state_path": "/var/lib/cinder",
                "my_ip": site.address(node),
                "auth_strategy": "keystone",
                "enabled_backends": "nfs",
                "glance_api_servers": site.endpoint("glance", 9292),
                "default_volume_type": "__DEFAULT__",
            },
            "nfs": {
                "volume_driver": "cinder.volume.drivers.nfs.NfsDriver",
                "volume_backend_name": "nfs",
                "backend_host": options.backend_host,
                "nfs_shares_config": SHARES,
                "nfs_sparsed_volumes": True,
                "nfs_mount_options": "vers=4.2,soft,timeo=100",
                "nas_secure_file_operations": False,
                "nas_secure_file_permissions": False,
            },
            "oslo_concurrency": {"lock_path": "/var/lib/cinder/tmp"},
            "oslo_middleware": {"enable_proxy_headers_parsing": True},
        },
        broker_settings(site, BROKER),
        notification_settings(site),
        database_settings(site, DATABASE),
        token_settings(site, "cinder"),
        client_settings(site, "cinder", "service_user", None),
        {"service_user": {"send_service_user_token": True}},
    )
