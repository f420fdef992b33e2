"""MariaDB with Galera under Pacemaker's agent, which finds the node that came furthest after all were down.

All nodes can write; the proxy sends everybody to one of them, because two writers only cost each other deadlocks.
"""

from __future__ import annotations

from typing import ClassVar

import pydantic

from congress.cluster.declaring.running import everywhere, unit, unit_file
from congress.cluster.declaring.settings import Settings, Value, text
from congress.cluster.pacemaker.resources import Clone, Operation, Primitive
from congress.cluster.services.contract import (
    Check,
    Declaration,
    File,
    HealthTest,
    Listener,
    Mode,
    Once,
    Port,
    Service,
    Site,
    Unit,
)

PORT, CHECK_PORT = 3306, 9200
SOCKET = "/run/mysqld/mysqld.sock"
DAY = 86400.0

CHECK_USER = "congress-check"
_ASKED = "mariadb -N -B"
_STRANGERS = "user = '' OR (user = 'root' AND host <> 'localhost')"
_DROPPED = "'DROP USER ', QUOTE(user), '@', QUOTE(host), ';'"

CHECK = Unit("congress-galera-check", f"/usr/local/bin/congress-galera-check --socket={SOCKET}", user="nobody")


class Options(pydantic.BaseModel):
    """Sizes, and how quickly a silent node is left behind."""

    model_config = pydantic.ConfigDict(extra="forbid")

    max_connections: int = pydantic.Field(4096, ge=64, description="Connections that a node takes.")
    buffer_pool_mb: int = pydantic.Field(1024, ge=64, description="InnoDB's memory for data, in MB.")
    cache_mb: int = pydantic.Field(
        512,
        ge=64,
        description="Writes kept for nodes that were away, in MB. Who misses more is sent everything, by a node that "
        "takes no writes meanwhile.",
    )
    suspect_seconds: float = pydantic.Field(
        1.5,
        ge=1.2,
        le=30,
        description="Silence after which a node is suspected; writes wait so long when one dies. Who joins is silent "
        "for a second.",
    )


class DatabaseServer(Service):
    """Its check answers the proxy over HTTP, since a node without its cluster still greets its clients."""

    name = "database"
    title = "Database (MariaDB Galera)"
    mode = Mode.ACTIVE_ACTIVE
    needs: ClassVar = ("loadbalancer",)
    default_address = "database"
    entry: ClassVar = ("galera-clone",)
    exit: ClassVar = (("galera-clone", "promote"),)
    Options = Options

    def declare(self, site: Site, options: pydantic.BaseModel) -> Declaration:
        assert isinstance(options, Options)
        return Declaration(
            packages=(
                "mariadb-server",
                "mariadb-client",
                "galera-4",
                "rsync",
                "python3-pymysql",
            ),
            files=(
                *(_configuration(site, node, options) for node in site.nodes),
                unit_file(CHECK, "Health of the Galera node for load balancers"),
            ),
            ports=(
                Port(PORT, "internal", "mariadbd"),
                Port(4444, "internal", "state transfer"),
                Port(4567, "internal", "replication"),
                Port(4567, "internal", "replication", "udp"),
                Port(4568, "internal", "incremental state transfer"),
                Port(CHECK_PORT, "internal", "congress-galera-check"),
            ),
            once=_once(),
            units=(CHECK,),
            not_at_boot=("mariadb",),
            resources=(_galera(site), everywhere(unit(CHECK.name))),
            listeners=(
                Listener(
                    "database",
                    "database",
                    PORT,
                    PORT,
                    Check(http="/", port=CHECK_PORT, again=0.25),
                    mode="tcp",
                    stickiness="first",
                    client_timeout=DAY / 24,
                    server_timeout=DAY / 24,
                ),
            ),
            health=HealthTest("mariadb -NBe \"SHOW STATUS LIKE 'wsrep_local_state_comment'\" | grep -q Synced"),
        )


def _galera(site: Site) -> Clone:
    primitive = Primitive(
        "galera",
        "ocf:heartbeat:galera",
        {
            "wsrep_cluster_address": f"gcomm://{','.join(site.nodes)}",
            "enable_creation": "true",
            "additional_parameters": "--open-files-limit=16384",
            "config": "/etc/mysql/my.cnf",
            "datadir": "/var/lib/mysql",
            "log": "/var/log/mysql/error.log",
            "pid": "/run/mysqld/mysqld.pid",
            "socket": SOCKET,
        },
        (
            Operation("start", timeout=120.0),
            Operation("stop", timeout=120.0),
            # Not blocked when it fails, as is often advised: the agent takes a node for broken that founds the cluster
            # and is not yet primary at the first look, and nobody would start it again. Who founds is decided anew.
            Operation("promote", timeout=300.0),
            Operation("demote", timeout=120.0),
            Operation("monitor", timeout=30.0, interval=5.0, role="Promoted"),
            Operation("monitor", timeout=30.0, interval=10.0, role="Unpromoted"),
        ),
    )
    return Clone("galera-clone", primitive, ordered=True, promotable=True, promoted_max=len(site.nodes))


def _configuration(site: Site, node: str, options: Options) -> File:
    return File(
        "/etc/mysql/mariadb.conf.d/99-cluster.cnf", text(_settings(site, node, options)), node=node, notify=("galera",)
    )


def _settings(site: Site, node: str, options: Options) -> Settings:
    address = site.address(node)
    server: dict[str, Value] = {
        "bind-address": address,
        "port": PORT,
        "socket": SOCKET,
        "skip-name-resolve": "ON",
        "skip-log-bin": "ON",
        "character-set-server": "utf8mb4",
        "max_connections": options.max_connections,
        "open_files_limit": 16384,
        "default_storage_engine": "InnoDB",
        "binlog_format": "ROW",
        "innodb_autoinc_lock_mode": 2,
        "innodb_buffer_pool_size": f"{options.buffer_pool_mb}M",
        # What was acknowledged is on the disk of the node that took it, also when the whole site loses its power.
        "innodb_flush_log_at_trx_commit": 1,
        "wsrep_on": "ON",
        "wsrep_provider": "/usr/lib/galera/libgalera_smm.so",
        "wsrep_cluster_name": site.cluster,
        # The agent gives the members; asking a stopped node how far it came fails without any. With all of them here,
        # each would restart when one is added.
        "wsrep_cluster_address": f"gcomm://{address}",
        "wsrep_node_name": node,
        "wsrep_node_address": address,
        "wsrep_node_incoming_address": f"{address}:{PORT}",
        "wsrep_sst_receive_address": f"{address}:4444",
        # Other methods need an account before the first node can give anything to the second.
        "wsrep_sst_method": "rsync",
        "wsrep_slave_threads": 1,
        # A transaction is repeated as a whole by who began it; a statement alone may mean something else then.
        "wsrep_retry_autocommit": 0,
        "wsrep_provider_options": _provider_options(address, options),
    }
    return {"mysqld": server}


def _provider_options(address: str, options: Options) -> str:
    """install_timeout has to be less than inactive_timeout, or the node does not start; with little of it a survivor
    that is slow at that moment leaves all of them without quorum."""
    suspect = options.suspect_seconds
    values = {
        "gcache.size": f"{options.cache_mb}M",
        "gmcast.listen_addr": f"tcp://{address}:4567",
        "ist.recv_addr": f"{address}:4568",
        "evs.keepalive_period": "PT0.3S",
        "evs.inactive_check_period": "PT0.2S",
        "evs.suspect_timeout": f"PT{suspect:g}S",
        "evs.inactive_timeout": f"PT{suspect + 5:g}S",
        "evs.install_timeout": f"PT{suspect + 4:g}S",
    }
    return f'"{";".join(f"{name}={value}" for name, value in values.items())}"'


def _once() -> tuple[Once, ...]:
    return (
        Once(
            "database: account of the health check",
            f"mariadb -e \"CREATE USER IF NOT EXISTS '{CHECK_USER}'@'localhost'\"",
            done=f"{_ASKED} -e \"SELECT user FROM mysql.user WHERE user = '{CHECK_USER}'\" | grep -q .",  # noqa: S608
            after=("database",),
        ),
        Once(
            "database: accounts that nobody asked for",
            f'{_ASKED} -e "SELECT CONCAT({_DROPPED}) FROM mysql.user WHERE {_STRANGERS}" | mariadb',  # noqa: S608
            done=f'test -z "$({_ASKED} -e "SELECT user FROM mysql.user WHERE {_STRANGERS}")"',  # noqa: S608
            after=("database",),
        ),
    )
