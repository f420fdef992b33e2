"""`…/status` of policies, rules and datasources."""

from __future__ import annotations

from typing import Any

import falcon

from congress.api import answers
from congress.api.rules import answered
from congress.api.services import Services


class PolicyStatus:
    """The state of a policy."""

    def __init__(self, services: Services) -> None:
        self._policies = services.policies

    def on_get(self, _request: falcon.Request, response: falcon.Response, policy: str) -> None:
        record = self._policies.policy(policy)
        answers.compact(response, {"name": record.name, "id": record.id})


class RuleStatus:
    """The state of a rule; `error` says why it is not in effect, when it is not."""

    def __init__(self, services: Services) -> None:
        self._policies = services.policies

    def on_get(self, _request: falcon.Request, response: falcon.Response, policy: str, rule: str) -> None:
        with answered():
            record = self._policies.rule(policy, rule)
        state: dict[str, Any] = {} if record.name is None else {"name": record.name}
        state |= {"id": record.id, "comment": record.comment, "original_str": record.rule}
        reason = self._policies.set_aside(record.id)
        answers.compact(response, state if reason is None else state | {"error": reason})


class DatasourceStatus:
    """The state of a datasource's polling, every value a string."""

    def __init__(self, services: Services) -> None:
        self._datasources = services.datasources

    def on_get(self, _request: falcon.Request, response: falcon.Response, datasource: str) -> None:
        state: dict[str, Any] = dict(self._datasources.status(datasource))
        state.setdefault("subscriptions", [])
        state.setdefault("subscribers", ["__engine"])
        answers.compact(response, state)
