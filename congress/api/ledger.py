"""`/v1/actions`: what rules asked to be done, what became of it, and the decisions that people make about it."""

from __future__ import annotations

import datetime
from typing import Any

import falcon
from oslo_context.context import RequestContext

from congress.api import answers, bodies, paging, queries
from congress.api.authentication import CONFIRMED
from congress.api.errors import plain
from congress.api.schemas import ledger as schemas
from congress.api.services import Services
from congress.db.actions import STATES, Entry, Event
from congress.policies.actions.errors import ActionNotFound


def shown(entry: Entry) -> dict[str, Any]:
    """An entry; times in UTC, `outcome` says what it waits for or how it ended."""
    return {
        "id": entry.id,
        "policy": entry.policy,
        "table": entry.table,
        "datasource": entry.datasource,
        "action": entry.action,
        "args": entry.arguments,
        "state": entry.state,
        "outcome": entry.outcome,
        "attempts": entry.attempts,
        "epoch": entry.epoch,
        "node": entry.node,
        "created_at": _time(entry.created_at),
        "updated_at": _time(entry.updated_at),
    }


def _shown_whole(entry: Entry, events: list[Event]) -> dict[str, Any]:
    told = [{"at": _time(one.at), "state": one.state, "actor": one.actor, "detail": one.detail} for one in events]
    return shown(entry) | {"events": told}


def _time(at: datetime.datetime) -> str:
    return at.replace(tzinfo=datetime.UTC).isoformat()


class Actions:
    """The ledger, newest first."""

    def __init__(self, services: Services) -> None:
        self._ledger = services.ledger

    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        state, marker = queries.text(request, "state"), queries.text(request, "marker")
        if state is not None and state not in STATES:
            raise plain(400, f"parameter state must be one of {', '.join(STATES)}")
        limit, policy = paging.limit(request), queries.text(request, "policy")
        try:
            page = self._ledger.page(limit=limit, policy=policy, state=state, marker=marker)
        except ActionNotFound as error:
            raise plain(400, f"marker {error.key[:100]} is the id of no action; begin again without one") from error
        more: dict[str, Any] = {"next_marker": page.entries[-1].id} if page.more else {}
        answers.listing(response, [shown(one) for one in page.entries], paused=self._ledger.control().paused, **more)


class Action:
    """One entry, with all that happened to it."""

    def __init__(self, services: Services) -> None:
        self._ledger = services.ledger

    def on_get(self, _request: falcon.Request, response: falcon.Response, entry: str) -> None:
        answers.compact(response, _shown_whole(*self._ledger.entry(entry)))


class Decision:
    """Approve, reject or retry."""

    def __init__(self, services: Services, decision: str) -> None:
        self._ledger, self._decision = services.ledger, decision

    def on_post(self, request: falcon.Request, response: falcon.Response, entry: str) -> None:
        body = bodies.read_anything(request) if request.content_length else {}
        comment = bodies.validate(body, schemas.DECISION, "decision").get("comment", "")
        decided = self._ledger.decide(entry, self._decision, actor=actor(request), comment=comment)
        answers.compact(response, _shown_whole(*decided))


def actor(request: falcon.Request) -> str:
    """Who sends a request, for the audit."""
    if not request.env.get(CONFIRMED):
        return "anybody (auth_strategy is noauth)"
    context = RequestContext.from_environ(request.env)
    name = request.env.get("HTTP_X_USER_NAME")
    return f"user {context.user_id}" + (f" ({name})" if name else "")
