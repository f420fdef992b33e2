"""`/healthcheck/live` and `/healthcheck/ready`, for load balancers and supervisors."""

from __future__ import annotations

import falcon

from congress.api import answers
from congress.api.services import Services


class Live:
    """The process works on requests, and need not be replaced; otherwise 503 with the reasons."""

    def __init__(self, services: Services) -> None:
        self._liveness = services.liveness

    def on_get(self, _request: falcon.Request, response: falcon.Response) -> None:
        response.status, body = self._liveness.verdict("not alive")
        answers.compact(response, body)

    on_head = on_get


class Ready:
    """The server should get requests; otherwise 503 with the reasons."""

    def __init__(self, services: Services) -> None:
        self._readiness = services.readiness

    def on_get(self, _request: falcon.Request, response: falcon.Response) -> None:
        response.status, body = self._readiness.verdict("not ready")
        answers.compact(response, body)

    on_head = on_get
