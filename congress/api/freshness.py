"""How fresh an answer is: the policy revision and the age of the data it was computed from, in headers."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Iterable

import falcon

from congress.api.errors import ApiError, bare, plain
from congress.api.services import Services
from congress.datalog.core import TableId
from congress.policies.live import Live
from congress.policies.synchronisation import Synchroniser

REVISION, AGE, MIN_REVISION = "X-Congress-Revision", "X-Congress-Data-Age", "X-Congress-Min-Revision"


class Revisions:
    """Falcon middleware: holds a request back until the revision that it asks for is reached, and tells ours.

    A server that does not know the revision looks whether another one made it, instead of waiting for the next look.
    A reader is told the revision before the reading began, so that no later change is missed; a writer the one after.
    `places` requests may be held back at a time.
    """

    def __init__(self, live: Live, synchroniser: Synchroniser, wait: float, places: int) -> None:
        self._live, self._synchroniser, self._wait = live, synchroniser, wait
        self._places = threading.Semaphore(places)

    def process_resource(
        self, request: falcon.Request, _response: falcon.Response, _resource: object, _parameters: object
    ) -> None:
        wanted = request.get_header(MIN_REVISION)
        if wanted is not None:
            self._await(wanted)
        if request.method in ("GET", "HEAD"):
            request.context.revision = self._live.revision

    def process_response(
        self, request: falcon.Request, response: falcon.Response, _resource: object, _succeeded: bool
    ) -> None:
        if request.path.startswith("/v1"):
            response.set_header(REVISION, str(getattr(request.context, "revision", self._live.revision)))

    def _await(self, text: str) -> None:
        if not (text.isascii() and text.isdigit() and len(text) < 19):
            raise plain(400, f"header {MIN_REVISION} must be a whole number, 0 or more")
        wanted = int(text)
        if self._live.revision >= wanted:
            return
        if self._places.acquire(blocking=False):
            try:
                reached = self._synchroniser.reach(wanted, self._wait)
            finally:
                self._places.release()
            if reached:
                return
        raise _behind(self._live.revision, wanted)


def _behind(revision: int, wanted: int) -> ApiError:
    error = bare(503, f"This server knows policy revision {revision}, not yet {wanted}; try again or ask another one")
    error.headers["Retry-After"] = "1"
    return error


def tell_age(services: Services, response: falcon.Response, sources: Iterable[TableId]) -> None:
    """Say how long ago the oldest of the data was read, in seconds; `unknown` when some was never read.

    Nothing is said about what follows from policies alone.
    """
    names = {table.policy for table in sources}
    if not names:
        return
    times = [services.datasources.updated(name) for name in names]
    read = [time for time in times if time is not None]
    if len(read) < len(times):
        response.set_header(AGE, "unknown")
        return
    age = (datetime.datetime.now(datetime.UTC) - min(read)).total_seconds()
    response.set_header(AGE, f"{max(0.0, age):.1f}")
