"""`/v1/policies/<policy>/rules`: the rules of a policy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import falcon

from congress.api import answers, bodies
from congress.api.errors import bare, registered
from congress.api.policies import pretty
from congress.api.schemas import rules as schemas
from congress.api.services import Services
from congress.datalog import DatalogError, MultipleRules
from congress.db.rules import RuleRecord
from congress.engine.workspace import RuleExists
from congress.policies.errors import DatasourcePolicy, PolicyNotFound, RuleNotFound
from congress.policies.service import NewRule


def shown(record: RuleRecord) -> dict[str, Any]:
    """A rule as the API shows it: its text as it was written."""
    return {"rule": record.rule, "id": record.id, "comment": record.comment, "name": record.name}


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

    def on_get(self, _request: falcon.Request, response: falcon.Response, policy: str) -> None:
        with answered():
            found = [] if self._policies.is_datasource(policy) else self._policies.rules(policy)
        answers.listing(response, [shown(record) for record in found])

    def on_post(self, request: falcon.Request, response: falcon.Response, policy: str) -> None:
        body = bodies.validate(bodies.read(request), schemas.NEW_RULE, "rule")
        with answered():
            record = self._policies.insert_rule(
                policy, NewRule(body["rule"], body.get("comment") or "", body.get("name"))
            )
        answers.created(request, response, shown(record) | {"rule": pretty(record.rule)}, record.id)


class Rule:
    """One rule."""

    def __init__(self, services: Services) -> None:
        self._policies = services.policies

    def on_get(self, _request: falcon.Request, response: falcon.Response, policy: str, rule: str) -> None:
        with answered():
            answers.compact(response, shown(self._policies.rule(policy, rule)))

    def on_delete(self, _request: falcon.Request, response: falcon.Response, policy: str, rule: str) -> None:
        with answered():
            answers.compact(response, shown(self._policies.delete_rule(policy, rule)))
