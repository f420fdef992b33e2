"""MongoDB as a replica set, for services of the cloud that keep documents. Members elect their primary themselves; a
node comes into the set by a first step, and leaves it by a step of the plan.

Debian has no package of it: the nodes need the repository of its makers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import ClassVar

import pydantic

from congress.cluster.declaring import mongodb_program
from congress.cluster.declaring.mongodb_program import WANTED
from congress.cluster.declaring.running import everywhere, operations
from congress.cluster.pacemaker.resources import Primitive
from congress.cluster.secrets import mark
from congress.cluster.services.contract import (
    Declaration,
    File,
    HealthTest,
    Membership,
    Mode,
    Once,
    Port,
    Service,
    Site,
    Unit,
)

PORT = 27017
CONFIGURATION, KEY, DATA = "/etc/mongod.conf", "/etc/mongodb.key", "/var/lib/mongodb"
SET = "/usr/local/sbin/mongodb-set"
_PROGRAM = Path(mongodb_program.__file__)


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
        return Declaration(
            packages=("mongodb-org-server", "python3-pymongo"),
            files=(
                *(_configuration(site, node, options) for node in site.nodes),
                *(_wanted(site, node, options) for node in site.nodes),
                File(KEY, mark("mongodb-members"), mode=0o400, owner="mongodb", group="mongodb", notify=("mongod",)),
                File(SET, _PROGRAM.read_text(encoding="utf-8"), mode=0o755),
            ),
            ports=(Port(PORT, "internal", "mongod"),),
            once=(
                Once("mongodb: replica set", f"{SET} begin", done=f"{SET} begun", after=("mongodb",)),
                Once(
                    "mongodb: this member of the set",
                    f"{SET} join",
                    done=f"{SET} joined",
                    after=("mongodb",),
                    every_node=True,
                ),
            ),
            units=(Unit("mongod", f"/usr/bin/mongod --config {CONFIGURATION}", user="mongodb"),),
            resources=(everywhere(primitive),),
            health=HealthTest(f"{SET} works"),
            membership=Membership(
                listed=f"{SET} members",
                # One that stops hands over by itself.
                drain=":",
                forget=f'{SET} forget "$NODE"',
                left=f"systemctl stop mongod && rm -rf {DATA}.left && "
                f"{{ test ! -e {DATA} || mv -T {DATA} {DATA}.left; }} && install -d -o mongodb -g mongodb {DATA}",
            ),
        )


def _wanted(site: Site, node: str, options: Options) -> File:
    """What the program for the set wants to know. Who comes and goes restarts nobody."""
    members = {each: f"{site.address(each)}:{PORT}" for each in site.nodes}
    wanted = {"name": options.replica_set, "node": node, "members": members, "key": KEY}
    return File(WANTED, json.dumps(wanted, indent=2) + "\n", node=node)


def _configuration(site: Site, node: str, options: Options) -> File:
    content = (
        f"storage:\n  dbPath: {DATA}\n"
        f"  wiredTiger:\n    engineConfig:\n      cacheSizeGB: {options.cache_mb / 1024:g}\n"
        "systemLog:\n  destination: file\n  logAppend: true\n  path: /var/log/mongodb/mongod.log\n"
        f"net:\n  port: {PORT}\n  bindIp: {site.address(node)}\n"
        f"replication:\n  replSetName: {options.replica_set}\n"
        f"security:\n  keyFile: {KEY}\n"
    )
    return File(CONFIGURATION, content, node=node, notify=("mongod",))
