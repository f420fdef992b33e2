"""A web server that answers as a test says, and remembers what it was asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, NamedTuple, Self, TypeAlias
from urllib.parse import parse_qsl, urlsplit


class Asked(NamedTuple):
    """One request; header names in lower case."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


class Said(NamedTuple):
    """What is answered: `body` as JSON unless it is bytes."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = {}


Answer: TypeAlias = Callable[[Asked], Any]


class Answering:
    """Use as a context manager. What `answer` returns is a `Said`, or the body of one; None is 404."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.asked: list[Asked] = []

    def __enter__(self) -> Self:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def _any(self) -> None:
                parts = urlsplit(self.path)
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name.lower(): text for name, text in self.headers.items()}
                asked = Asked(self.command, parts.path, dict(parse_qsl(parts.query)), headers, body)
                outer.asked.append(asked)
                found = outer.answer(asked)
                said = found if isinstance(found, Said) else Said(found, 404 if found is None else 200)
                content = said.body if isinstance(said.body, bytes) else json.dumps(said.body).encode()
                begin = self.send_response_only if "Date" in said.headers else self.send_response
                begin(said.status)
                for name, text in {"Content-Length": str(len(content)), **said.headers}.items():
                    self.send_header(name, text)
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _any  # noqa: N815 - the library's names

            def log_message(self, *_arguments: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
