"""What stands between the network and the handlers, beside oslo.middleware: limits, the last resort, the access log."""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

import falcon
from oslo_context.context import RequestContext, generate_request_id

LOG = logging.getLogger(__name__)
_PROBED = frozenset({"/healthcheck/live", "/healthcheck/ready", "/metrics"})
_REQUEST_ID = re.compile(r"req-[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}")

Environ: TypeAlias = dict[str, Any]
StartResponse: TypeAlias = Callable[..., Any]
Application: TypeAlias = Callable[[Environ, StartResponse], Iterable[bytes]]


def error(
    start: StartResponse, status: str, message: str, headers: Sequence[tuple[str, str]] = ()
) -> list[bytes]:
    """Answer with an error before any handler is reached."""
    code = int(status.split()[0])
    body = {"error": {"message": message, "error_code": code, "error_data": None}}
    start(status, [("Content-Type", "application/json; charset=UTF-8"), *headers])
    return [json.dumps(body).encode() + b"\n"]


class Browsers:
    """Sends requests of web pages, which name their origin, and preflights through oslo.middleware's CORS.

    It changes nothing about other requests, but reading and writing them once more would take a quarter of the time of
    a short one. The same holds for its request ids and proxy headers.
    """

    def __init__(self, application: Application, cors: Application) -> None:
        self._application, self._cors = application, cors

    def __call__(self, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        if "HTTP_ORIGIN" in environ or environ["REQUEST_METHOD"] == "OPTIONS":
            return self._cors(environ, start)
        return self._application(environ, start)


class RequestId:
    """Gives each request an id, in the environment and the answer; keeps the id of a caller's own request beside it.

    Names and forms are those of oslo.middleware, so that logs of several services can be joined.
    """

    def __init__(self, application: Application) -> None:
        self._application = application

    def __call__(self, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        given = environ.get("HTTP_X_OPENSTACK_REQUEST_ID", "")
        if _REQUEST_ID.fullmatch(given):
            environ["openstack.global_request_id"] = given
        identifier = environ["openstack.request_id"] = generate_request_id()

        def started(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            return start(status, [*headers, ("x-openstack-request-id", identifier)], *more)

        return self._application(environ, started)


class SizeLimit:
    """Refuses bodies larger than `limit` bytes with 413 before they are read."""

    def __init__(self, application: Application, limit: int) -> None:
        self._application, self._limit = application, limit

    def __call__(self, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        try:
            length = int(environ.get("CONTENT_LENGTH") or 0)
        except ValueError:
            return error(start, "400 Bad Request", "Content-Length is not a number")
        if length > self._limit:
            return error(start, "413 Content Too Large", f"The request body is larger than {self._limit} bytes.")
        return self._application(environ, start)


class ErrorCatcher:
    """The last resort: whatever escapes the application is logged and answered without a traceback."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def __call__(self, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        try:
            return self._application(environ, start)
        except Exception:
            LOG.exception("unexpected failure outside the handlers")
            return error(start, "500 Internal Server Error", "Internal server error")


class Bookkeeping:
    """Falcon middleware: the request id in logs and in the answer, the access log, the body's depth limit."""

    def __init__(self, max_body_depth: int) -> None:
        self._max_body_depth = max_body_depth

    def process_request(self, request: falcon.Request, _response: falcon.Response) -> None:
        request.context.started = time.perf_counter()
        request.context.max_body_depth = self._max_body_depth
        RequestContext(
            request_id=request.env.get("openstack.request_id"),
            global_request_id=request.env.get("openstack.global_request_id"),
        )
        LOG.debug("%s %s begins", request.method, _written(request))
        if request.path != "/v1/" and request.path.startswith("/v1/") and "" in request.path[4:].split("/"):
            raise falcon.HTTPNotFound  # an empty name between slashes is no name

    def process_response(
        self, request: falcon.Request, response: falcon.Response, _resource: object, _succeeded: bool
    ) -> None:
        request_id = request.env.get("openstack.request_id")
        if request_id:
            response.set_header("X-Request-Id", request_id)
        elapsed = (time.perf_counter() - request.context.started) * 1000
        # Load balancers and supervisors ask every second or so; nobody wants to read that.
        level = logging.DEBUG if request.path in _PROBED and str(response.status).startswith("200") else logging.INFO
        LOG.log(level, "%s %s %s in %.1f ms", request.method, _written(request), str(response.status)[:3], elapsed)


def _written(request: falcon.Request) -> str:
    """The path for the log: encoded again, since a decoded one may hold line breaks that would forge lines."""
    return str(falcon.uri.encode(request.path))
