"""Which handler answers which path; the only place where paths meet code."""

from __future__ import annotations

from typing import Any

import falcon

from congress.api import (
    bundles,
    changes,
    checks,
    dashboard,
    datasources,
    drivers,
    events,
    eventwebhooks,
    explanations,
    health,
    history,
    ledger,
    librarypolicies,
    openapi,
    policies,
    rules,
    status,
    system,
    tables,
    versions,
    violations,
    webhooks,
)
from congress.api.services import Services
from congress.policies.actions.ledger import DECISIONS


def routes(services: Services) -> tuple[tuple[str, Any], ...]:
    """(path, handler) of every route."""
    datasource, policy = "/v1/data-sources/{datasource}", "/v1/policies/{policy}"
    sink, bundle = "/v1/event-webhooks/{webhook}", "/v1/bundles/{bundle}"
    row, pages = tables.Row(), dashboard.Files()
    return (
        ("/", versions.Root()),
        ("/v1", versions.Version()),
        ("/v1/", versions.Version()),
        ("/v1/openapi.json", openapi.Document()),
        ("/healthcheck/live", health.Live(services)),
        ("/healthcheck/ready", health.Ready(services)),
        ("/v1/policies", policies.Policies(services)),
        (policy, policies.Policy(services)),
        (f"{policy}/check", checks.Check(services)),
        (f"{policy}/vocabulary", checks.Vocabulary(services)),
        (f"{policy}/status", status.PolicyStatus(services)),
        (f"{policy}/changes", changes.Changes(services)),
        (f"{policy}/history", history.History(services)),
        (f"{policy}/rules", rules.Rules(services)),
        (f"{policy}/rules/{{rule}}", rules.Rule(services)),
        (f"{policy}/rules/{{rule}}/status", status.RuleStatus(services)),
        (f"{policy}/tables", tables.PolicyTables(services)),
        (f"{policy}/tables/{{table}}", tables.PolicyTable(services)),
        (f"{policy}/tables/{{table}}/rows", tables.PolicyRows(services)),
        (f"{policy}/tables/{{table}}/rows/{{row}}", row),
        (f"{policy}/tables/{{table}}/explain", explanations.Explain(services)),
        ("/v1/violations", violations.Violations(services)),
        ("/v1/violations/{violation}", violations.OneViolation(services)),
        ("/v1/events", events.Events(services)),
        ("/v1/event-webhooks", eventwebhooks.EventWebhooks(services)),
        (sink, eventwebhooks.EventWebhook(services)),
        (f"{sink}/dead-letters", eventwebhooks.DeadLetters(services)),
        (f"{sink}/dead-letters/{{letter}}", eventwebhooks.DeadLetter(services)),
        (f"{sink}/dead-letters/{{letter}}/retry", eventwebhooks.Retry(services)),
        ("/v1/librarypolicies", librarypolicies.LibraryPolicies(services)),
        ("/v1/librarypolicies/{item}", librarypolicies.LibraryPolicy(services)),
        ("/v1/bundles", bundles.Bundles(services)),
        (bundle, bundles.Bundle(services)),
        (f"{bundle}/rollback", bundles.Rollback(services)),
        (f"{bundle}/deactivate", bundles.Deactivation(services)),
        (f"{bundle}/versions/{{version}}", bundles.Version(services)),
        (f"{bundle}/versions/{{version}}/activate", bundles.Activation(services)),
        ("/v1/data-sources", datasources.Datasources(services)),
        (datasource, datasources.Datasource(services)),
        (f"{datasource}/status", status.DatasourceStatus(services)),
        (f"{datasource}/schema", datasources.Schema(services)),
        (f"{datasource}/actions", datasources.Actions(services)),
        (f"{datasource}/webhook", webhooks.Webhook(services)),
        (f"{datasource}/tables/{{table}}/webhook", webhooks.TableWebhook(services)),
        (f"{datasource}/webhook-secrets", webhooks.WebhookSecrets(services)),
        (f"{datasource}/webhook-secrets/{{secret}}", webhooks.WebhookSecret(services)),
        (f"{datasource}/tables", tables.DatasourceTables(services)),
        (f"{datasource}/tables/{{table}}", tables.DatasourceTable(services)),
        (f"{datasource}/tables/{{table}}/spec", datasources.TableSpec(services)),
        (f"{datasource}/tables/{{table}}/rows", tables.DatasourceRows(services)),
        (f"{datasource}/tables/{{table}}/rows/{{row}}", row),
        ("/metrics", system.Metrics()),
        ("/v1/system/status", system.Status(services)),
        ("/v1/actions", ledger.Actions(services)),
        ("/v1/actions/{entry}", ledger.Action(services)),
        *((f"/v1/actions/{{entry}}/{one}", ledger.Decision(services, one)) for one in DECISIONS),
        ("/dashboard", pages),
        ("/dashboard/session", dashboard.Session(services.login)),
        ("/dashboard/login", dashboard.LogIn(services.login)),
        ("/dashboard/{file}", pages),
        ("/v1/system/drivers", drivers.Drivers(services)),
        ("/v1/system/drivers/{driver}", drivers.DriverResource(services)),
    )


def add_all(app: falcon.App[Any, Any], services: Services) -> None:
    """Give the application all routes, and an answer for every other path."""
    for path, handler in routes(services):
        if services.login.is_offered or not path.startswith("/dashboard"):
            app.add_route(path, handler)
    app.add_sink(versions.elsewhere, prefix="/")
