"""A cluster of MariaDB Galera nodes with the settings of `deploy/ha/galera.cnf`."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pymysql

from demo.ha.machines import Machine, NotStarted, Process
from demo.ha.templates import filled

PORT, CHECK_PORT = 3306, 9200


class Database:
    """One node."""

    def __init__(self, machine: Machine, directory: Path, variables: Mapping[str, str], check: Sequence[str]) -> None:
        """`variables`: those of `deploy/ha/galera.cnf`; `check`: the command of the health check."""
        self.machine, self.directory = machine, directory
        self.data = directory / "data"
        directory.mkdir(parents=True, exist_ok=True)
        self._user = "mysql" if os.geteuid() == 0 else None
        self.socket = directory / "socket"
        self._settings = directory / "my.cnf"
        self._settings.write_text(_settings(directory, self.socket, variables))
        self.process = Process(machine, f"mariadb-{machine.name}", self._command(), directory)
        self.check = Process(machine, f"galera-check-{machine.name}", check, directory)

    def _command(self, *more: str) -> list[str]:
        account = ["--user=mysql"] if self._user else []
        return ["/usr/sbin/mariadbd", f"--defaults-file={self._settings}", *account, *more]

    def create(self) -> None:
        """Make an empty data directory, unless there is one."""
        if self.data.exists():
            return
        temporary = self.directory / "tmp"  # its own: a server removes others' temporary tables when it starts
        for path in (self.data, temporary):
            path.mkdir(parents=True)
        if self._user:
            for path in (self.directory, self.data, temporary):
                shutil.chown(path, "mysql", "mysql")
        command = ["mariadb-install-db", "--no-defaults", f"--datadir={self.data}", f"--tmpdir={temporary}"]
        command += ["--skip-test-db", "--auth-root-authentication-method=normal"]
        command += ["--user=mysql"] if self._user else []
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)  # noqa: S603
        if done.returncode:
            raise NotStarted(f"mariadb-install-db says for {self.machine.name}:\n{done.stdout}{done.stderr}")

    def start(self, *, bootstrap: bool = False) -> None:
        """Join the cluster, or found it. Does not wait."""
        more = ["--wsrep-new-cluster"] if bootstrap else []
        if (self.data / "grastate.dat").exists() and not (found := self._recovered()).endswith(":-1"):
            # As the distributions' units do. Without it a founder counts from zero again, and after the next failure a
            # node that stayed away seems to have come further; who joins would be sent everything.
            more.append(f"--wsrep-start-position={found}")
        self.process = Process(self.machine, self.process.name, self._command(*more), self.directory)
        self.process.start()
        if not self.check.running:
            self.check.start()

    def await_synced(self, members: int = 1, seconds: float = 120.0) -> float:
        """Wait until the node is in a cluster of so many; answers how long it took."""
        return self.process.await_("synced", lambda: self._is_synced(members), seconds)

    def _is_synced(self, members: int) -> bool:
        try:
            state = self.state()
        except pymysql.err.Error:
            return False
        return state.get("wsrep_local_state") == "4" and int(state.get("wsrep_cluster_size", 0)) >= members

    def state(self) -> dict[str, str]:
        """The status variables of replication. Raises pymysql.err.Error."""
        return dict(self.query("SHOW GLOBAL STATUS LIKE 'wsrep%'"))

    def query(self, statement: str) -> list[tuple[str, ...]]:
        """Run a statement as root, over the node's own socket. Raises pymysql.err.Error."""
        settings = {"user": "root", "connect_timeout": 3, "read_timeout": 5, "autocommit": True}
        with pymysql.connect(unix_socket=str(self.socket), **settings) as link, link.cursor() as cursor:  # type: ignore[arg-type]
            cursor.execute(statement)
            return list(cursor.fetchall())

    def position(self) -> int:
        """How far the stopped node had come: the one with the highest number founds the cluster again."""
        return int(self._recovered().rpartition(":")[2])

    def _recovered(self) -> str:
        """Cluster and number of the last transaction on the stopped node's disk; `:-1` when nobody can tell."""
        state = (self.data / "grastate.dat").read_text() if (self.data / "grastate.dat").exists() else ""
        saved = re.search(r"uuid:\s*(\S+)\s*seqno:\s*(\d+)", state)
        if saved:
            return f"{saved[1]}:{saved[2]}"
        log = self.directory / "recovery.log"  # the server would add an ending to a name that has none
        command = self.machine.command(self._command("--wsrep-recover", f"--log-error={log}"))
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)  # noqa: S603
        if not log.exists():
            raise NotStarted(f"{self.machine.name} cannot tell how far it had come:\n{done.stdout}{done.stderr}")
        found = re.findall(r"Recovered position: ([0-9a-f-]+:-?\d+)", log.read_text())
        return str(found[-1]) if found else ":-1"

    def may_found(self) -> None:
        """Let the node found the cluster though it was not the last to stop in order."""
        state = self.data / "grastate.dat"
        state.write_text(re.sub(r"safe_to_bootstrap: \d", "safe_to_bootstrap: 1", state.read_text()))


def _settings(directory: Path, socket: Path, variables: Mapping[str, str]) -> str:
    """What `deploy/ha` says, and what differs when several nodes share a machine."""
    return (
        filled("galera.cnf", variables)
        + f"""
[mysqld]
datadir = {directory / "data"}
tmpdir = {directory / "tmp"}
socket = {socket}
pid-file = {socket}.pid
innodb_buffer_pool_size = 128M
innodb_log_file_size = 48M
"""
    )
