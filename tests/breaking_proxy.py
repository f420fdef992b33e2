"""A TCP proxy before a MariaDB that loses connections: at each n-th statement, before or after the server got it."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable

COMMIT = b"\x03COMMIT"
"""How MariaDB's protocol says it, after the length of the packet."""


class BreakingProxy:
    """Listens on `port`. `plan(number, is_commit)` is asked about every statement, counted over all connections, and
    says when its connection is lost: "before" the server got the statement, "after" it did, or None."""

    def __init__(self, to_port: int, plan: Callable[[int, bool], str | None]) -> None:
        self._to_port, self._plan = to_port, plan
        self._counting = threading.Lock()
        self._statements = 0
        self.lost = 0
        self.is_open = True
        """While it is not, every statement loses its connection, and nobody can connect."""
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _address = self._listening.accept()
            except OSError:
                return
            if not self.is_open:
                client.close()
                continue
            server = socket.create_connection(("127.0.0.1", self._to_port))
            for each in (client, server):
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._forward, args=(client, server), daemon=True).start()
            threading.Thread(target=self._back, args=(server, client), daemon=True).start()

    def _forward(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := client.recv(65536):
                fate = self._fate(data)
                if fate == "after":
                    _close(client)  # so that no answer gets through
                if fate != "before":
                    server.sendall(data)
                if fate is not None:
                    break
        _close(client, server)

    def _fate(self, data: bytes) -> str | None:
        with self._counting:
            self._statements += 1
            fate = self._plan(self._statements, data[4 : 4 + len(COMMIT)] == COMMIT) if self.is_open else "before"
            self.lost += fate is not None
            return fate

    @staticmethod
    def _back(server: socket.socket, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(65536):
                client.sendall(data)
        _close(client, server)


def _close(*sockets: socket.socket) -> None:
    for each in sockets:
        with contextlib.suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
        each.close()
