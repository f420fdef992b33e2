"""`/v1/data-sources/<datasource>/webhook`, that of a table, and the secrets with which senders may use it."""

from __future__ import annotations

from typing import Any

import falcon

from congress.api import answers, bodies
from congress.api.services import Services
from congress.db.webhooksecrets import SecretRecord


def shown(record: SecretRecord) -> dict[str, Any]:
    """A secret as the API shows it: without itself."""
    return {"id": record.id, "created_at": record.created_at.isoformat() + "Z"}


class Webhook:
    """Where other services send their notifications."""

    def __init__(self, services: Services) -> None:
        self._datasources = services.datasources

    def on_post(self, request: falcon.Request, response: falcon.Response, datasource: str) -> None:
        self._datasources.notify(datasource, bodies.read(request))
        response.content_type = answers.CONTENT_TYPE


class TableWebhook:
    """The same for one table, of drivers that keep documents."""

    def __init__(self, services: Services) -> None:
        self._datasources = services.datasources

    def on_post(self, request: falcon.Request, response: falcon.Response, datasource: str, table: str) -> None:
        self._datasources.receive(datasource, table, bodies.read(request))
        response.content_type = answers.CONTENT_TYPE


class WebhookSecrets:
    """The secrets of a datasource, at most two."""

    def __init__(self, services: Services) -> None:
        self._secrets = services.webhook_secrets

    def on_get(self, _request: falcon.Request, response: falcon.Response, datasource: str) -> None:
        answers.listing(response, [shown(record) for record in self._secrets.secrets(datasource)])

    def on_post(self, request: falcon.Request, response: falcon.Response, datasource: str) -> None:
        record, text = self._secrets.create(datasource)
        answers.created(request, response, {**shown(record), "secret": text}, record.id)
        response.set_header("Cache-Control", "no-store")


class WebhookSecret:
    """One secret."""

    def __init__(self, services: Services) -> None:
        self._secrets = services.webhook_secrets

    def on_delete(self, _request: falcon.Request, response: falcon.Response, datasource: str, secret: str) -> None:
        answers.compact(response, shown(self._secrets.delete(datasource, secret)))
