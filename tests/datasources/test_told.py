"""Alarms that Vitrage and Monasca tell by their webhooks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from congress.datasources.contract import BadPushedData, Unchanged, UnknownTableGroup
from congress.datasources.monascawebhook import MonascaWebhookDriver
from congress.datasources.plexxi import PlexxiDriver
from congress.datasources.told import recent
from congress.datasources.vitrage import VitrageDriver
from tests.datasources.tables import by, named

# As https://docs.openstack.org/vitrage/latest/contributor/notifier-webhook-plugin shows it, with today's dates.
ALARM = {
    "vitrage_id": "2def31e9-6d9f-4c16-b007-893caa806cd4",
    "name": "Instance memory performance degraded",
    "state": "Active",
    "vitrage_type": "vitrage",
    "vitrage_operational_severity": "WARNING",
    "update_timestamp": "2026-03-08T10:00:00Z",
    "resource": {
        "vitrage_id": "437f1f4c-ccce-40a4-ac62-1c2f1fd9f6ac",
        "name": "app-1-server-1-jz6qvznkmnif",
        "id": "437f1f4c",
        "vitrage_operational_state": "ERROR",
        "vitrage_type": "nova.instance",
        "project_id": "75f2c8c8",
    },
}
# As the webhook plugin of monasca-notification sends it.
NOTIFICATION = {
    "alarm_id": "a-1",
    "alarm_definition_id": "d-1",
    "alarm_name": "cpu high",
    "alarm_description": "CPU of a host",
    "alarm_timestamp": 1772964000,
    "state": "ALARM",
    "old_state": "OK",
    "message": "Thresholds were exceeded",
    "tenant_id": "t-1",
    "metrics": [
        {"id": None, "name": "cpu.percent", "dimensions": {"hostname": "h1", "service": "compute"}},
        {"id": "m-2", "name": "cpu.steal", "dimensions": {"hostname": "h1"}},
    ],
}


def activate(**change: Any) -> dict[str, Any]:
    return {"notification": "vitrage.alarm.activate", "payload": {**ALARM, **change}}


def test_an_active_alarm_is_a_row_until_it_is_deactivated() -> None:
    table, objects = VitrageDriver.notified(activate())
    one = VitrageDriver("vitrage", {})
    [row] = named(one.tables(), one.translate(table, objects))["alarms"]
    received = row.pop("receive_timestamp")
    assert datetime.now(UTC) - datetime.fromisoformat(received) < timedelta(minutes=5) and received.endswith("Z")
    assert row == {
        "name": "Instance memory performance degraded",
        "state": "Active",
        "type": "vitrage",
        "operational_severity": "WARNING",
        "vitrage_id": "2def31e9-6d9f-4c16-b007-893caa806cd4",
        "update_timestamp": "2026-03-08T10:00:00Z",
        "resource_name": "app-1-server-1-jz6qvznkmnif",
        "resource_id": "437f1f4c",
        "resource_vitrage_id": "437f1f4c-ccce-40a4-ac62-1c2f1fd9f6ac",
        "resource_project_id": "75f2c8c8",
        "resource_operational_state": "ERROR",
        "resource_type": "nova.instance",
    }
    _, both = VitrageDriver.notified(activate(vitrage_id="other"), objects)
    assert [each["vitrage_id"] for each in both] == [ALARM["vitrage_id"], "other"]
    end = {"notification": "vitrage.alarm.deactivate", "payload": {"vitrage_id": ALARM["vitrage_id"]}}
    assert [each["vitrage_id"] for each in VitrageDriver.notified(end, both)[1]] == ["other"]


def test_an_alarm_of_monasca_takes_the_place_of_its_last_notification() -> None:
    table, objects = MonascaWebhookDriver.notified(NOTIFICATION)
    one = MonascaWebhookDriver("monasca", {})
    tables = named(one.tables(), one.translate(table, objects))
    assert by(tables["alarm_notification"], "alarm_id")["a-1"]["state"] == "ALARM"
    metrics = by(tables["alarms.metrics"], "name")
    assert (metrics["cpu.steal"]["id"], metrics["cpu.percent"]["id"]) == ("m-2", "None")
    dimensions = {(row["id"], row["key"], row["value"]) for row in tables["alarms.metrics.dimensions"]}
    percent, steal = metrics["cpu.percent"]["dimensions"], metrics["cpu.steal"]["dimensions"]
    assert dimensions == {(percent, "hostname", "h1"), (percent, "service", "compute"), (steal, "hostname", "h1")}
    _, later = MonascaWebhookDriver.notified({**NOTIFICATION, "state": "OK", "metrics": []}, objects)
    tables = named(one.tables(), one.translate(table, later))
    assert [row["state"] for row in tables["alarm_notification"]] == ["OK"]
    assert tables["alarms.metrics"] == tables["alarms.metrics.dimensions"] == []


def test_alarms_that_were_not_told_again_for_long_are_forgotten_at_the_next_look() -> None:
    old = (datetime.now(UTC) - timedelta(hours=5)).strftime("%Y-%m-%dT%H:%M:%SZ")
    _, [new] = VitrageDriver.notified(activate(vitrage_id="new"))
    objects = [{**ALARM, "receive_timestamp": old}, new]
    short, long = VitrageDriver("v", {"hours_to_keep_alarm": "4"}), VitrageDriver("v", {"hours_to_keep_alarm": "6"})
    with pytest.raises(Unchanged):
        short.fetch("alarms")
    for one, count in ((short, 1), (long, 2), (VitrageDriver("v", {"hours_to_keep_alarm": "0"}), 2)):
        assert len(set(one.translate("alarms", objects)["alarms"])) == count
        assert len(set(one.fetch("alarms")["alarms"])) == count
    at = datetime.fromisoformat(old) + timedelta(hours=3, minutes=59)
    assert len(list(recent(objects, 4, at))) == 2


def test_what_does_not_say_when_it_was_told_is_kept() -> None:
    odd = [{"receive_timestamp": "yesterday"}, {"receive_timestamp": 7}, {}]
    assert list(recent(odd, 1)) == odd


@pytest.mark.parametrize(
    "payload",
    [None, [], "x", {}, {"notification": "vitrage.alarm.activate"}, {**activate(), "notification": "x"},
     activate(vitrage_id=None)],
)  # fmt: skip
def test_what_is_no_notification_is_refused(payload: Any) -> None:
    for driver in (VitrageDriver, MonascaWebhookDriver):
        with pytest.raises(BadPushedData):
            driver.notified(payload)


def test_rows_of_plexxi_are_pushed_table_by_table() -> None:
    one = PlexxiDriver("plexxi", {"auth_url": "http://x", "password": "canary-plexxi"})
    rows = one.translate("hosts.macs", [{"Host_uuid": "h", "Mac_Address": "52:54:00:00:00:01"}])
    assert {name: set(found) for name, found in rows.items()} == {"hosts.macs": {("h", "52:54:00:00:00:01")}}
    with pytest.raises(UnknownTableGroup):
        one.translate("nowhere", [])
