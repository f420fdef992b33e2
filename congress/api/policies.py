"""`/v1/policies`: policies, and what can be asked of one: simulate, execute, explain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import falcon

from congress import datalog
from congress.api import actions, answers, bodies, etags, explanations, paging, previews, queries
from congress.api.errors import bare, plain, registered
from congress.api.freshness import tell_age
from congress.api.schemas import policies as schemas
from congress.api.services import Services
from congress.datalog import DatalogError
from congress.datalog.values import row as value_row
from congress.db.policies import PolicyRecord
from congress.db.rules import RuleRecord
from congress.errors import CongressError
from congress.policies.actions.enforcement import ENFORCE
from congress.policies.activation import activations
from congress.policies.content import NewPolicy, NewRule
from congress.policies.errors import PolicyNotFound, PolicyUnchangeable, SystemPolicy


def shown(record: PolicyRecord) -> dict[str, Any]:
    """A policy as the API shows it; one that a bundle brought says which."""
    return {
        "id": record.id,
        "name": record.name,
        "owner_id": record.owner_id,
        "description": record.description,
        "abbreviation": record.abbreviation,
        "kind": record.kind,
        "enforcement": record.enforcement,
        **({} if record.bundle is None else {"bundle": record.bundle}),
    }


def name_of(services: Services, name_or_id: str) -> str:
    """The workspace's name of a policy, given by name or id; datasources only by name. Raises PolicyNotFound."""
    return services.policies.name_of(name_or_id)


class Policies:
    """The collection."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        found = [shown(record) for record in self._services.policies.policies()]
        paging.listing(request, response, found, schemas.FILTERS)

    def on_post(self, request: falcon.Request, response: falcon.Response) -> None:
        body = bodies.read(request)
        library_id = queries.text(request, "library_policy")
        if library_id is not None:
            self._activate(library_id, body or {}, request, response)
            return
        if isinstance(body, dict) and "rules" in body:
            bodies.validate(body, schemas.WITH_RULES, "policy item")
            new, rules = _with_rules(body)
        else:
            new, rules = _plain(body), None
        if queries.switched_on(request, "preview"):
            changes = self._services.policies.preview(lambda trial: trial.create_policy(new, rules or ()))
            answers.compact(response, previews.shown(changes))
            return
        record, added = self._services.policies.create_policy(new, rules or ())
        item = shown(record) | ({} if rules is None else {"rules": _shown_rules(added)})
        answers.created(request, response, item, record.id)

    def _activate(self, library_id: str, body: Any, request: falcon.Request, response: falcon.Response) -> None:
        """Create a policy from the library, and before it those that it depends on and that do not exist yet."""
        asked = bodies.validate(body, schemas.ACTIVATION, "activation")
        policies, library = self._services.policies, self._services.library
        wanted = activations(
            library, library.item(library_id), asked.get("parameters") or {}, asked.get("name"), policies.exists
        )
        level = asked.get("enforcement", ENFORCE)
        wanted = [one._replace(policy=replace(one.policy, enforcement=level)) for one in wanted]
        if queries.switched_on(request, "preview"):
            answers.compact(response, previews.shown(policies.preview(lambda trial: trial.create_policies(wanted))))
            return
        *dependencies, (record, added) = policies.create_policies(wanted)
        item = shown(record) | {"rules": _shown_rules(added)}
        if dependencies:
            item["dependencies"] = [{"id": one.id, "name": one.name} for one, _rules in dependencies]
        answers.created(request, response, item, record.id)


class Policy:
    """One policy."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def on_get(self, request: falcon.Request, response: falcon.Response, policy: str) -> None:
        etags.answer(request, response, shown(self._services.policies.policy(policy)))

    def on_patch(self, request: falcon.Request, response: falcon.Response, policy: str) -> None:
        body = bodies.read(request)
        if isinstance(body, dict):
            _check_abbreviation(body.get("abbreviation", ""))
        bodies.validate(body, schemas.POLICY_CHANGE, "policy change")
        try:
            record = self._services.policies.update_policy(
                policy, body, lambda found: etags.require(request, shown(found))
            )
        except PolicyUnchangeable as error:
            known = {"kind": "no_policy_update_kind", "owner_id": "no_policy_update_owner"}.get(error.field)
            raise registered(known) if known else plain(400, error) from error
        etags.answer(request, response, shown(record))

    def on_delete(self, request: falcon.Request, response: falcon.Response, policy: str) -> None:
        try:
            if queries.switched_on(request, "preview"):
                changes = self._services.policies.preview(lambda trial: trial.delete_policy(policy))
                answers.compact(response, previews.shown(changes))
                return
            record = self._services.policies.delete_policy(policy, lambda found: etags.require(request, shown(found)))
        except PolicyNotFound as error:
            raise bare(404, f"Policy Name or ID '{policy}' does not exist") from error
        except SystemPolicy as error:
            raise bare(404, str(error)) from error
        answers.compact(response, shown(record))

    def on_post(self, request: falcon.Request, response: falcon.Response, policy: str) -> None:
        action = queries.action(request)
        if action == "simulate":
            answers.compact(response, self._simulate(request, response, policy))
        elif action == "execute":
            actions.execute_by_service(self._services, bodies.read_anything(request))
            answers.compact(response, {})
        elif action == "explain":
            answers.compact(response, self._explain(request, response, policy))
        else:
            raise queries.unsupported()

    def _simulate(self, request: falcon.Request, response: falcon.Response, policy: str) -> dict[str, Any]:
        body = bodies.read_anything(request)
        keys = ("query", "sequence", "action_policy")
        if not isinstance(body, dict) or any(not isinstance(body.get(key), str) for key in keys):
            raise registered("incomplete_simulate_args", "each of them is a string")
        workspace = self._services.live.workspace
        try:
            name = name_of(self._services, policy)
            tell_age(self._services, response, workspace.sources_of_query(name, body["query"]))
            simulation = workspace.simulate(
                name,
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

    def _explain(self, request: falcon.Request, response: falcon.Response, policy: str) -> dict[str, Any]:
        body = bodies.validate(bodies.read_anything(request), schemas.EXPLAIN, "question")
        return explanations.explained(self._services, response, policy, body["table"], value_row(body["row"]))


def _plain(body: Any) -> NewPolicy:
    """The policy that a body without rules asks for; null counts as not given."""
    if not isinstance(body, dict) or body.get("name") is None:
        raise registered("policy_name_must_be_provided")
    abbreviation = body.get("abbreviation")
    if abbreviation is not None:
        _check_abbreviation(abbreviation)
    for key in ("name", "description", "kind", "enforcement"):
        if not isinstance(body.get(key), str | None):
            raise plain(400, f"Policy {key} {body[key]!r:.100} must be a string")
    kind, description = body.get("kind") or "nonrecursive", body.get("description") or ""
    return NewPolicy(body["name"], kind, abbreviation, description, body.get("enforcement") or ENFORCE)


def _check_abbreviation(abbreviation: Any) -> None:
    if not isinstance(abbreviation, str) or len(abbreviation) > 5:
        raise registered("policy_abbreviation_error")


def _with_rules(body: dict[str, Any]) -> tuple[NewPolicy, list[NewRule]]:
    rules = [new_rule(rule) for rule in body["rules"]]
    kind = body.get("kind", "nonrecursive")
    level = body.get("enforcement", ENFORCE)
    return NewPolicy(body["name"], kind, body.get("abbreviation"), body.get("description", ""), level), rules


def new_rule(item: dict[str, Any]) -> NewRule:
    """The rule that an item of a valid body asks for."""
    return NewRule(item["rule"], item.get("comment") or "", item.get("name"), item.get("enabled", True))


def pretty(text: str) -> str:
    """A rule as it is shown to the one who wrote it: a fact unchanged, a rule with a line for each literal."""
    try:
        printed = datalog.print_statement(datalog.parse_statement(text), pretty=True)
    except DatalogError:  # was accepted by an older version of the language
        return text
    return printed if "\n" in printed else text


def _shown_rules(records: Sequence[RuleRecord]) -> list[dict[str, Any]]:
    return [{"rule": pretty(record.rule), "comment": record.comment, "name": record.name} for record in records]
