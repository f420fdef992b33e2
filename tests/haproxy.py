"""A real HAProxy on loopback ports, over servers that are not more than listening sockets."""

from __future__ import annotations

import socket
import subprocess
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from tests.databases import free_port, program
from tests.waiting import until

USER, PASSWORD = "watcher", "canary-of-the-page"

_CONFIGURATION = """\
global
    stats socket {directory}/admin mode 600 level operator
    stats socket ipv4@127.0.0.1:{tcp} level operator
defaults
    mode tcp
    timeout connect 1s
    timeout client 60s
    timeout server 60s
    timeout check 500ms
listen statistics
    mode http
    bind 127.0.0.1:{http}
    stats enable
    stats uri /status
    stats show-legends
    stats auth {user}:{password}
frontend api
    bind 127.0.0.1:{api}
    default_backend api
backend api
    balance leastconn
    default-server check inter 100ms rise 1 fall 1
    server api1 127.0.0.1:{api1}
    server api2 127.0.0.1:{api2}
    server api3 127.0.0.1:{api3} disabled
listen database
    bind 127.0.0.1:{database}
    default-server check inter 100ms rise 1 fall 1
    server db1 127.0.0.1:{db1}
    server db2 127.0.0.1:{db2} backup
    server db3 127.0.0.1:{db3} backup
listen unchecked
    bind 127.0.0.1:{unchecked}
    server one 127.0.0.1:{api1}
"""
_PORTS = ("tcp", "http", "api", "database", "unchecked")
SERVERS = ("api1", "api2", "api3", "db1", "db2", "db3")


class Server:
    """Takes connections and keeps them until the other side ends them, or it is stopped."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._socket: socket.socket | None = None
        self._taken: list[socket.socket] = []

    def start(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._take, args=(self._socket,), daemon=True).start()

    def _take(self, listening: socket.socket) -> None:
        while True:
            try:
                taken = listening.accept()[0]
            except OSError:
                return
            self._taken.append(taken)
            threading.Thread(target=self._keep, args=(taken,), daemon=True).start()

    @staticmethod
    def _keep(taken: socket.socket) -> None:
        with taken, suppress(OSError):
            while taken.recv(1024):
                pass

    def stop(self) -> None:
        if self._socket is None:
            return
        for each in (self._socket, *self._taken):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        self._socket = None
        self._taken.clear()


class Haproxy:
    """Use as a context manager; all servers but api3 are there at the start."""

    def __init__(self) -> None:
        self.ports = {name: free_port() for name in (*_PORTS, *SERVERS)}
        self.servers = {name: Server(self.ports[name]) for name in SERVERS}

    @property
    def socket(self) -> str:
        return f"{self._directory.name}/admin"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.ports['http']}/status"

    def __enter__(self) -> Haproxy:
        self._directory = tempfile.TemporaryDirectory(prefix="congress-haproxy-")
        file = Path(self._directory.name) / "haproxy.cfg"
        values = {"directory": self._directory.name, "user": USER, "password": PASSWORD}
        file.write_text(_CONFIGURATION.format(**values, **self.ports))
        for name in SERVERS:
            if name != "api3":
                self.servers[name].start()
        with (file.parent / "output").open("wb") as output:
            command = [program("haproxy"), "-db", "-f", str(file)]
            self._process = subprocess.Popen(command, stdout=output, stderr=output)  # noqa: S603
        try:
            until(
                self._listens,
                lambda: (file.parent / "output").read_text(),
                ended=lambda: self._process.poll() is not None,
            )
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def _listens(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.ports["tcp"]), timeout=1).close()
        except OSError:
            return False
        return True

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait(20)
        for server in self.servers.values():
            server.stop()
        self._directory.cleanup()
