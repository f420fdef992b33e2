"""Whatever a cloud answers: the driver reports it and backs off, the last good rows stay, the others do not notice."""

from __future__ import annotations

import json
import resource
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from congress.datasources import transport
from congress.datasources.limits import Limits
from congress.datasources.nova import NovaDriver
from congress.datasources.runner import DatasourceRunner
from tests.datasources.makeshift_cloud import Handler, Servers, serving
from tests.waiting import until

MEGABYTE = 2**20
LIMITS = Limits(table_rows=20_000, poll_seconds=10)


@pytest.fixture(autouse=True)
def bounds() -> Iterator[None]:
    """A second is long, and four megabytes are much, in these tests."""
    before = transport.bounds()
    transport.bound(transport.Bounds(answer_bytes=4 * MEGABYTE, answer_seconds=1.0))
    yield
    transport.bound(before)


Answer = Callable[[Handler], None]


def hangs(handler: Handler) -> None:
    handler.server.hanging.wait(20)  # type: ignore[attr-defined]


def drips(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    while not handler.server.hanging.wait(0.05):  # type: ignore[attr-defined]
        handler.wfile.write(b" ")


def drips_headers(handler: Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while not handler.server.hanging.wait(0.05):  # type: ignore[attr-defined]
        handler.wfile.write(b"x")


def breaks_off(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"servers": [{"id": "1"')
    handler.close_connection = True


def is_huge(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(50 * MEGABYTE))
    handler.end_headers()
    for _part in range(50):  # this side, too, is in the process whose memory is looked at
        handler.wfile.write(b" " * MEGABYTE)


def pages_without_end(handler: Handler) -> None:
    number = handler.server.asked
    link = {"rel": "next", "href": f"{handler.server.url}/compute/v2.1/servers/detail?marker={number}"}
    servers = [{"id": f"{number}-{one}"} for one in range(500)]
    handler.send_json({"servers": servers, "servers_links": [link]})


def leads_astray(handler: Handler) -> None:
    handler.send_json({}, 302, {"Location": "http://169.254.169.254/latest/meta-data/iam"})


def says(status: int, body: Any) -> Answer:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return lambda handler: handler.send_bytes(text, status)


HOSTILE: dict[str, tuple[Answer, str]] = {
    "hangs": (hangs, "unreachable"),
    "drips": (drips, "takes more than 1 s"),
    "drips headers": (drips_headers, "unreachable"),
    "breaks off": (breaks_off, "unreachable"),
    "is huge": (is_huge, "more than 4194304 bytes"),
    "pages without end": (pages_without_end, "more than 20000 rows"),
    "leads astray": (leads_astray, "169.254.169.254 is an address that requests are not sent to"),
    "500": (says(500, {"computeFault": {"message": "boom"}}), "refused GET /servers/detail"),
    "503": (says(503, {}), "refused GET /servers/detail"),
    "truncated JSON": (says(200, b'{"servers": [{"id"'), "failed at GET /servers/detail"),
    "deep JSON": (says(200, b"[" * 100_000), "failed at GET /servers/detail"),
    "no JSON": (says(200, b"\xff\xfe<html>"), "failed at GET /servers/detail"),
    "a list": (says(200, []), "without a list 'servers'"),
    "null": (says(200, None), "without a list 'servers'"),
    "no list": (says(200, {"servers": {"id": 1}}), "without a list 'servers'"),
}


class Misbehaving:
    """A cloud that is good until `answer` is set."""

    def __init__(self) -> None:
        self.good, self.answer = Servers(50), None

    def __call__(self, handler: Handler, path: str, query: dict[str, list[str]]) -> None:
        if self.answer is None or not path.startswith("/servers"):
            self.good.answer(handler, path, query)
        else:
            self.answer(handler)


def runner(cloud: Any, name: str, **config: str) -> DatasourceRunner:
    driver = NovaDriver(name, {**cloud.login, "poll_time": "0.05", **config})
    return DatasourceRunner(name, driver, lambda _updates: None, limits=LIMITS, chance=lambda: 1.0)


def megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_cloud_that_misbehaves_costs_nobody_else_anything(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("congress.datasources.cloud.TIMEOUT", 0.5)
    misbehaving = Misbehaving()
    answer, message = HOSTILE[kind]
    with serving(misbehaving) as bad, serving(Servers(50).answer) as good:
        bad.hanging = threading.Event()  # type: ignore[attr-defined]
        victim, neighbour = runner(bad, "victim"), runner(good, "neighbour")
        victim.start()
        neighbour.start()
        try:
            until(lambda: victim.state() == neighbour.state() == "ok", seconds=60)
            rows, before = victim.rows("servers"), megabytes()
            misbehaving.answer = answer
            until(lambda: message in victim.status()["last_error"], lambda: str(victim.status()), seconds=60)
            polls = int(neighbour.status()["number_of_updates"])
            started = time.monotonic()
            until(lambda: int(neighbour.status()["number_of_updates"]) >= polls + 10, seconds=60)
            assert neighbour.state() == "ok"
            assert time.monotonic() - started < 10, "ten polls of half a second at most"
            until(lambda: victim.states()["servers"] == "unreachable", lambda: str(victim.status()), seconds=60)
            assert victim.rows("servers") == rows
            assert megabytes() - before < 60, "it was read as a whole"
            misbehaving.answer = None
            until(lambda: victim.state() == "ok", lambda: str(victim.status()), seconds=60)
        finally:
            bad.hanging.set()  # type: ignore[attr-defined]
            victim.stop()
            neighbour.stop()


def test_objects_of_wrong_types_and_doubled_ids_become_rows_of_what_there_is() -> None:
    servers = [
        None,
        7,
        "x",
        [],
        {},
        {"id": []},
        {"id": {"a": 1}},
        {"id": "1", "image": "", "flavor": 3, "addresses": [1]},
    ]
    servers += [
        {"id": "1", "status": "A"},
        {"id": "1", "status": "B"},
        {"id": "1", "tags": {"a": 1}, "addresses": {"n": 4}},
    ]

    def answer(handler: Handler, path: str, query: dict[str, list[str]]) -> None:
        good.answer(handler, path, query) if path != "/servers/detail" else handler.send_json({"servers": servers})

    good = Servers(1)
    with serving(answer) as cloud:
        one = runner(cloud, "odd")
        assert one.poll(), one.status()
        assert {"A", "B"} <= {row[3] for row in one.rows("servers") or ()}
        assert one.state() == "ok"
        one.stop()


@pytest.mark.parametrize(
    "host",
    ["169.254.169.254", "[fe80::1]", "[::ffff:169.254.169.254]", "metadata.test", "0.0.0.0", "[fd00:ec2::254]"],  # noqa: S104
)
def test_no_request_is_sent_to_an_address_that_is_refused(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = transport.socket.getaddrinfo

    def resolve(name: str, *more: Any) -> Any:
        return real("169.254.169.254" if name == "metadata.test" else name, *more)

    monkeypatch.setattr(transport.socket, "getaddrinfo", resolve)
    with pytest.raises(OSError, match="is an address that requests are not sent to"):
        transport.session().get(f"http://{host}/", timeout=1)
