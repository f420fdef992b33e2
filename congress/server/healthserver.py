"""Answers `/healthcheck/live`, `/healthcheck/ready` and `/metrics` from threads and a socket of its own.

It shares nothing with the API, so it still answers when all of the API's threads hang, and says so.
"""

from __future__ import annotations

import json
import logging
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from congress.telemetry import metrics
from congress.telemetry.readiness import Readiness

LOG = logging.getLogger(__name__)

_AT_A_TIME = 32
_CLIENT_SECONDS = 5.0


def answer(path: str, readiness: Readiness, liveness: Readiness) -> tuple[int, str, bytes]:
    """Status, content type and body for a path."""
    if path == "/metrics":
        return 200, metrics.CONTENT_TYPE, metrics.page()
    checks = {"/healthcheck/live": liveness, "/healthcheck/ready": readiness}.get(path)
    if checks is None:
        return 404, "application/json", b'{"error":"only /healthcheck/live, /healthcheck/ready and /metrics"}\n'
    status, body = checks.verdict("not alive" if checks is liveness else "not ready")
    return status, "application/json; charset=UTF-8", json.dumps(body, separators=(",", ":")).encode() + b"\n"


class HealthServer:
    """The socket is bound by the constructor; OSError when it is taken."""

    def __init__(self, host: str, port: int, readiness: Readiness, liveness: Readiness) -> None:
        self._server = _server(host, port, readiness, liveness)
        self._thread = threading.Thread(target=self._server.serve_forever, name="health", daemon=True)

    @property
    def port(self) -> int:
        """The port that was bound."""
        return int(self._server.server_address[1])

    def start(self) -> None:
        """Begin to answer; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """Answer no more."""
        if self._thread.is_alive():
            self._server.shutdown()
        self._server.server_close()


def _server(host: str, port: int, readiness: Readiness, liveness: Readiness) -> ThreadingHTTPServer:
    places = threading.BoundedSemaphore(_AT_A_TIME)

    class Handler(BaseHTTPRequestHandler):
        timeout = _CLIENT_SECONDS

        def do_GET(self) -> None:  # noqa: N802 - named by the base class
            status, kind, body = answer(self.path.partition("?")[0], readiness, liveness)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_HEAD = do_GET  # noqa: N815

        def log_message(self, format: str, *arguments: Any) -> None:
            LOG.debug("health: " + format, *arguments)

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        address_family = socket.AF_INET6 if ":" in host else socket.AF_INET

        def process_request(self, request: Any, client_address: Any) -> None:
            if not places.acquire(blocking=False):  # somebody opens connections and says nothing
                self.shutdown_request(request)
                return
            super().process_request(request, client_address)

        def process_request_thread(self, request: Any, client_address: Any) -> None:
            try:
                super().process_request_thread(request, client_address)
            finally:
                places.release()

        def handle_error(self, request: Any, client_address: Any) -> None:
            LOG.debug("a client of the health socket went away", exc_info=True)

    return Server((host, port), Handler)
