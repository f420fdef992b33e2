"""Glance on each node over one store: a share that all nodes mount, or swift."""

from __future__ import annotations

from typing import ClassVar, Literal

import pydantic

from congress.cluster.declaring import running
from congress.cluster.declaring.access import (
    KEYSTONE_PORT,
    SERVICE_PROJECT,
    broker_account,
    broker_settings,
    database,
    database_settings,
    notification_settings,
    token_settings,
)
from congress.cluster.declaring.catalogue import Entry, registering, registration
from congress.cluster.declaring.settings import Settings, Value, merged, private_file
from congress.cluster.declaring.wsgi import PACKAGES, Api, script
from congress.cluster.pacemaker.resources import Colocation, Constraint, Resource
from congress.cluster.secrets import mark
from congress.cluster.services.contract import Declaration, File, Mode, Once, Service, Site

PORT = 9292
DATABASE, BROKER = database("glance"), broker_account("glance")
IMAGES = "/var/lib/glance/images"
STORE = "images"
SWIFT_ACCOUNT = "/etc/glance/swift-store.conf"


class Options(pydantic.BaseModel):
    """Where images are."""

    model_config = pydantic.ConfigDict(extra="forbid")

    store: Literal["share", "swift"] = pydantic.Field(
        "swift", description="share: a directory of an NFS server; swift: the object store of this deployment."
    )
    share: str | None = pydantic.Field(
        None, pattern=f"^{running.SHARE}$", description="With the store `share`: host:/path of the directory."
    )
    processes: int = pydantic.Field(4, ge=1, description="Processes of the API on each node.")


class Glance(Service):
    """Images that one node stored are found through any other."""

    name = "glance"
    title = "Images (glance)"
    mode = Mode.ACTIVE_ACTIVE
    needs: ClassVar = ("loadbalancer", "database", "messaging", "memcached", "keystone")
    after: ClassVar = ("keystone",)
    default_address = "glance"
    entry: ClassVar = ("glance-api-clone",)
    exit: ClassVar = (("glance-api-clone", "start"),)
    Options = Options

    def declare(self, site: Site, options: pydantic.BaseModel) -> Declaration:
        assert isinstance(options, Options)
        api = Api("glance-api", "glance", PORT, script("/usr/bin/glance-wsgi-api"), processes=options.processes)
        resources, constraints = _running(site, options)
        return Declaration(
            packages=(
                "glance-api",
                "python3-memcache",
                *PACKAGES,
                *(("nfs-common",) if options.store == "share" else ()),
            ),
            files=(
                *(
                    private_file(
                        "/etc/glance/glance-api.conf", _settings(site, node, options), "glance", ("glance-api",), node
                    )
                    for node in site.nodes
                ),
                *((_swift_account(site),) if options.store == "swift" else ()),
                *api.files(site),
                *registration(site, "glance", (Entry("image", "glance", site.endpoint("glance", PORT)),)),
            ),
            ports=(api.port_taken(),),
            databases=(DATABASE,),
            broker_accounts=(BROKER,),
            once=(
                Once(
                    "glance: tables",
                    "glance-manage db_sync",
                    done="glance-manage db check",
                    user="glance",
                    after=("database",),
                ),
                registering("glance"),
            ),
            units=(api.running(),),
            resources=resources,
            constraints=constraints,
            # An image takes its time.
            listeners=(api.listener("glance", seconds=600.0),),
            health=api.health(),
        )


def _running(site: Site, options: Options) -> tuple[tuple[Resource, ...], tuple[Constraint, ...]]:
    api = running.everywhere(running.unit("glance-api"))
    if options.store == "swift":
        if not site.has("swift-proxy"):
            instead = (
                "add `swift-storage` and `swift-proxy` to a cluster, or write `store: share` and `share: HOST:/PATH`"
            )
            raise site.wrong("store", "images would be in swift, which is in no cluster", instead)
        return (api,), ()
    if options.share is None:
        raise site.wrong("share", "it is not said where the images are", "write `share: HOST:/PATH`")
    mounted = running.everywhere(running.shared_directory("glance-images", options.share, IMAGES))
    return (mounted, api), (*running.chained(mounted.id, api.id), Colocation(api.id, mounted.id))


def _settings(site: Site, node: str, options: Options) -> Settings:
    if options.store == "share":
        kind = "file"
        store: dict[str, Value] = {"filesystem_store_datadir": IMAGES}
    else:
        kind = "swift"
        store = {
            "swift_store_config_file": SWIFT_ACCOUNT,
            "default_swift_reference": "reference",
            "swift_store_create_container_on_put": True,
        }
    return merged(
        {
            "DEFAULT": {
                "log_dir": "/var/log/glance",
                "enabled_backends": f"{STORE}:{kind}",
                # What is imported is first on the node that was asked.
                "worker_self_reference_url": f"http://{site.address(node)}:{PORT}",
            },
            "glance_store": {"default_backend": STORE},
            STORE: store,
            "os_glance_staging_store": {"filesystem_store_datadir": "/var/lib/glance/staging"},
            "os_glance_tasks_store": {"filesystem_store_datadir": "/var/lib/glance/tasks"},
            "paste_deploy": {"flavor": "keystone"},
            "oslo_middleware": {"enable_proxy_headers_parsing": True},
        },
        broker_settings(site, BROKER),
        notification_settings(site),
        database_settings(site, DATABASE),
        token_settings(site, "glance"),
    )


def _swift_account(site: Site) -> File:
    """How glance speaks to swift: as itself, in the project of services."""
    settings: Settings = {
        "reference": {
            "user": f"{SERVICE_PROJECT}:glance",
            "key": mark("glance-keystone"),
            "auth_address": site.endpoint("keystone", KEYSTONE_PORT, path="/v3"),
            "auth_version": 3,
            "user_domain_id": "default",
            "project_domain_id": "default",
        }
    }
    return private_file(SWIFT_ACCOUNT, settings, "glance", ("glance-api",))
