"""memcached on each node. Clients know all of them; what one forgets is fetched again."""

from __future__ import annotations

from typing import ClassVar

import pydantic

from congress.cluster.declaring.running import everywhere, unit
from congress.cluster.services.contract import Declaration, File, HealthTest, Mode, Port, Service, Site, Unit

PORT = 11211


class Options(pydantic.BaseModel):
    """Sizes."""

    model_config = pydantic.ConfigDict(extra="forbid")

    memory_mb: int = pydantic.Field(64, ge=16, description="Memory for what is cached, in MB.")
    connections: int = pydantic.Field(8192, ge=64, description="Connections that a node takes.")


class Memcached(Service):
    """Not behind the proxy: each client has to ask the node that holds the key."""

    name = "memcached"
    title = "Cache (memcached)"
    mode = Mode.ACTIVE_ACTIVE
    entry: ClassVar = ("memcached-clone",)
    exit: ClassVar = (("memcached-clone", "start"),)
    Options = Options

    def declare(self, site: Site, options: pydantic.BaseModel) -> Declaration:
        assert isinstance(options, Options)
        return Declaration(
            packages=("memcached", "netcat-openbsd"),
            files=tuple(
                File(
                    "/etc/memcached.conf",
                    f"-u memcache\n-l {site.address(node)}\n-p {PORT}\n-U 0\n"
                    f"-m {options.memory_mb}\n-c {options.connections}\n",
                    node=node,
                    notify=("memcached",),
                )
                for node in site.nodes
            ),
            ports=(Port(PORT, "internal", "memcached"),),
            units=(Unit("memcached", "/usr/share/memcached/scripts/systemd-memcached-wrapper /etc/memcached.conf"),),
            resources=(everywhere(unit("memcached")),),
            health=HealthTest(
                "addr=$(sed -n 's/^-l //p' /etc/memcached.conf); "
                f"printf 'version\\r\\nquit\\r\\n' | timeout 5 nc -q 1 \"$addr\" {PORT} | grep -q ^VERSION"
            ),
        )
