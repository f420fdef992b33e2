"""Traces requests: each is a span, of the caller's trace if it says so."""

from __future__ import annotations

import falcon

from congress.telemetry import tracing

_HEADERS = ("traceparent", "tracestate")


class Tracing:
    """Falcon middleware. Spans are named by routes, so that no client can make up names."""

    def process_request(self, request: falcon.Request, _response: falcon.Response) -> None:
        given = {name: value for name in _HEADERS if (value := request.get_header(name))}
        entered = tracing.span(request.method, given, "server")
        request.context.span = entered, entered.__enter__()

    def process_response(
        self, request: falcon.Request, response: falcon.Response, _resource: object, _succeeded: bool
    ) -> None:
        entered, span = getattr(request.context, "span", (None, None))
        if entered is None:
            return
        if span is not None:
            route, status = request.uri_template or "none", str(response.status)[:3]
            span.update_name(f"{request.method} {route}")
            span.set_attributes(
                {
                    "http.request.method": request.method,
                    "http.route": route,
                    "http.response.status_code": int(status),
                    "congress.request_id": str(request.env.get("openstack.request_id", "")),
                }
            )
        entered.__exit__(None, None, None)
