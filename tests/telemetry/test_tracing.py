"""One trace leads from a poll or a request through all nodes."""

from __future__ import annotations

import builtins
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import falcon
import falcon.testing
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from congress.api.tracing import Tracing
from congress.bus import oslo
from congress.bus.messaging import MessagingBus
from congress.engine.workspace import Workspace
from congress.policies.live import Live
from congress.telemetry import tracing
from tests.canaries import MARK
from tests.waiting import until

TRACE, CALLER = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


@pytest.fixture
def exported() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    stop = tracing.send_to(SimpleSpanProcessor(exporter), 1.0, "node-1")
    try:
        yield exporter
    finally:
        stop()


def named(exporter: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    return {span.name: span for span in exporter.get_finished_spans()}


class Things:
    def on_get(self, _request: falcon.Request, response: falcon.Response, thing: str) -> None:
        with tracing.step("inside"):
            if thing == "bad":
                raise falcon.HTTPNotFound
            response.media = tracing.carried()


def client() -> falcon.testing.TestClient:
    app = falcon.App(middleware=[Tracing()])
    app.add_route("/v1/things/{thing}", Things())
    return falcon.testing.TestClient(app)


def test_a_request_is_a_span_of_its_callers_trace(exported: InMemorySpanExporter) -> None:
    answer = client().simulate_get("/v1/things/a", headers={"traceparent": f"00-{TRACE}-{CALLER}-01"})
    spans = named(exported)
    request, inside = spans["GET /v1/things/{thing}"], spans["inside"]
    assert request.parent is not None and request.attributes is not None and inside.parent is not None
    assert (f"{request.context.trace_id:032x}", f"{request.parent.span_id:016x}") == (TRACE, CALLER)
    assert request.attributes["http.response.status_code"] == 200
    assert inside.parent.span_id == request.context.span_id
    assert answer.json["traceparent"] == f"00-{TRACE}-{inside.context.span_id:016x}-01"


def test_a_failure_is_seen_and_its_text_is_not(exported: InMemorySpanExporter) -> None:
    assert client().simulate_get("/v1/things/bad").status_code == 404
    with pytest.raises(ValueError, match="word"), tracing.span("poll"):
        raise ValueError(f"{MARK}word")
    spans = named(exported)
    assert spans["inside"].status.description == "HTTPNotFound"
    assert (spans["poll"].status.description, spans["poll"].events) == ("ValueError", ())
    assert spans["GET /v1/things/{thing}"].attributes == {
        "http.request.method": "GET",
        "http.route": "/v1/things/{thing}",
        "http.response.status_code": 404,
        "congress.request_id": "",
    }


def test_callers_who_do_not_want_a_trace_get_none(exported: InMemorySpanExporter) -> None:
    client().simulate_get("/v1/things/a", headers={"traceparent": f"00-{TRACE}-{CALLER}-00"})
    assert not exported.get_finished_spans()


@pytest.fixture
def buses(tmp_path: Path) -> Iterator[tuple[MessagingBus, MessagingBus]]:
    """Two nodes on the library's own broker for tests, which is within this process."""
    made = [MessagingBus(oslo.transport("fake://", name, tmp_path), name, "traced") for name in "ab"]
    for each in made:
        each.start()
    try:
        until(lambda: all(each.connected for each in made))
        yield made[0], made[1]
    finally:
        for each in made:
            each.stop()


def test_messages_and_calls_take_the_trace_to_the_other_node(
    exported: InMemorySpanExporter, buses: tuple[MessagingBus, MessagingBus]
) -> None:
    here, there = buses
    taken = threading.Event()
    live = Live(Workspace())

    def take(_message: Any) -> None:
        with live.transaction() as change:
            change.create_policy("p")
        taken.set()

    there.subscribe("stream", take)
    there.serve({"look": lambda _arguments: {"seen": tracing.carried()}})

    def sent() -> bool:
        with tracing.span("poll servers", source="nova"):
            here.publish("stream", {"kind": "publication"})
        return taken.wait(0.2)

    until(sent)
    with tracing.span("ask"):
        assert here.call("b", "look", {}, 5.0)["seen"]["traceparent"]
    until(lambda: {"take stream", "answer look"} <= named(exported).keys())
    spans = named(exported)
    assert spans["answer look"].context.trace_id == spans["ask"].context.trace_id
    polls = {span.context.span_id for span in exported.get_finished_spans() if span.name == "poll servers"}
    taking = {span.context.span_id for span in exported.get_finished_spans() if span.name == "take stream"}
    taken_in, evaluated = spans["take stream"], spans["transaction"]
    assert taken_in.parent is not None and taken_in.parent.span_id in polls
    assert evaluated.parent is not None and evaluated.parent.span_id in taking


def test_what_no_trace_leads_to_is_no_span(exported: InMemorySpanExporter) -> None:
    with tracing.step("transaction"), tracing.follow("take stream", {}, "consumer"):
        assert tracing.carried() == {}
    assert not exported.get_finished_spans()


def test_switched_off_nothing_is_carried() -> None:
    with tracing.span("poll") as span, tracing.follow("take", {"traceparent": f"00-{TRACE}-{CALLER}-01"}, "consumer"):
        assert (span, tracing.carried()) == (None, {})
    assert client().simulate_get("/v1/things/a").json == {}


def test_a_collector_gets_the_spans() -> None:
    bodies: list[bytes] = []

    class Collector(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Collector) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        stop = tracing.start(f"http://127.0.0.1:{server.server_port}/v1/traces", 1.0, "node-1")
        with tracing.span("poll servers", source="nova"):
            pass
        stop()
        server.shutdown()
    [resource] = ExportTraceServiceRequest.FromString(bodies[0]).resource_spans
    [span] = resource.scope_spans[0].spans
    assert span.name == "poll servers"
    assert {each.key: each.value.string_value for each in span.attributes} == {"congress.source": "nova"}
    told = {each.key: each.value.string_value for each in resource.resource.attributes}
    assert (told["service.name"], told["service.instance.id"]) == ("congress", "node-1")


def test_without_the_library_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    load = builtins.__import__

    def refuse(name: str, *more: Any, **named_more: Any) -> Any:
        if name.startswith("opentelemetry"):
            raise ImportError(name)
        return load(name, *more, **named_more)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(tracing.TracingUnavailable, match=r"pip install 'congress\[tracing\]'"):
        tracing.start("http://127.0.0.1:4318/v1/traces", 1.0, "node-1")
