"""How fresh an answer is: the policy revision and the age of the data it was computed from, in headers."""

from __future__ import annotations

from collections.abc import Iterable

import falcon

from congress.api.errors import ApiError, bare, plain
from congress.api.services import Services
from congress.datalog.core import TableId

REVISION, AGE, MIN_REVISION = "X-Congress-Revision", "X-Congress-Data-Age", "X-Congress-Min-Revision"
COOKIE = "CONGRESS_REVISION"
"""The revision that a session has seen, for clients that keep cookies: they need not do anything for it."""


class Revisions:
    """Falcon middleware: holds a request back until the revision that it asks for is reached, and tells ours.

    A server that does not know the revision looks whether another one made it, instead of waiting for the next look.
    A reader is told the revision before the reading began, so that no later change is missed; a writer the one after.
    Nothing is waited for that the database does not know either: nobody was ever told of such a revision. Who asks for
    it gets 503; a cookie is overlooked then, since it may be older than a database that was restored.
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
        asked = request.get_header(MIN_REVISION)
        if asked is not None:
            self._await(_number(asked))
        elif (seen := _seen(request)) is not None and self._live.revision < seen <= self._stored():
            self._await(seen)
        if request.method in ("GET", "HEAD"):
            request.context.revision = self._live.revision

    def process_response(
        self, request: falcon.Request, response: falcon.Response, _resource: object, _succeeded: bool
    ) -> None:
        if request.path.startswith("/v1"):
            revision = getattr(request.context, "revision", self._live.revision)
            response.set_header(REVISION, str(revision))
            if revision != _seen(request):
                response.append_header("Set-Cookie", f"{COOKIE}={revision}; Path=/; HttpOnly; SameSite=Lax")

    def _await(self, wanted: int) -> None:
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


def _number(text: str) -> int:
    if not _is_number(text):
        raise plain(400, f"header {MIN_REVISION} must be a whole number, 0 or more")
    return int(text)


def _seen(request: falcon.Request) -> int | None:
    """What the session's cookie says; None without one, or with one that is not ours."""
    kept = request.get_cookie_values(COOKIE)
    return int(kept[0]) if kept and _is_number(kept[0]) else None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


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
