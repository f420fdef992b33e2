"""MongoDB as a replica set, for services of the cloud that keep documents. Members elect their primary themselves.

Debian has no package of it: the nodes need the repository of its makers."""

from __future__ import annotations

from typing import ClassVar

import pydantic

from congress.cluster.declaring.running import everywhere, operations
from congress.cluster.pacemaker.resources import Primitive
from congress.cluster.secrets import mark
from congress.cluster.services.contract import Declaration, File, HealthTest, Mode, Once, Port, Service, Site, Unit

PORT = 27017
CONFIGURATION, KEY = "/etc/mongod.conf", "/etc/mongodb.key"


class Options(pydantic.BaseModel):
    """The name of the set, and sizes."""

    model_config = pydantic.ConfigDict(extra="forbid")

    replica_set: str = pydantic.Field("control", pattern=r"^[A-Za-z][A-Za-z0-9_-]*$", description="Name of the set.")
    cache_mb: int = pydantic.Field(512, ge=256, description="Memory for data, in MB.")


class MongoDb(Service):
    """Not behind the proxy: clients are given all members, and ask for the primary."""

    name = "mongodb"
    title = "Documents (MongoDB)"
    mode = Mode.ACTIVE_ACTIVE
    entry: ClassVar = ("mongod-clone",)
    exit: ClassVar = (("mongod-clone", "start"),)
    Options = Options

    def declare(self, site: Site, options: pydantic.BaseModel) -> Declaration:
        assert isinstance(options, Options)
        primitive = Primitive("mongod", "systemd:mongod", operations=operations(start=300.0))
        shell = f"mongosh --quiet --host {site.address(site.first)} --port {PORT}"
        members = ", ".join(
            f'{{_id: {number}, host: "{site.address(node)}:{PORT}"}}' for number, node in enumerate(site.nodes)
        )
        return Declaration(
            packages=("mongodb-org-server", "mongodb-mongosh"),
            files=(
                *(_configuration(site, node, options) for node in site.nodes),
                File(KEY, mark("mongodb-members"), mode=0o400, owner="mongodb", group="mongodb", notify=("mongod",)),
            ),
            ports=(Port(PORT, "internal", "mongod"),),
            once=(
                Once(
                    "mongodb: replica set",
                    f"{shell} --eval 'rs.initiate({{_id: \"{options.replica_set}\", members: [{members}]}})'",
                    done=f"{shell} --eval 'rs.hello().setName' | grep -qx {options.replica_set}",
                    after=("mongodb",),
                ),
            ),
            units=(Unit("mongod", f"/usr/bin/mongod --config {CONFIGURATION}", user="mongodb"),),
            resources=(everywhere(primitive),),
            health=HealthTest(
                f"mongosh --quiet --host $(sed -n 's/^  bindIp: //p' {CONFIGURATION}) --port {PORT} "
                "--eval 'const h = rs.hello(); h.isWritablePrimary || h.secondary' | grep -q true"
            ),
        )


def _configuration(site: Site, node: str, options: Options) -> File:
    content = (
        "storage:\n  dbPath: /var/lib/mongodb\n"
        f"  wiredTiger:\n    engineConfig:\n      cacheSizeGB: {options.cache_mb / 1024:g}\n"
        "systemLog:\n  destination: file\n  logAppend: true\n  path: /var/log/mongodb/mongod.log\n"
        f"net:\n  port: {PORT}\n  bindIp: {site.address(node)}\n"
        f"replication:\n  replSetName: {options.replica_set}\n"
        f"security:\n  keyFile: {KEY}\n"
    )
    return File(CONFIGURATION, content, node=node, notify=("mongod",))
