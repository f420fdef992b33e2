"""How fresh an answer is: the policy revision and the age of the data it was computed from, in headers."""

from __future__ import annotations

from collections.abc import Iterable

import falcon

from congress.api.errors import ApiError, bare, plain
from congress.api.services import Services
from congress.datalog.core import TableId

REVISION, AGE, MIN_REVISION = "X-Congress-Revision", "X-Congress-Data-Age", "X-Congress-Min-Revision"


class Revisions:
    """Falcon middleware: holds a request back until the revision that it asks for is reached, and tells ours.

    A server that does not know the revision looks whether another one made it, instead of waiting for the next look.
    A reader is told the revision before the reading began, so that no later change is missed; a writer the one after.
    Nothing is waited for that the database does not know either: nobody was ever told of such a revision.
    """

    def __init__(self, services: Services, wait: float) -> None:
        """`wait`: seconds that a request may be held back."""
        self._live, self._stored, self._synchroniser = (
            services.live,
            services.policies.stored_revision,
            services.synchroniser,
        )
        self._wait, self._places = wait, services.waiting_places

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
        if wanted > self._stored():
            raise _unavailable(f"No change has had policy revision {wanted} yet; the last one is {self._live.revision}")
        if self._places.acquire(blocking=False):
            try:
                reached = self._synchroniser.reach(wanted, self._wait)
            finally:
                self._places.release()
            if reached:
                return
        raise _unavailable(
            f"This server knows policy revision {self._live.revision}, not yet {wanted}; try again or ask another one"
        )


def _unavailable(message: str) -> ApiError:
    error = bare(503, message)
    error.headers["Retry-After"] = "1"
    return error


def tell_age(services: Services, response: falcon.Response, sources: Iterable[TableId]) -> None:
    """Say how long ago the oldest of the data was read, in seconds; `unknown` when some was never read.

    Nothing is said about what follows from policies alone.
    """
    names = {table.policy for table in sources}
    if names:
        age = services.ages.oldest(names)
        response.set_header(AGE, "unknown" if age is None else f"{age:.1f}")
