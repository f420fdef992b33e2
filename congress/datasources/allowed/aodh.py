"""Requests to Aodh, as its API describes them: https://docs.openstack.org/aodh/latest/webapi/v2.html."""

from __future__ import annotations

from congress.datasources.actions import CloudAction
from congress.datasources.arguments import choice, document, identifier

ALARM = identifier("alarm_id", "id of the alarm")
BODY = document("alarm", "the alarm, as Aodh's API describes it")

ACTIONS = (
    CloudAction("alarm.create", "Make an alarm", "POST", "/v2/alarms", (BODY,), "{alarm}"),
    CloudAction("alarm.update", "Replace an alarm", "PUT", "/v2/alarms/{alarm_id}", (ALARM, BODY), "{alarm}"),
    CloudAction("alarm.delete", "Delete an alarm", "DELETE", "/v2/alarms/{alarm_id}", (ALARM,)),
    CloudAction(
        "alarm.set_state",
        "Set the state of an alarm",
        "PUT",
        "/v2/alarms/{alarm_id}/state",
        (ALARM, choice("state", "", "ok", "alarm", "insufficient data")),
        "{state}",
    ),
)
