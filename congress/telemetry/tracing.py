"""Traces of requests and of changes through all nodes, by OpenTelemetry, for whoever wants them.

Where a trace comes from goes along as the W3C Trace Context, https://www.w3.org/TR/trace-context/: in the headers of
requests, with calls over the bus and within its messages. Spans have names of routes, datasources and topics, and no
contents. Switched off, which is the default, every function here costs a comparison and the library is not loaded.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Final, Literal

from congress.errors import CongressError

LOG = logging.getLogger(__name__)

Kind = Literal["server", "client", "producer", "consumer", "internal"]
Carried = Mapping[str, str]
"""Where a trace comes from, as it travels; empty for nowhere."""

_NOTHING: Final[AbstractContextManager[Any]] = nullcontext()
_tracer: Any = None


class TracingUnavailable(CongressError):
    """Traces are wanted, but what makes them is not installed."""

    def __init__(self) -> None:
        super().__init__(
            "`otlp_endpoint` in group `tracing` is set, but OpenTelemetry is not installed: pip install "
            "'congress[tracing]', or remove the option"
        )


def start(endpoint: str, share: float, node: str) -> Callable[[], None]:
    """Send spans from now on to a collector (OTLP over HTTP; the whole URL, usually ending in `/v1/traces`); answers
    what sends the rest and ends it. `share` of the traces that begin here is kept; what others decided holds for
    theirs. An empty endpoint: nothing. Raises TracingUnavailable."""
    if not endpoint:
        return lambda: None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise TracingUnavailable from error
    LOG.info("traces are sent to a collector")
    return send_to(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint, timeout=5)), share, node)


def send_to(processor: Any, share: float, node: str) -> Callable[[], None]:
    """As `start`, with any of the library's span processors."""
    global _tracer
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio

    resource = Resource.create({"service.name": "congress", "service.instance.id": node})
    provider = TracerProvider(sampler=ParentBasedTraceIdRatio(share), resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(processor)
    _tracer = provider.get_tracer("congress")

    def stop() -> None:
        global _tracer
        _tracer = None
        provider.shutdown()

    return stop


def span(
    name: str, carried: Carried | None = None, kind: Kind = "internal", **attributes: str
) -> AbstractContextManager[Any]:
    """A span, of what is carried here or of the one around it; else it begins a trace. Answers the library's span,
    None when switched off."""
    return _NOTHING if _tracer is None else _span(name, carried or {}, kind, attributes)


def follow(name: str, carried: Carried | None, kind: Kind, **attributes: str) -> AbstractContextManager[Any]:
    """As `span`, but nothing where no trace comes from."""
    return _span(name, carried, kind, attributes) if _tracer is not None and carried else _NOTHING


def step(name: str, **attributes: str) -> AbstractContextManager[Any]:
    """A span within the one around it; nothing where there is none."""
    return _span(name, {}, "internal", attributes) if carried() else _NOTHING


def carried() -> dict[str, str]:
    """What is to travel along from here; empty outside of spans, and when switched off."""
    if _tracer is None:
        return {}
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    found: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(found)
    return found


@contextmanager
def _span(name: str, carried: Carried, kind: Kind, attributes: Mapping[str, str]) -> Iterator[Any]:
    from opentelemetry.trace import SpanKind, StatusCode
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    context = TraceContextTextMapPropagator().extract(carried) if carried else None
    tracer = _tracer
    if tracer is None:  # switched off meanwhile
        yield None
        return
    with tracer.start_as_current_span(
        name,
        context,
        SpanKind[kind.upper()],
        {f"congress.{key}": value for key, value in attributes.items()},
        # Texts of exceptions may repeat what a cloud was sent.
        record_exception=False,
        set_status_on_exception=False,
    ) as made:
        try:
            yield made
        except BaseException as error:
            made.set_status(StatusCode.ERROR, type(error).__name__)
            raise
