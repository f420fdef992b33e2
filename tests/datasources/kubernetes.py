"""The part of a Kubernetes API server that lists and watches, as its documentation describes it.

Lists come in parts with a `continue` token; each change has a resource version; a watch begins after the version that
it is told, sends bookmarks, and answers 410 for versions before the last `compact`.
"""

from __future__ import annotations

import json
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

PART = 2


class ApiServer:
    """Use as a context manager. `put` and `delete` change objects; the other methods do harm."""

    def __init__(self, token: str | None = None) -> None:
        self.token = token
        self.lists = self.watches = 0
        self._changed = threading.Condition()
        self._objects: dict[str, dict[str, Any]] = {}
        self._log: list[tuple[int, str, str, dict[str, Any]]] = []
        self._version, self._oldest, self._cuts = 100, 100, 0
        self._ended = False
        self.broken = False

    # -- what happens in the cluster

    def put(self, path: str, **members: Any) -> dict[str, Any]:
        """Make or change the object with this uid."""
        with self._changed:
            self._version += 1
            uid = members["metadata"]["uid"]
            members["metadata"] = {**members["metadata"], "resourceVersion": str(self._version)}
            known = self._objects.setdefault(path, {})
            self._log.append((self._version, path, "MODIFIED" if uid in known else "ADDED", members))
            known[uid] = members
            self._changed.notify_all()
            return members

    def delete(self, path: str, uid: str) -> None:
        with self._changed:
            self._version += 1
            gone = self._objects[path].pop(uid)
            gone = {**gone, "metadata": {**gone["metadata"], "resourceVersion": str(self._version)}}
            self._log.append((self._version, path, "DELETED", gone))
            self._changed.notify_all()

    def cut(self) -> None:
        """End all watches, as when the API server is replaced."""
        with self._changed:
            self._cuts += 1
            self._changed.notify_all()

    def compact(self) -> None:
        """Forget all that was before now."""
        with self._changed:
            self._oldest = self._version
            self._log.clear()

    # -- how it answers

    def _list(self, path: str, query: dict[str, str]) -> dict[str, Any]:
        self.lists += 1
        with self._changed:
            every = [self._objects.get(path, {})[uid] for uid in sorted(self._objects.get(path, {}))]
            start, limit = int(query.get("continue", 0)), min(PART, int(query.get("limit", 500)))
            more = str(start + limit) if start + limit < len(every) else ""
            metadata = {"resourceVersion": str(self._version), "continue": more}
            return {"kind": "List", "metadata": metadata, "items": every[start : start + limit]}

    def _watch(self, path: str, query: dict[str, str], handler: BaseHTTPRequestHandler) -> None:
        self.watches += 1
        version = int(query["resourceVersion"])
        if version < self._oldest:
            gone = {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old resource version"}
            self._send(handler, {"type": "ERROR", "object": gone})
            return
        cuts, ends = self._cuts, time.monotonic() + int(query["timeoutSeconds"])
        while time.monotonic() < ends:
            with self._changed:
                news = [each for each in self._log if each[0] > version and each[1] == path]
                if not news:
                    self._changed.wait(0.5)
                if self._cuts != cuts or self._ended:
                    return
            for number, _, kind, thing in news:
                version = number
                self._send(handler, {"type": kind, "object": thing})
            if not news:
                bookmark = {"kind": "Bookmark", "metadata": {"resourceVersion": str(version)}}
                self._send(handler, {"type": "BOOKMARK", "object": bookmark})

    @staticmethod
    def _send(handler: BaseHTTPRequestHandler, event: dict[str, Any]) -> None:
        line = json.dumps(event).encode() + b"\n"
        handler.wfile.write(f"{len(line):x}\r\n".encode() + line + b"\r\n")
        handler.wfile.flush()

    def __enter__(self) -> Self:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:  # noqa: N802 - the library's name
                parts = urlsplit(self.path)
                query = dict(parse_qsl(parts.query))
                if outer.broken:
                    self.send_error(503)
                elif outer.token and self.headers.get("Authorization") != f"Bearer {outer.token}":
                    self.send_error(401)
                elif query.get("watch"):
                    self.send_response(200)
                    self.send_header("Transfer-Encoding", "chunked")
                    self.end_headers()
                    with suppress(OSError):
                        outer._watch(parts.path, query, self)
                        self.wfile.write(b"0\r\n\r\n")
                else:
                    content = json.dumps(outer._list(parts.path, query)).encode()
                    self.send_response(200)
                    self.send_header("Content-Length", str(len(content)))
                    self.end_headers()
                    self.wfile.write(content)

            def log_message(self, *_arguments: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        with self._changed:
            self._ended = True
            self._changed.notify_all()
        self._server.shutdown()
        self._server.server_close()
