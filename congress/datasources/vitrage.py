"""Vitrage: alarms as its webhook notifier tells them.

Source: the documentation of Vitrage's notifier webhook; older releases leave `vitrage_` out of some names.
"""

from __future__ import annotations

from typing import Any

from congress.datasources.contract import BadPushedData
from congress.datasources.told import AGING, Told, ToldDriver
from congress.datasources.translate import Field, Table

ACTIVATE, DEACTIVATE = "vitrage.alarm.activate", "vitrage.alarm.deactivate"


def _resource(name: str, *others: str) -> Any:
    """Takes a member of the alarm's resource under the first of its names that it has."""

    def take(resource: Any) -> Any:
        found = resource if isinstance(resource, dict) else {}
        return next((found[each] for each in (name, *others) if found.get(each) is not None), None)

    return take


class VitrageDriver(ToldDriver):
    """Table `alarms`: those that are active."""

    id = "vitrage"
    description = "Alarms of Vitrage (OpenStack root cause analysis), told by its webhook"
    options = AGING
    notifies = "alarms"
    identity = "vitrage_id"
    root = Table(
        "alarms",
        (
            Field("name", description="name of the alarm"),
            Field("state", description="Active or Inactive"),
            Field("type", description="monitor it comes from"),
            Field("operational_severity", description="how bad it is: OK, WARNING, CRITICAL, ..."),
            Field("vitrage_id", description="what tells the alarm apart"),
            Field("update_timestamp", description="when it changed, as Vitrage says"),
            Field("receive_timestamp", description="when it was told to us, in UTC"),
            Field("resource_name", "resource", "Scalar", "name of what it is about", _resource("name")),
            Field("resource_id", "resource", "Scalar", "that one's id in its own service", _resource("id")),
            Field("resource_vitrage_id", "resource", "Scalar", "its id in Vitrage", _resource("vitrage_id")),
            Field("resource_project_id", "resource", "Scalar", "its project", _resource("project_id")),
            Field(
                "resource_operational_state",
                "resource",
                "Scalar",
                "its state as Vitrage derives it",
                _resource("operational_state", "vitrage_operational_state"),
            ),
            Field("resource_type", "resource", "Scalar", "its kind, e.g. nova.host", _resource("type", "vitrage_type")),
        ),
    )
    members = (root,)

    @classmethod
    def told(cls, payload: Any) -> Told:
        kind = payload.get("notification") if isinstance(payload, dict) else None
        alarm = payload.get("payload") if isinstance(payload, dict) else None
        if kind not in (ACTIVATE, DEACTIVATE) or not isinstance(alarm, dict):
            raise BadPushedData(
                f'a notification is {{"notification": "{ACTIVATE}" or "{DEACTIVATE}", "payload": {{...}}}}; '
                "is it that of Vitrage?"
            )
        if not isinstance(alarm.get("vitrage_id"), str):
            raise BadPushedData("the payload of the notification has no vitrage_id")
        if kind == DEACTIVATE:
            return Told(gone=[alarm["vitrage_id"]])
        named = {
            "type": alarm.get("type") or alarm.get("vitrage_type"),
            "operational_severity": alarm.get("operational_severity") or alarm.get("vitrage_operational_severity"),
        }
        return Told([{**alarm, **named}])
