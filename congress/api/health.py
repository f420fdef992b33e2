"""`/healthcheck/live` and `/healthcheck/ready`, for load balancers and supervisors."""

from __future__ import annotations

import falcon

from congress.api import answers
from congress.api.services import Services


class Live:
    """The process works on requests."""

    def on_get(self, _request: falcon.Request, response: falcon.Response) -> None:
        answers.compact(response, {"status": "ok"})

    on_head = on_get


class Ready:
    """The server should get requests; otherwise 503 with the reason."""

    def __init__(self, services: Services) -> None:
        self._unready = services.unready

    def on_get(self, _request: falcon.Request, response: falcon.Response) -> None:
        reason = self._unready()
        response.status = 200 if reason is None else 503
        answers.compact(response, {"status": "ok"} if reason is None else {"status": "not ready", "reason": reason})

    on_head = on_get
