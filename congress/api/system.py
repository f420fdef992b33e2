"""`/v1/system/status`: all nodes of the service, and who holds what; `/metrics`: numbers of this one."""

from __future__ import annotations

import falcon

from congress.api import answers
from congress.api.services import Services
from congress.telemetry import metrics


class Status:
    """Every node with its role and state, as this one knows them."""

    def __init__(self, services: Services) -> None:
        self._status = services.system_status

    def on_get(self, _request: falcon.Request, response: falcon.Response) -> None:
        answers.compact(response, self._status())


class Metrics:
    """This process in numbers."""

    def on_get(self, _request: falcon.Request, response: falcon.Response) -> None:
        response.content_type = metrics.CONTENT_TYPE
        response.data = metrics.page()
