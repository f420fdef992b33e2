"""Counts and times requests by route."""

from __future__ import annotations

import time
from typing import Any

import falcon

from congress.telemetry import metrics

_REQUESTS = metrics.counter(
    "congress_requests_total", "Requests to the API that were answered.", "method", "route", "status"
)
_SECONDS = metrics.histogram("congress_request_seconds", "Time to answer requests to the API.", "method", "route")
_VERBS = frozenset({"GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "HEAD"})


class Measuring:
    """Falcon middleware. Routes are named by their templates, so no client can make up values."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, str], tuple[Any, Any]] = {}

    def process_request(self, request: falcon.Request, _response: falcon.Response) -> None:
        request.context.measured_from = time.perf_counter()

    def process_response(
        self, request: falcon.Request, response: falcon.Response, _resource: object, _succeeded: bool
    ) -> None:
        method = request.method if request.method in _VERBS else "other"
        key = (method, request.uri_template or "none", str(response.status)[:3])
        if key not in self._known:
            self._known[key] = (_REQUESTS.labels(*key), _SECONDS.labels(*key[:2]))
        counted, timed = self._known[key]
        counted.inc()
        timed.observe(time.perf_counter() - request.context.measured_from)
