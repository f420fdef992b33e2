"""Looks at this process as others see it: does the engine let readers in, does the API answer requests?"""

from __future__ import annotations

import http.client
import logging
import threading
from collections.abc import Callable

from congress.server import identity

LOG = logging.getLogger(__name__)

_PERIOD = 1.0


class Probe:
    """Asks again and again, in a thread of its own, which may get stuck with what it asks.

    `ask(seconds)` returns whether there was an answer within so many seconds.
    """

    def __init__(
        self,
        name: str,
        ask: Callable[[float], bool],
        *,
        limit: float,
        stuck: float,
        clock: Callable[[], float] = identity.clock,
    ) -> None:
        """Unanswered for `limit` seconds means not ready, for `stuck` seconds means dead."""
        self._name, self._ask, self._limit, self._stuck, self._clock = name, ask, limit, stuck, clock
        self._asked_since: float | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"probe-{name}", daemon=True)

    def start(self) -> None:
        """Begin to ask."""
        self._thread.start()

    def stop(self) -> None:
        """Ask no more."""
        self._stopping.set()

    def waiting(self) -> float:
        """For how many seconds an answer has been waited for."""
        since = self._asked_since
        return 0.0 if since is None else self._clock() - since

    def unready(self) -> str | None:
        """A readiness check."""
        return self._complaint(self._limit)

    def dead(self) -> str | None:
        """A check whether the process had better be replaced."""
        return self._complaint(self._stuck)

    def once(self) -> None:
        """Ask one time."""
        if self._asked_since is None:
            self._asked_since = self._clock()
        try:
            if self._ask(self._limit):
                self._asked_since = None
        except Exception:
            LOG.exception("the probe of %s failed", self._name)

    def _complaint(self, limit: float) -> str | None:
        waited = self.waiting()
        return f"{self._name} has not answered for {waited:.1f} s" if waited >= limit else None

    def _run(self) -> None:
        while not self._stopping.wait(_PERIOD):
            self.once()


def api_answers(address: tuple[str, int]) -> Callable[[float], bool]:
    """Asks the API at its own socket, `(host, port)` as it is bound."""
    host, port = address
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104

    def ask(seconds: float) -> bool:
        connection = http.client.HTTPConnection(reachable, port, timeout=seconds)
        try:
            connection.request("GET", "/healthcheck/live", headers={"Connection": "close"})
            return connection.getresponse().status in (200, 503)
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    return ask
