"""Swift's storage: servers of accounts, containers and objects on a file system of the node's own.

Replication heals what a node missed. Its daemons are left to systemd: nobody waits for them.
"""

from __future__ import annotations

from typing import ClassVar

import pydantic

from congress.cluster.declaring import running, swift
from congress.cluster.declaring.settings import Settings, text
from congress.cluster.pacemaker.resources import Colocation, Constraint, Primitive
from congress.cluster.services.contract import Declaration, File, Mode, Port, Service, Site

RSYNC_PORT = 873


class Options(pydantic.BaseModel):
    """The disk."""

    model_config = pydantic.ConfigDict(extra="forbid")

    device: str = pydantic.Field(
        "/dev/disk/by-label/swift", pattern=r"^/\S+$", description="The file system of each node that holds its share."
    )
    filesystem: str = pydantic.Field("xfs", pattern=r"^(xfs|ext4)$", description="Its kind: xfs or ext4.")
    workers: int = pydantic.Field(2, ge=1, description="Processes of each server.")


class SwiftStorage(Service):
    """Each node keeps its own replicas; three nodes in three zones keep three."""

    name = "swift-storage"
    title = "Object storage, its disks (swift account, container, object)"
    mode = Mode.ACTIVE_ACTIVE
    after: ClassVar = ("keystone",)
    entry: ClassVar = ("swift-disk-clone",)
    exit: ClassVar = (("swift-account-clone", "start"),)
    Options = Options

    def declare(self, site: Site, options: pydantic.BaseModel) -> Declaration:
        assert isinstance(options, Options)
        names = tuple(f"swift-{kind}" for kind in swift.PORTS)
        disk = running.everywhere(_disk(options))
        servers = tuple(running.everywhere(running.unit(name)) for name in names)
        constraints: list[Constraint] = []
        for server in servers:
            # Without its disk a server would write to the root of the node.
            constraints += [*running.chained(disk.id, server.id), Colocation(server.id, disk.id)]
        return Declaration(
            packages=("swift-account", "swift-container", "swift-object", "rsync", "xfsprogs", "curl"),
            files=(
                *swift.shared_files(site, names),
                *(
                    File(
                        f"/etc/swift/{kind}-server.conf",
                        text(_settings(site, node, kind, options)),
                        node=node,
                        notify=(f"swift-{kind}",),
                    )
                    for node in site.nodes
                    for kind in swift.PORTS
                ),
                *(
                    File("/etc/rsyncd.conf", _rsync(site.address(node)), node=node, notify=("rsync",))
                    for node in site.nodes
                ),
            ),
            ports=(
                *(Port(port, "internal", f"swift-{kind}") for kind, port in swift.PORTS.items()),
                Port(RSYNC_PORT, "internal", "rsync"),
            ),
            once=(swift.making_rings("swift-storage"),),
            units=tuple(running.packaged(name, "swift") for name in names),
            resources=(disk, *servers),
            constraints=tuple(constraints),
            health=running.http_health(
                f"http://$(sed -n 's/^bind_ip = //p' /etc/swift/account-server.conf):{swift.ACCOUNT_PORT}/healthcheck"
            ),
        )


def _disk(options: Options) -> Primitive:
    parameters = {
        "device": options.device,
        "directory": f"{swift.DEVICES}/{swift.DEVICE}",
        "fstype": options.filesystem,
        "options": "noatime",
        # Each node mounts a disk of its own of that name, none a disk of another.
        "force_clones": "true",
    }
    return Primitive(
        "swift-disk", "ocf:heartbeat:Filesystem", parameters, running.operations(interval=10.0, monitor=40.0)
    )


def _settings(site: Site, node: str, kind: str, options: Options) -> Settings:
    every: Settings = {
        "DEFAULT": {
            "bind_ip": site.address(node),
            "bind_port": swift.PORTS[kind],
            "workers": options.workers,
            "user": "swift",
            "swift_dir": "/etc/swift",
            "devices": swift.DEVICES,
            "mount_check": True,
        },
        "pipeline:main": {"pipeline": f"healthcheck recon {kind}-server"},
        f"app:{kind}-server": {"use": f"egg:swift#{kind}"},
        "filter:healthcheck": {"use": "egg:swift#healthcheck"},
        "filter:recon": {"use": "egg:swift#recon", "recon_cache_path": "/var/cache/swift"},
        f"{kind}-replicator": {"rsync_module": f"{{replication_ip}}::{kind}"},
        f"{kind}-auditor": {"interval": 1800},
    }
    daemons = {
        "account": {"account-reaper": {"interval": 3600}},
        "container": {"container-updater": {"interval": 300}, "container-sync": {"interval": 300}},
        "object": {"object-updater": {"interval": 300}},
    }
    return {**every, **daemons[kind]}


def _rsync(address: str) -> str:
    modules = (
        f"[{kind}]\nmax connections = 8\npath = {swift.DEVICES}\nread only = false\nlock file = /run/lock/{kind}.lock\n"
        for kind in swift.PORTS
    )
    return f"uid = swift\ngid = swift\naddress = {address}\n\n" + "\n".join(modules)
