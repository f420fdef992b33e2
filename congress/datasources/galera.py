"""Galera: how each node of a replicated MariaDB or MySQL sees itself and the others, and who takes writes."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from congress.datasources.contract import DriverError, Option
from congress.datasources.listed import TIMEOUT, ListedDriver, Objects
from congress.datasources.members import ask_all, members
from congress.datasources.options import POLLING
from congress.datasources.translate import Field, Table

PORT = 3306
NODE = Field("node", type="Str", description="name of the node, as in the option `nodes`")
NODES = Table(
    "nodes",
    (
        Field("name", type="Str", description="name of the node, as in the option `nodes`"),
        Field("place", type="Str", description="where it was asked"),
        Field("reachable", type="Bool", description="whether it answered; without an answer the rest is None"),
        Field("problem", type="Str", description="why it did not answer"),
        Field("own_name", type="Str", description="what it calls itself (wsrep_node_name)"),
        Field("replicates", type="Bool", description="whether it belongs to a cluster at all (wsrep_on and connected)"),
        Field("ready", type="Bool", description="whether it takes statements (wsrep_ready)"),
        Field("state", type="Str", description="Synced, Donor/Desynced, Joined, Joining, Initialized, ..."),
        Field("component", type="Str", description="Primary, or non-Primary without a majority"),
        Field("size", type="Int", description="how many nodes it sees, itself included"),
        Field("cluster_id", type="Str", description="identity of the cluster; two of them are two databases"),
        Field("read_only", type="Bool", description="whether it refuses clients' writes by itself"),
        Field("writes", type="Bool", description="whether clients committed here since the last look; first None"),
        Field("version", type="Str", description="release of the server"),
        Field("provider_version", type="Str", description="release of the replication library"),
    ),
)
SEEN = Table(
    "members",
    (
        NODE,
        Field("address", type="Str", description="where clients reach a node that it sees in its cluster"),
    ),
)
SETTINGS = Table(
    "settings",
    (
        NODE,
        Field("name", type="Str", description="name of the setting"),
        Field("value", type="Str", description="its value on this node"),
    ),
)
# Those by which nodes that differ are a trap, or a node is less safe than it looks.
_SETTINGS = (
    "auto_increment_increment",
    "binlog_format",
    "character_set_server",
    "innodb_autoinc_lock_mode",
    "innodb_flush_log_at_trx_commit",
    "max_connections",
    "wsrep_cluster_name",
    "wsrep_sst_method",
    "wsrep_sync_wait",
)
_VARIABLES = (*_SETTINGS, "read_only", "version", "wsrep_node_name", "wsrep_on")
_STATUS = (
    "wsrep_cluster_size",
    "wsrep_cluster_state_uuid",
    "wsrep_cluster_status",
    "wsrep_connected",
    "wsrep_incoming_addresses",
    "wsrep_local_commits",
    "wsrep_local_state_comment",
    "wsrep_provider_version",
    "wsrep_ready",
)


class Told(NamedTuple):
    """Status and global variables of one node, names in lower case."""

    status: Mapping[str, str]
    variables: Mapping[str, str]


class GaleraDriver(ListedDriver):
    """Logs in to each node, not to the address before them: who waits in reserve is to be known, too."""

    id = "galera"
    description = "State of each node of a Galera cluster, as the nodes see it"
    options = (
        Option(
            "nodes",
            required=True,
            description=f"The nodes: [name=]host[:port], separated by commas; port {PORT} when not given",
        ),
        Option("username", required=True, description="An account that may log in; it needs no privileges"),
        Option("password", secret=True, description="Its password"),
        Option("cacert", description="File with the certificates of the authorities that signed the nodes'; wants TLS"),
        TIMEOUT,
        *POLLING,
    )
    sights = ((NODES, SEEN, SETTINGS),)

    def __init__(self, name: str, config: Mapping[str, str]) -> None:
        super().__init__(name, config)
        self._nodes = members("nodes", self.settings["nodes"] or "")
        self._timeout: float = self.settings["timeout"]
        self._lock = threading.Lock()
        self._commits: dict[str, int] = {}

    def look(self, group: str) -> tuple[Objects]:
        answers = ask_all(self.name, self._nodes, lambda _name, place: self._ask(place))
        found: dict[str, list[Mapping[str, Any]]] = {table.name: [] for table in self.sights[0]}
        for one in answers:
            about = {} if one.value is None else {**node_of(one.value), "writes": self._writes(one.name, one.value)}
            found[NODES.name].append({**one.told(), **about})
            if one.value is not None:
                found[SEEN.name] += [{"node": one.name, "address": address} for address in _addresses(one.value)]
                found[SETTINGS.name] += [{"node": one.name, **row} for row in _settings(one.value)]
        return (found,)

    def _writes(self, name: str, told: Told) -> bool | None:
        """Whether the count of transactions that began here has grown. It starts again with the server."""
        text = told.status.get("wsrep_local_commits", "")
        if not text.isdigit():
            return None
        with self._lock:
            before, self._commits[name] = self._commits.get(name), int(text)
        return None if before is None or int(text) < before else int(text) > before

    def _ask(self, place: str) -> Told:
        """Raises DriverError."""
        try:
            import pymysql
        except ImportError as error:
            raise DriverError("PyMySQL is not installed on this node; install congress[mysql]") from error
        host, port = _host_and_port(place)
        try:
            with (
                closing(
                    pymysql.connect(
                        host=host,
                        port=port,
                        user=self.settings["username"],
                        password=self.settings["password"] or "",
                        connect_timeout=max(1, int(self._timeout)),
                        read_timeout=self._timeout,
                        write_timeout=self._timeout,
                        ssl_ca=self.settings["cacert"],
                        # With the authorities alone the library encrypts, and trusts whoever answers.
                        ssl_verify_identity=bool(self.settings["cacert"]),
                        charset="utf8mb4",
                        init_command=None,
                    )
                ) as link,
                link.cursor() as cursor,
            ):
                return Told(_shown(cursor, "STATUS", _STATUS), _shown(cursor, "VARIABLES", _VARIABLES))
        except (pymysql.err.Error, OSError, ValueError) as error:
            raise DriverError(_reason(error)) from error


def node_of(told: Told) -> dict[str, Any]:
    """What `nodes` says of a node that answered."""
    status, variables = told
    connected = status.get("wsrep_connected") == "ON"
    size = status.get("wsrep_cluster_size", "")
    return {
        "own_name": variables.get("wsrep_node_name"),
        "replicates": variables.get("wsrep_on") == "ON" and connected,
        "ready": status.get("wsrep_ready") == "ON",
        "state": status.get("wsrep_local_state_comment"),
        "component": status.get("wsrep_cluster_status"),
        # Without a cluster the count is that of nobody, and not a size.
        "size": int(size) if connected and size.isdigit() else 0,
        "cluster_id": status.get("wsrep_cluster_state_uuid") or None,
        "read_only": variables.get("read_only") in ("ON", "1"),
        "version": variables.get("version"),
        "provider_version": status.get("wsrep_provider_version") or None,
    }


def _addresses(told: Told) -> list[str]:
    known = told.status.get("wsrep_incoming_addresses", "").split(",")
    return [address for address in map(str.strip, known) if address and address != "AUTO"]


def _settings(told: Told) -> Iterator[dict[str, str]]:
    for name in _SETTINGS:
        if name in told.variables:
            yield {"name": name, "value": told.variables[name]}


def _shown(cursor: Any, what: str, names: tuple[str, ...]) -> dict[str, str]:
    """Neither needs a table, so a node that lost its cluster answers, too."""
    marks = ", ".join(["%s"] * len(names))
    cursor.execute(f"SHOW GLOBAL {what} WHERE Variable_name IN ({marks})", names)  # noqa: S608 - our own words
    return {str(name).lower(): str(value) for name, value in cursor.fetchall()}


def _host_and_port(place: str) -> tuple[str, int]:
    try:
        parts = urlsplit(f"//{place}")
        host, port = parts.hostname, parts.port or PORT
    except ValueError:
        host = None
    if not host or "/" in place or "@" in place:
        raise DriverError(f"'{place}' is no address; write host or host:port")
    return host, port


def _reason(error: Exception) -> str:
    """What MariaDB or the client library says, without the number in front."""
    return str(error.args[-1] if error.args else error)
