"""`/v1/policies`: policies, and what can be asked of one: simulate, execute, explain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import falcon

from congress import datalog
from congress.api import actions, answers, bodies, queries
from congress.api.errors import bare, plain, registered
from congress.api.schemas import policies as schemas
from congress.api.services import Services
from congress.datalog import DatalogError
from congress.datalog.values import row as value_row
from congress.db.policies import PolicyRecord
from congress.db.rules import RuleRecord
from congress.engine.workspace import Absence, Explanation, RowMissing, Workspace
from congress.errors import CongressError
from congress.policies.errors import PolicyNotFound, SystemPolicy
from congress.policies.library import activation
from congress.policies.service import NewPolicy, NewRule


def shown(record: PolicyRecord) -> dict[str, Any]:
    """A policy as the API shows it."""
    return {
        "id": record.id,
        "name": record.name,
        "owner_id": record.owner_id,
        "description": record.description,
        "abbreviation": record.abbreviation,
        "kind": record.kind,
    }


def name_of(services: Services, name_or_id: str) -> str:
    """The workspace's name of a policy, given by name or id; datasources only by name. Raises PolicyNotFound."""
    try:
        return services.policies.policy(name_or_id).name
    except PolicyNotFound:
        if services.policies.is_datasource(name_or_id):
            return name_or_id
        raise


class Policies:
    """The collection."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def on_get(self, _request: falcon.Request, response: falcon.Response) -> None:
        answers.listing(response, [shown(record) for record in self._services.policies.policies()])

    def on_post(self, request: falcon.Request, response: falcon.Response) -> None:
        body = bodies.read(request)
        library_id = queries.text(request, "library_policy")
        if library_id is not None:
            if body:
                raise plain(400, "a policy activated from the library takes no body; send {}")
            new, rules = activation(self._services.library.item(library_id))
        elif isinstance(body, dict) and "rules" in body:
            bodies.validate(body, schemas.WITH_RULES, "policy item")
            new, rules = _with_rules(body)
        else:
            new, rules = _plain(body), None
        record, added = self._services.policies.create_policy(new, rules or ())
        item = shown(record) | ({} if rules is None else {"rules": _shown_rules(added)})
        answers.created(request, response, item, record.id)


class Policy:
    """One policy."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def on_get(self, _request: falcon.Request, response: falcon.Response, policy: str) -> None:
        answers.compact(response, shown(self._services.policies.policy(policy)))

    def on_delete(self, _request: falcon.Request, response: falcon.Response, policy: str) -> None:
        try:
            record = self._services.policies.delete_policy(policy)
        except PolicyNotFound as error:
            raise bare(404, f"Policy Name or ID '{policy}' does not exist") from error
        except SystemPolicy as error:
            raise bare(404, str(error)) from error
        answers.compact(response, shown(record))

    def on_post(self, request: falcon.Request, response: falcon.Response, policy: str) -> None:
        action = queries.action(request)
        if action == "simulate":
            answers.compact(response, self._simulate(request, policy))
        elif action == "execute":
            actions.execute_by_service(self._services, bodies.read_anything(request))
            answers.compact(response, {})
        elif action == "explain":
            answers.compact(response, self._explain(request, policy))
        else:
            raise queries.unsupported()

    def _simulate(self, request: falcon.Request, policy: str) -> dict[str, Any]:
        body = bodies.read_anything(request)
        keys = ("query", "sequence", "action_policy")
        if not isinstance(body, dict) or any(not isinstance(body.get(key), str) for key in keys):
            raise registered("incomplete_simulate_args", "each of them is a string")
        try:
            simulation = self._services.live.workspace.simulate(
                name_of(self._services, policy),
                body["query"],
                body["sequence"],
                self._action_policy(body["action_policy"]),
                delta=queries.switched_on(request, "delta"),
                trace=queries.switched_on(request, "trace"),
            )
        except PolicyNotFound as error:
            raise registered("simulate_error", f"Unknown policy {error.name_or_id}") from error
        except CongressError as error:
            raise registered("simulate_error", error) from error
        answer: dict[str, Any] = {"result": list(simulation.result)}
        if simulation.trace is not None:
            answer["trace"] = simulation.trace
        return answer

    def _action_policy(self, name_or_id: str) -> str:
        return name_of(self._services, name_or_id)

    def _explain(self, request: falcon.Request, policy: str) -> dict[str, Any]:
        body = bodies.validate(bodies.read_anything(request), schemas.EXPLAIN, "question")
        name, row = name_of(self._services, policy), value_row(body["row"])
        workspace: Workspace = self._services.live.workspace
        explanation: Explanation | Absence
        try:
            explanation, holds = workspace.explain(name, body["table"], row), True
        except RowMissing:
            explanation, holds = workspace.explain_absence(name, body["table"], row), False
        return {"holds": holds, "explanation": explanation.to_data(), "text": explanation.to_text()}


def _plain(body: Any) -> NewPolicy:
    """The policy that a body without rules asks for; null counts as not given."""
    if not isinstance(body, dict) or body.get("name") is None:
        raise registered("policy_name_must_be_provided")
    abbreviation = body.get("abbreviation")
    if abbreviation is not None and (not isinstance(abbreviation, str) or len(abbreviation) > 5):
        raise registered("policy_abbreviation_error")
    for key in ("name", "description", "kind"):
        if not isinstance(body.get(key), str | None):
            raise plain(400, f"Policy {key} {body[key]!r:.100} must be a string")
    return NewPolicy(body["name"], body.get("kind") or "nonrecursive", abbreviation, body.get("description") or "")


def _with_rules(body: dict[str, Any]) -> tuple[NewPolicy, list[NewRule]]:
    rules = [NewRule(rule["rule"], rule.get("comment") or "", rule.get("name")) for rule in body["rules"]]
    kind = body.get("kind", "nonrecursive")
    return NewPolicy(body["name"], kind, body.get("abbreviation"), body.get("description", "")), rules


def pretty(text: str) -> str:
    """A rule as it is shown to the one who wrote it: a fact unchanged, a rule with a line for each literal."""
    try:
        printed = datalog.print_statement(datalog.parse_statement(text), pretty=True)
    except DatalogError:  # was accepted by an older version of the language
        return text
    return printed if "\n" in printed else text


def _shown_rules(records: Sequence[RuleRecord]) -> list[dict[str, Any]]:
    return [{"rule": pretty(record.rule), "comment": record.comment, "name": record.name} for record in records]
