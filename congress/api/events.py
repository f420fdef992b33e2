"""`/v1/events`: what opens and closes in watched tables, as a stream or piece by piece."""

from __future__ import annotations

from collections.abc import Iterator

import falcon

from congress.api import answers, paging, queries
from congress.api.errors import bare, plain
from congress.api.services import Services
from congress.api.streams import HOLD, message, written
from congress.policies.events import Batch, Filter, told

_LONGEST_WAIT = 20.0
_RETRY = b"retry: 2000\n\n"
_STREAM = "text/event-stream"


class Events:
    """The events after one that the client knows."""

    def __init__(self, services: Services) -> None:
        self._services, self._events, self._streams = services, services.events, services.streams

    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        only = Filter(queries.text(request, "policy"), queries.text(request, "table"))
        after = _after(request)
        if after is None:
            after = self._events.latest()
        if _STREAM in (request.get_header("Accept") or ""):
            self._stream(request, response, after, only)
            return
        batch = self._batch(after, paging.limit(request), only, queries.number(request, "wait", _LONGEST_WAIT))
        missed = None if batch.missed is None else {"after": str(after), "until": str(batch.missed)}
        answers.listing(response, [told(event) for event in batch.events], latest=str(batch.latest), missed=missed)

    def _batch(self, after: int, limit: int, only: Filter, wait: float) -> Batch:
        """Who finds all places for waiting taken is answered at once."""
        if not wait or not self._services.waiting_places.acquire(blocking=False):
            return self._events.after(after, limit, only)
        try:
            return self._events.wait(after, limit, only, wait)
        finally:
            self._services.waiting_places.release()

    def _stream(self, request: falcon.Request, response: falcon.Response, after: int, only: Filter) -> None:
        response.content_type = _STREAM
        response.set_header("Cache-Control", "no-store")
        response.set_header("X-Accel-Buffering", "no")  # proxies that collect answers would hold them back for ever
        head = _RETRY + message("begin", {"latest": str(self._events.latest())}, after)
        hold = request.env.get(HOLD)
        if hold is None:  # a server that cannot hold connections sends what there is, and the client comes back
            response.stream = _parts(head, written(self._events.after(after, 1000, only), after))
            return
        if not self._streams.reserve():
            error = bare(503, "There are as many streams of events as may be; try again, or ask without Accept.")
            error.headers["Retry-After"] = "5"
            raise error
        hold(lambda line: self._streams.begin(line, after, only))
        response.stream = _parts(head)


def _parts(*parts: bytes) -> Iterator[bytes]:
    yield from parts


def _after(request: falcon.Request) -> int | None:
    for name, text in (
        ("header Last-Event-ID", request.get_header("Last-Event-ID")),
        ("parameter after", queries.text(request, "after")),
    ):
        if text:
            return event_id(text, name)
    return None


def event_id(text: str, name: str) -> int:
    """The id of an event that a request gives. Raises ApiError."""
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise plain(400, f"{name} must be the id of an event, a whole number")
    return int(text)
