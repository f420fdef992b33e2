"""Watcher: audits of the cloud, and the plans that followed from them."""

from __future__ import annotations

from congress.datasources.allowed import others
from congress.datasources.cloud import CloudDriver, Listing
from congress.datasources.translate import Field, Table

_ID = Field("id", "uuid", "Str", "UUID")
_CREATED = Field("created_at", type="Str", description="time of creation")
_UPDATED = Field("updated_at", type="Str", description="time of the last change")
_STRATEGY = Field("strategy_name", type="Str", description="how the goal is pursued")
_HOST = Field("hostname", type="Str", description="host whose Watcher does it")

AUDITS = Table(
    "audits",
    (
        _ID,
        Field("name", type="Str", description="name"),
        Field("audit_type", type="Str", description="ONESHOT, CONTINUOUS or EVENT"),
        Field("state", type="Str", description="PENDING, ONGOING, SUCCEEDED, FAILED, CANCELLED, SUSPENDED"),
        Field("goal_name", type="Str", description="what is to be reached"),
        _STRATEGY,
        Field("interval", type="Str", description="how often, in seconds or as cron writes it"),
        Field("auto_trigger", type="Bool", description="whether its plans start by themselves"),
        Field("next_run_time", type="Str", description="when it runs next"),
        _HOST,
        _CREATED,
        _UPDATED,
    ),
)
PLANS = Table(
    "action_plans",
    (
        _ID,
        Field("audit_id", "audit_uuid", "Str", "audit that it follows from"),
        Field("state", type="Str", description="RECOMMENDED, PENDING, ONGOING, SUCCEEDED, FAILED, ..."),
        _STRATEGY,
        _HOST,
        _CREATED,
        _UPDATED,
    ),
)
ACTIONS = Table(
    "actions",
    (
        _ID,
        Field("action_plan_id", "action_plan_uuid", "Str", "plan that it is a step of"),
        Field("action_type", type="Str", description="migrate, change_nova_service_state, ..."),
        Field("state", type="Str", description="PENDING, ONGOING, SUCCEEDED, FAILED, ..."),
        Field("resource_id", ("input_parameters", "resource_id"), "Str", "what it is done to"),
        _CREATED,
        _UPDATED,
    ),
)


class WatcherDriver(CloudDriver):
    id = "watcher"
    description = "Audits, action plans and actions of Watcher (OpenStack resource optimization)"
    service = "infra_optim"
    listings = (
        Listing("/v1/audits/detail?limit=1000", "audits", (AUDITS,)),
        Listing("/v1/action_plans/detail?limit=1000", "action_plans", (PLANS,)),
        Listing("/v1/actions/detail?limit=1000", "actions", (ACTIONS,)),
    )
    offered = others.WATCHER
