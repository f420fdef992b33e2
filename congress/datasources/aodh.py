"""Aodh: the alarms of all projects."""

from __future__ import annotations

from congress.datasources.allowed import aodh
from congress.datasources.cloud import CloudDriver, Listing
from congress.datasources.translate import Field, Table

ALARMS = Table(
    "alarms",
    (
        Field("alarm_id", description="UUID of the alarm"),
        Field("name", description="name"),
        Field("state", description="ok, alarm or insufficient data"),
        Field("enabled", description="whether it is evaluated"),
        Field("type", description="threshold, event, composite, ..."),
        Field("description", description="what its owner says"),
        Field("time_constraints", description="when it is evaluated, a list as text"),
        Field("user_id", description="user who created it"),
        Field("project_id", description="project that owns it"),
        Field("alarm_actions", description="addresses that are told of alarm, a list as text"),
        Field("ok_actions", description="likewise of ok"),
        Field("insufficient_data_actions", description="likewise of insufficient data"),
        Field("repeat_actions", description="whether they are told again and again"),
        Field("timestamp", description="time of its last change"),
        Field("state_timestamp", description="time of the last change of its state"),
    ),
)


class AodhDriver(CloudDriver):
    id = "aodh"
    description = "Alarms of Aodh (OpenStack alarming)"
    service = "alarm"
    listings = (
        Listing("/v2/alarms?limit=1000&q.field=all_projects&q.op=eq&q.value=true", "", (ALARMS,), marker="alarm_id"),
    )
    offered = aodh.ACTIONS
