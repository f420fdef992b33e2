"""Documents of web servers and files, however odd they are."""

from __future__ import annotations

import gzip
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

import pytest

from congress.datasources import documents, transport
from congress.datasources.contract import DriverError
from congress.datasources.documents import Web, read_file

STOPPED = Event()


class Odd(BaseHTTPRequestHandler):
    """Answers as the path says."""

    def do_GET(self) -> None:  # noqa: N802 - the library's name for it
        getattr(self, f"_{self.path.strip('/')}")()

    def _plain(self, content: bytes = b'{"a": 1}', *headers: tuple[str, str], status: int = 200) -> None:
        self.send_response(status)
        for name, value in (*headers, ("Content-Length", str(len(content)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def _packed(self) -> None:
        self._plain(gzip.compress(b'{"a": 2}'), ("Content-Encoding", "gzip"))

    def _moved(self) -> None:
        self._plain(b"", ("Location", "http://127.0.0.1:9/"), status=302)

    def _broken(self) -> None:
        self._plain(b"oops", status=500)

    def _large(self) -> None:
        self._plain(b"x" * 2000)

    def _cut(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "100")
        self.end_headers()
        self.wfile.write(b"short")

    def _dripping(self) -> None:
        self.send_response(200)
        self.end_headers()
        with suppress(OSError):  # until nobody listens any longer
            while not STOPPED.wait(0.05):
                self.wfile.write(b"x")

    def _asking(self) -> None:
        self._plain(str(self.headers.get("Authorization")).encode())

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def web() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Odd)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    STOPPED.set()
    server.shutdown()
    server.server_close()


def test_an_answer_is_read_packed_or_not(web: str) -> None:
    assert Web(5).json(f"{web}/plain") == {"a": 1}
    assert Web(5).json(f"{web}/packed") == {"a": 2}


def test_a_login_is_sent_when_there_is_one(web: str) -> None:
    assert Web(5).get(f"{web}/asking") == b"None"
    assert Web(5, username="a", password="b").get(f"{web}/asking") == b"Basic YTpi"  # noqa: S106 - made up


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("moved", "the answer is 302 Found; check the URL"),
        ("broken", "the answer is 500 Internal Server Error"),
        ("large", "/large has more than 1000 bytes; the option answer_bytes"),
        ("dripping", r"/dripping takes more than 2 s"),
        ("cut", "more expected|incomplete"),
    ],
)
def test_what_is_no_whole_answer_is_refused(web: str, path: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "_bounds", transport.Bounds(answer_bytes=1000))
    began = time.monotonic()
    with pytest.raises(DriverError, match=message):
        Web(0.5).get(f"{web}/{path}")
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    "url", ["http://", "http://127.0.0.1:port/", "nonsense://host/", "http://no.such.host.invalid/"]
)
def test_what_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(DriverError):
        Web(2).get(url)


def test_a_file_of_authorities_that_is_missing_is_said(web: str) -> None:
    with pytest.raises(DriverError, match="/no/such/authority"):
        Web(2, cacert="/no/such/authority").get(web.replace("http:", "https:"))


def test_a_file_that_cannot_be_read_or_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DriverError, match="cannot be read: Is a directory"):
        read_file(tmp_path)
    monkeypatch.setattr(documents, "LARGEST", 10)
    (tmp_path / "large").write_text("x" * 11)
    with pytest.raises(DriverError, match="has more than 10 bytes"):
        read_file(tmp_path / "large")
