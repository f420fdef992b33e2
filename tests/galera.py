"""A real Galera cluster on loopback addresses: three MariaDB servers that replicate to each other, each on the ports
that MariaDB usually has, with all their files in one directory. Nodes can be killed, frozen, stopped and started again.

    python -m tests.galera        # starts one, says how to reach it, and stops it when Enter is pressed
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path

import sqlalchemy
from sqlalchemy.exc import DBAPIError

from tests.databases import program
from tests.waiting import until

START_SECONDS = 90.0
PORT, GROUP, INCREMENTAL, SNAPSHOT = 3306, 4567, 4568, 4444
PROVIDERS = ("/usr/lib/galera/libgalera_smm.so", "/usr/lib64/galera-4/libgalera_smm.so")

# A node that is gone is noticed soon, not after five seconds, and not while it joins, which takes it one.
PROVIDER_OPTIONS = {
    "gcache.size": "32M",
    "evs.keepalive_period": "PT0.3S",
    "evs.inactive_check_period": "PT0.2S",
    "evs.suspect_timeout": "PT1.5S",
    "evs.inactive_timeout": "PT6.5S",
    "evs.install_timeout": "PT5.5S",
}
SETTINGS = {
    "binlog-format": "ROW",
    "default-storage-engine": "InnoDB",
    "innodb-autoinc-lock-mode": "2",
    "innodb-flush-log-at-trx-commit": "1",
    "innodb-buffer-pool-size": "32M",
    "innodb-log-file-size": "16M",
    "max-connections": "100",
    "wsrep-on": "ON",
    "wsrep-sst-method": "rsync",
    "wsrep-slave-threads": "1",
    "wsrep-retry-autocommit": "0",
}
_NAMES = count(1)


def provider() -> str:
    """The library that replicates."""
    found = next((path for path in PROVIDERS if Path(path).exists()), None)
    assert found, "Galera is missing; requirements/servers.sh installs it"
    return found


class GaleraNode:
    """One server of a cluster."""

    def __init__(self, name: str, address: str, directory: Path, peers: Sequence[str]) -> None:
        self.name, self.address, self.directory = name, address, directory
        self._peers = peers
        self._process: subprocess.Popen[bytes] | None = None

    # -- life

    def install(self) -> None:
        """Make an empty data directory."""
        self.directory.mkdir(parents=True, exist_ok=True)
        if _account():
            shutil.chown(self.directory, _account())
        command = [program("mariadb-install-db"), "--no-defaults", f"--datadir={self._data}", "--skip-test-db"]
        command += ["--auth-root-authentication-method=normal"]
        done = subprocess.run(command, capture_output=True, timeout=120, user=_account(), cwd=self.directory)  # noqa: S603
        assert not done.returncode, (done.stdout + done.stderr).decode(errors="replace")

    def launch(self, *, bootstrap: bool = False) -> None:
        """Start the server and do not wait for it; `bootstrap` makes it the first of a new cluster."""
        with (self.directory / "output").open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603
                self._command(bootstrap),
                stdout=output,
                stderr=output,
                cwd=self.directory,
                user=_account(),
                start_new_session=True,
            )

    def start(self, *, bootstrap: bool = False, size: int | None = None) -> GaleraNode:
        """Start the server and wait until it takes writes, and sees so many nodes."""
        self.launch(bootstrap=bootstrap)
        self.wait(size)
        return self

    def wait(self, size: int | None = None, seconds: float = START_SECONDS) -> None:
        """Wait until the node takes writes, and sees so many nodes."""
        until(lambda: self.is_synced(size), self.said, seconds=seconds, ended=lambda: not self.runs, every=0.05)

    def kill(self) -> None:
        """End the server at once, as a loss of power would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Let the server leave the cluster and end."""
        self._end(signal.SIGTERM)

    def freeze(self) -> None:
        """Stop the server in the middle of what it does, until `thaw`."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen server go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> None:
        assert self._process is not None, f"{self.name} was not started"
        os.kill(self._process.pid, number)

    def _end(self, number: int) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        # Scripts that copy data to or from other nodes are children, in the server's own session.
        for each in (signal.SIGCONT, number):
            try:
                (os.killpg if number == signal.SIGKILL else os.kill)(process.pid, each)
            except ProcessLookupError:
                break
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)

    # -- asking

    @property
    def runs(self) -> bool:
        """Whether its server was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def url(self, database: str) -> str:
        """The URL of a database, on this node."""
        return f"mysql+pymysql://root@{self.address}:{PORT}/{database}?charset=utf8mb4"

    def admin(self) -> sqlalchemy.Engine:
        """An engine that may create databases."""
        connect = {"connect_timeout": 2, "read_timeout": 10}
        return sqlalchemy.create_engine(
            self.url("mysql"), isolation_level="AUTOCOMMIT", poolclass=sqlalchemy.NullPool, connect_args=connect
        )

    def status(self) -> dict[str, str]:
        """What the node says about its place in the cluster; nothing when it cannot be asked."""
        try:
            with self.admin().connect() as connection:
                rows = connection.exec_driver_sql("SHOW STATUS LIKE 'wsrep\\_%%'")
                return {str(name): str(value) for name, value in rows}
        except DBAPIError:
            return {}

    def is_synced(self, size: int | None = None) -> bool:
        """Whether the node takes writes, and sees so many nodes. A node that was frozen says until it has looked around
        what was so before."""
        return self._in_step(self.status(), size)

    @staticmethod
    def _in_step(status: dict[str, str], size: int | None) -> bool:
        seen = size is None or status.get("wsrep_cluster_size") == str(size)
        return status.get("wsrep_local_state_comment") == "Synced" and status.get("wsrep_ready") == "ON" and seen

    def said(self) -> str:
        """The end of the server's log."""
        return (self.directory / "output").read_text(errors="replace")[-4000:]

    def recovered(self) -> int:
        """The number of the last transaction that a node which does not run has; -1 for none."""
        command = [*self._command(bootstrap=False), "--wsrep-recover"]
        done = subprocess.run(  # noqa: S603
            command, capture_output=True, text=True, timeout=60, cwd=self.directory, user=_account()
        )
        lines = [line for line in (done.stdout + done.stderr).splitlines() if "Recovered position" in line]
        return int(lines[-1].rpartition(":")[2]) if lines else -1

    def make_safe_to_bootstrap(self) -> None:
        """Say that this node has everything, so that a cluster may begin with it."""
        state = self._data / "grastate.dat"
        state.write_text(state.read_text().replace("safe_to_bootstrap: 0", "safe_to_bootstrap: 1"))

    @property
    def _data(self) -> Path:
        return self.directory / "data"

    def _command(self, bootstrap: bool) -> list[str]:
        group = f"tcp://{self.address}:{GROUP}"
        options = PROVIDER_OPTIONS | {
            "gmcast.listen_addr": group,
            "ist.recv_addr": f"{self.address}:{INCREMENTAL}",
            "ist.recv_bind": f"{self.address}:{INCREMENTAL}",
        }
        members = "" if bootstrap else ",".join(f"{peer}:{GROUP}" for peer in self._peers)
        own = {
            "datadir": self._data,
            "socket": self.directory / "socket",
            "pid-file": self.directory / "pid",
            "tmpdir": self.directory,
            "bind-address": self.address,
            "port": PORT,
            "wsrep-provider": provider(),
            "wsrep-cluster-name": "congress",
            "wsrep-cluster-address": f"gcomm://{members}",
            "wsrep-node-name": self.name,
            "wsrep-node-address": self.address,
            "wsrep-sst-receive-address": f"{self.address}:{SNAPSHOT}",
            "wsrep-provider-options": ";".join(f"{key}={value}" for key, value in options.items()),
        }
        settings = [f"--{key}={value}" for key, value in {**SETTINGS, **own}.items()]
        return [program("mariadbd"), "--no-defaults", "--skip-name-resolve", "--skip-log-bin", *settings]


class GaleraCluster:
    """`size` nodes, on addresses that no other cluster of this machine has."""

    def __init__(self, directory: Path | None = None, network: str | None = None, size: int = 3) -> None:
        """`network`: the first three numbers of the nodes' addresses, of 127.0.0.0/8; any free one by default."""
        self._is_temporary = directory is None
        self.directory = directory or Path(tempfile.mkdtemp(prefix="congress-galera-"))
        self.directory.mkdir(parents=True, exist_ok=True)
        self.directory.chmod(0o755)
        network = network or f"127.{random.randint(64, 250)}.{random.randint(1, 250)}"  # noqa: S311
        addresses = [f"{network}.{number}" for number in range(1, size + 1)]
        self.nodes = [
            GaleraNode(f"galera{number}", address, self.directory / f"galera{number}", addresses)
            for number, address in enumerate(addresses, 1)
        ]

    def start(self, say: Callable[[str], None] = lambda _sentence: None) -> GaleraCluster:
        """Start all nodes; those whose data are there keep them. Takes some fifteen seconds the first time."""
        for node in self.nodes:
            if not (node.directory / "data").exists():
                node.install()
        if any((node.directory / "data" / "grastate.dat").exists() for node in self.nodes):
            self.recover()
            return self
        for number, node in enumerate(self.nodes, 1):
            node.start(bootstrap=number == 1, size=number)
            say(f"{node.name} at {node.address}:{PORT}")
        return self

    def recover(self) -> None:
        """Start a cluster of which no node runs, beginning with the one that has seen most."""
        first = max(self.nodes, key=GaleraNode.recovered)
        first.make_safe_to_bootstrap()
        first.start(bootstrap=True, size=1)
        for number, node in enumerate([node for node in self.nodes if node is not first], 2):
            node.start(size=number)

    def create(self) -> str:
        """Make an empty database on all nodes; answers its name."""
        name = f"congress_{next(_NAMES)}"
        with self.nodes[0].admin().connect() as connection:
            connection.execute(sqlalchemy.text(f"CREATE DATABASE {name}"))
        for node in self.nodes[1:]:
            with node.admin().connect() as connection:  # a database is looked for before anything can be waited for
                connection.execute(sqlalchemy.text("SET SESSION wsrep_sync_wait = 1"))
                connection.execute(sqlalchemy.text("SHOW DATABASES")).all()
        return name

    def urls(self, database: str) -> list[str]:
        """The URLs of a database, one for each node."""
        return [node.url(database) for node in self.nodes]

    def heal(self) -> None:
        """Start the nodes that do not run, and wait until all take writes and belong to one membership."""
        for node in self.nodes:
            if node._process is None:
                node.launch()
        until(self._agree, self._said, seconds=START_SECONDS, ended=lambda: not self._run(), every=0.05)

    def _agree(self) -> bool:
        states = [node.status() for node in self.nodes]
        if not all(node._in_step(state, len(self.nodes)) for node, state in zip(self.nodes, states, strict=True)):
            return False
        return len({state["wsrep_cluster_conf_id"] for state in states}) == 1

    def _run(self) -> bool:
        return all(node.runs for node in self.nodes)

    def _said(self) -> str:
        return "\n".join(f"{node.name}: {node.said()}" for node in self.nodes)

    def stop(self) -> None:
        """End all nodes; a directory that was made for them is removed."""
        for node in self.nodes:
            node.kill()
        if self._is_temporary:
            shutil.rmtree(self.directory, ignore_errors=True)


def _account() -> str | None:
    """Whom the servers run as when the tests run as root: the transfer of a whole state refuses to write as root."""
    return "mysql" if os.geteuid() == 0 else None


def main() -> None:
    cluster = GaleraCluster()
    try:
        cluster.start(say=print)
        input("Enter stops the cluster. ")
    finally:
        cluster.stop()


if __name__ == "__main__":
    main()
