"""Serves the application over HTTP with a bounded number of threads, and stops without cutting answers short."""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import waitress.server
from waitress.channel import ClientDisconnected, HTTPChannel
from waitress.server import create_server
from waitress.task import WSGITask

from congress.api.middleware import Application
from congress.api.streams import HOLD, Line
from congress.telemetry import metrics

LOG = logging.getLogger(__name__)

_QUEUED = metrics.observed("congress_requests_waiting", "Requests that wait for a thread of the API.")

_AT_ONCE = 64 * 1024
"""Bytes of an answer that are collected before they are sent."""


class _Task(WSGITask):  # type: ignore[misc]
    """Sends head and body of a short answer together; says good-bye to clients when the server stops."""

    def build_response_header(self) -> bytes:
        if getattr(self.channel.server, "leaving", False):
            self.set_close_on_finish()  # the client's next request had better go elsewhere
        return bytes(super().build_response_header())

    def get_environment(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environment()
        environ[HOLD] = self._hold
        return environ

    def _hold(self, begin: Callable[[Line], None]) -> None:
        """Let the answer go on after the application returned; `begin` gets what it is written to."""
        self._begin = begin

    def finish(self) -> None:
        if self._begin is None:
            super().finish()
        else:
            # What comes next on this connection belongs to this answer, so it is neither closed nor used for others.
            self.close_on_finish = False
            self.channel.held = True
            self._begin(_Held(self))
        self.channel.send_now()

    _begin: Callable[[Line], None] | None = None


class _Held:
    """An answer that goes on after its thread was given back; written to by one thread at a time."""

    def __init__(self, task: _Task) -> None:
        self._task = task

    def send(self, data: bytes) -> bool:
        try:
            self._task.write(data)
        except ClientDisconnected:
            return False
        self._task.channel.send_now()
        self._task.channel.server.pull_trigger()
        return bool(self._task.channel.connected)

    def pending(self) -> int:
        return int(self._task.channel.total_outbufs_len)

    def close(self) -> None:
        with contextlib.suppress(ClientDisconnected):
            WSGITask.finish(self._task)
        self._task.channel.close_when_flushed = True
        self._task.channel.server.pull_trigger()


class _Channel(HTTPChannel):  # type: ignore[misc]
    task_class = _Task
    held = False

    def received(self, data: bytes) -> bool:
        if self.held:  # nobody who follows a stream has anything to say
            self.will_close = True
            return False
        return bool(super().received(data))

    def _flush_some(self, do_close: bool = True) -> bool:
        # The loop does this without the lock when no request is being worked on; but a held answer may be written to.
        with self.outbuf_lock:
            return bool(super()._flush_some(do_close=do_close))

    def send_now(self) -> None:
        """Send what is collected, in this thread; the loop over all sockets sends what the client does not take yet."""
        with self.outbuf_lock:
            if self.connected and self.total_outbufs_len:
                self._flush_exception(self._flush_some, do_close=False)


class HttpServer:
    """A listening socket with its threads. The port is bound by the constructor; OSError when it is taken."""

    def __init__(
        self, application: Application, *, host: str, port: int, threads: int, connections: int, max_body: int
    ) -> None:
        self._sockets: dict[int, Any] = {}
        self._server: Any = create_server(
            application,
            map=self._sockets,
            host=host,
            port=port,
            threads=threads,
            connection_limit=connections,
            # Bodies beyond our own limit are refused by the application with a proper answer; far beyond it the
            # server hangs up.
            max_request_body_size=max(4 * max_body, 64 * 1024 * 1024),
            ident=None,
            clear_untrusted_proxy_headers=False,  # oslo.middleware decides which of them count
            asyncore_use_poll=True,
            channel_timeout=120,
            send_bytes=_AT_ONCE,
        )
        for each in self._sockets.values():
            if hasattr(each, "channel_class"):
                each.channel_class = _Channel
        self._thread = threading.Thread(target=self._run, name="http", daemon=True)

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """The (host, port) pairs that are listened on."""
        if isinstance(self._server, waitress.server.MultiSocketServer):
            return [(host, int(port)) for host, port in self._server.effective_listen]
        return [(self._server.effective_host, int(self._server.effective_port))]

    def keep_alive(self, idle_seconds: int) -> None:
        """Let the system probe silent connections; those accepted later inherit it from the listening socket."""
        for each in self._sockets.values():
            if hasattr(each, "accept_connections"):
                each.socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
                if hasattr(socket, "TCP_KEEPIDLE"):
                    each.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, idle_seconds)

    def start(self) -> None:
        """Begin to serve; returns at once."""
        dispatcher = self._server.task_dispatcher
        _QUEUED.follow(lambda: {(): float(len(dispatcher.queue))})
        self._thread.start()

    def stop(self, drain_seconds: float) -> None:
        """Accept nothing new, let requests that were begun end, at most for so many seconds.

        New connections are refused at once, so that a load balancer tries another server instead of waiting here.
        """
        for each in list(self._sockets.values()):
            if hasattr(each, "accept_connections"):
                _refuse(each)
        deadline = time.monotonic() + drain_seconds
        while self._busy() and time.monotonic() < deadline:
            time.sleep(0.01)
        if self._busy():
            LOG.warning("requests were still being worked on after %.1f s; they are cut off", drain_seconds)

    def _run(self) -> None:
        self._server.run()

    def _busy(self) -> bool:
        channels = [each for each in list(self._sockets.values()) if hasattr(each, "total_outbufs_len")]
        return any(channel.requests or channel.total_outbufs_len for channel in channels)


def _refuse(listening: Any) -> None:
    listening.leaving, listening.accepting = True, False
    # The loop may be told about the socket once more; it would close what answers still need.
    listening.handle_close = listening.handle_read_event = lambda: None
    with contextlib.suppress(OSError):
        listening.socket.shutdown(socket.SHUT_RDWR)
