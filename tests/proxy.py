"""A TCP proxy in this process: leads each connection to the first target that takes it, and breaks them on demand."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Sequence

CONNECT_SECONDS = 1.0


class Proxy:
    """Listens on `port` of 127.0.0.1. `targets` may be changed while it works. `hear` is told what clients send."""

    def __init__(self, targets: Sequence[tuple[str, int]], hear: Callable[[bytes], None] = lambda _data: None) -> None:
        self.targets, self._hear = list(targets), hear
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def break_all(self) -> None:
        """Cut all connections, wherever they are."""
        with self._lock:
            for each in self._open:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)

    def stop(self) -> None:
        """Cut all connections and take no more."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.break_all()

    def _accept(self) -> None:
        while True:
            try:
                client, _address = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        server = self._connect()
        if server is None:
            client.close()
            return
        with self._lock:
            self._open |= {client, server}
        back = threading.Thread(target=self._pass_on, args=(server, client, lambda _data: None), daemon=True)
        back.start()
        self._pass_on(client, server, self._hear)
        back.join()
        with self._lock:
            self._open -= {client, server}
        client.close()
        server.close()

    def _connect(self) -> socket.socket | None:
        for target in self.targets:
            with contextlib.suppress(OSError):
                server = socket.create_connection(target, CONNECT_SECONDS)
                server.settimeout(None)
                return server
        return None

    @staticmethod
    def _pass_on(source: socket.socket, target: socket.socket, hear: Callable[[bytes], None]) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                hear(data)
                target.sendall(data)
        for each in (source, target):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
