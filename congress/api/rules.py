"""`/v1/policies/<policy>/rules`: the rules of a policy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import falcon

from congress.api import answers, bodies, etags, paging, previews, queries
from congress.api.errors import bare, registered
from congress.api.policies import new_rule, pretty
from congress.api.schemas import rules as schemas
from congress.api.services import Services
from congress.datalog import DatalogError, MultipleRules
from congress.db.rules import RuleRecord
from congress.engine.workspace import RuleExists
from congress.policies.content import NewRule
from congress.policies.errors import DatasourcePolicy, PolicyNotFound, RuleNotFound


def shown(record: RuleRecord) -> dict[str, Any]:
    """A rule as the API shows it: its text as it was written."""
    item = {"rule": record.rule, "id": record.id, "comment": record.comment, "name": record.name}
    return item | {"enabled": record.enabled}


@contextmanager
def answered() -> Iterator[None]:
    """Turns what can be wrong with a rule into the numbers that clients know."""
    try:
        yield
    except PolicyNotFound as error:
        raise registered("policy_not_exist", f"Policy ID {error.name_or_id} does not exist") from error
    except RuleNotFound as error:
        raise bare(404, "Not found", str(error)) from error
    except DatasourcePolicy as error:
        raise registered("rule_not_permitted", error) from error
    except RuleExists as error:
        raise registered("rule_already_exists", error) from error
    except MultipleRules as error:
        raise registered("multiple_rules", error) from error
    except DatalogError as error:
        raise registered("rule_syntax", error) from error


class Rules:
    """The collection."""

    def __init__(self, services: Services) -> None:
        self._policies = services.policies

    def on_get(self, request: falcon.Request, response: falcon.Response, policy: str) -> None:
        with answered():
            found = [] if self._policies.is_datasource(policy) else self._policies.rules(policy)
        paging.listing(request, response, [shown(record) for record in found], schemas.FILTERS)

    def on_post(self, request: falcon.Request, response: falcon.Response, policy: str) -> None:
        body = bodies.read(request)
        several = isinstance(body, dict) and "rules" in body and "rule" not in body
        bodies.validate(body, schemas.NEW_RULES if several else schemas.NEW_RULE, "rule")
        wanted = [new_rule(item) for item in (body["rules"] if several else [body])]
        with answered():
            if queries.switched_on(request, "preview"):
                changes = self._policies.preview(lambda trial: trial.insert_rules(policy, wanted))
                answers.compact(response, previews.shown(changes))
                return
            added = self._policies.insert_rules(policy, wanted)
        items = [shown(record) | {"rule": pretty(record.rule)} for record in added]
        if several:
            response.status = 201
            answers.compact(response, {"rules": items})
        else:
            answers.created(request, response, items[0], added[0].id)


class Rule:
    """One rule."""

    def __init__(self, services: Services) -> None:
        self._policies = services.policies

    def on_get(self, request: falcon.Request, response: falcon.Response, policy: str, rule: str) -> None:
        with answered():
            found = self._policies.rule(policy, rule)
        etags.answer(request, response, shown(found))

    def on_put(self, request: falcon.Request, response: falcon.Response, policy: str, rule: str) -> None:
        body = bodies.validate(bodies.read(request), schemas.NEW_RULE, "rule")
        self._update(request, response, policy, rule, lambda _found: new_rule(body))

    def on_patch(self, request: falcon.Request, response: falcon.Response, policy: str, rule: str) -> None:
        body = bodies.validate(bodies.read(request), schemas.RULE_CHANGE, "rule change")
        self._update(request, response, policy, rule, lambda found: new_rule(shown(found) | body))

    def _update(
        self,
        request: falcon.Request,
        response: falcon.Response,
        policy: str,
        rule: str,
        wanted: Callable[[RuleRecord], NewRule],
    ) -> None:
        with answered():
            if queries.switched_on(request, "preview"):
                changes = self._policies.preview(lambda trial: trial.update_rule(policy, rule, wanted))
                answers.compact(response, previews.shown(changes))
                return
            changed = self._policies.update_rule(policy, rule, wanted, _check(request))
        etags.answer(request, response, shown(changed))

    def on_delete(self, request: falcon.Request, response: falcon.Response, policy: str, rule: str) -> None:
        with answered():
            if queries.switched_on(request, "preview"):
                changes = self._policies.preview(lambda trial: trial.delete_rule(policy, rule))
                answers.compact(response, previews.shown(changes))
                return
            answers.compact(response, shown(self._policies.delete_rule(policy, rule, _check(request))))


def _check(request: falcon.Request) -> Callable[[RuleRecord], None]:
    return lambda found: etags.require(request, shown(found))
