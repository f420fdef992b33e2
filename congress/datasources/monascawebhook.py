"""Monasca: alarms as its webhook notifications tell them.

Source: the payload of the webhook plugin of monasca-notification.
"""

from __future__ import annotations

from typing import Any

from congress.datasources.contract import BadPushedData
from congress.datasources.told import AGING, Told, ToldDriver
from congress.datasources.translate import ENTRIES, ITEMS, KEY, SELF, Child, Field, Hash, Parent, Table

DIMENSIONS = Table(
    "alarms.metrics.dimensions",
    (
        Field("id", Hash.ROWS, description="what the dimensions of one metric share"),
        Field("key", KEY, description="name of the dimension, e.g. hostname"),
        Field("value", SELF, description="its value"),
    ),
    walk=("dimensions", ENTRIES),
)
METRICS = Table(
    "alarms.metrics",
    (
        Field("alarm_id", Parent("alarm_id"), description="the alarm"),
        Field("id", description="id of the metric, where Monasca tells it"),
        Field("name", description="name of the metric"),
        Field("dimensions", Child(DIMENSIONS), description="`id` in alarms.metrics.dimensions"),
    ),
    walk=("metrics", ITEMS),
    children=(DIMENSIONS,),
)


class MonascaWebhookDriver(ToldDriver):
    """The last notification of each alarm. What an alarm's metrics were before is forgotten with it."""

    id = "monasca_webhook"
    description = "Alarms of Monasca (OpenStack monitoring), told by its webhook notifications"
    options = AGING
    notifies = "alarm_notification"
    identity = "alarm_id"
    root = Table(
        "alarm_notification",
        (
            Field("alarm_id", description="what tells the alarm apart"),
            Field("alarm_definition_id", description="its definition"),
            Field("alarm_name", description="name of the definition"),
            Field("alarm_description", description="what its author says"),
            Field("alarm_timestamp", description="when its state changed, as Monasca says"),
            Field("state", description="OK, ALARM or UNDETERMINED"),
            Field("old_state", description="what it was before"),
            Field("message", description="why it changed"),
            Field("tenant_id", description="project that owns it"),
        ),
        children=(METRICS,),
    )
    members = (DIMENSIONS, METRICS, root)

    @classmethod
    def told(cls, payload: Any) -> Told:
        if not isinstance(payload, dict) or not isinstance(payload.get("alarm_id"), str):
            raise BadPushedData("a notification is an object with alarm_id, state, ...; is it that of Monasca?")
        return Told([payload])
