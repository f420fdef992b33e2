"""`/v1/event-webhooks`: who is told of what opens and closes, and what they did not take."""

from __future__ import annotations

import datetime
from typing import Any

import falcon

from congress.api import answers, bodies
from congress.api.schemas import eventwebhooks as schemas
from congress.api.services import Services
from congress.db.eventtargets import Letter, Target


def shown(target: Target, dead: int) -> dict[str, Any]:
    """A webhook as the API shows it: without its secret."""
    return {
        "id": target.id,
        "url": target.url,
        "description": target.description,
        "policy": target.policy,
        "table": target.table,
        "position": str(target.position),
        "attempts": target.attempts,
        "error": target.error or None,
        "dead_letters": dead,
        "created_at": _time(target.created_at),
        "updated_at": _time(target.updated_at),
    }


def shown_letter(letter: Letter) -> dict[str, Any]:
    """A dead letter as the API shows it."""
    return {
        "id": letter.id,
        "first_event": str(letter.first),
        "last_event": str(letter.last),
        "body": letter.body,
        "state": "dead" if letter.attempts else "due",
        "attempts": letter.attempts,
        "error": letter.error,
        "at": _time(letter.at),
    }


def _time(moment: datetime.datetime) -> str:
    return moment.replace(tzinfo=datetime.UTC).isoformat()


class EventWebhooks:
    """All of them."""

    def __init__(self, services: Services) -> None:
        self._webhooks = services.event_webhooks

    def on_get(self, _request: falcon.Request, response: falcon.Response) -> None:
        answers.listing(response, [shown(*each) for each in self._webhooks.every()])

    def on_post(self, request: falcon.Request, response: falcon.Response) -> None:
        body = bodies.validate(bodies.read(request), schemas.NEW, "webhook")
        target, secret = self._webhooks.create(
            body["url"], body.get("description") or "", body.get("policy"), body.get("table")
        )
        answers.created(request, response, {**shown(target, 0), "secret": secret}, target.id)
        response.set_header("Cache-Control", "no-store")


class EventWebhook:
    """One webhook."""

    def __init__(self, services: Services) -> None:
        self._webhooks = services.event_webhooks

    def on_get(self, _request: falcon.Request, response: falcon.Response, webhook: str) -> None:
        answers.compact(response, shown(*self._webhooks.webhook(webhook)))

    def on_delete(self, _request: falcon.Request, response: falcon.Response, webhook: str) -> None:
        answers.compact(response, shown(self._webhooks.delete(webhook), 0))


class DeadLetters:
    """What a webhook did not take."""

    def __init__(self, services: Services) -> None:
        self._webhooks = services.event_webhooks

    def on_get(self, _request: falcon.Request, response: falcon.Response, webhook: str) -> None:
        answers.listing(response, [shown_letter(each) for each in self._webhooks.letters(webhook)])


class DeadLetter:
    """One dead letter, which can be given up."""

    def __init__(self, services: Services) -> None:
        self._webhooks = services.event_webhooks

    def on_delete(self, _request: falcon.Request, response: falcon.Response, webhook: str, letter: str) -> None:
        answers.compact(response, shown_letter(self._webhooks.delete_letter(webhook, letter)))


class Retry:
    """Has a dead letter sent again."""

    def __init__(self, services: Services) -> None:
        self._webhooks = services.event_webhooks

    def on_post(self, _request: falcon.Request, response: falcon.Response, webhook: str, letter: str) -> None:
        answers.compact(response, shown_letter(self._webhooks.send_again(webhook, letter)))
