"""Alertmanager: the alerts it knows, asked for or told by its webhook.

Sources: the API v2 of Alertmanager (GET /api/v2/alerts), and the webhook's payload of its configuration page.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from congress.datasources.contract import BadPushedData, DriverError, Option
from congress.datasources.documents import read_json
from congress.datasources.httpjson import WEB_OPTIONS, web
from congress.datasources.listed import ListedDriver, Objects
from congress.datasources.options import POLLING, URL
from congress.datasources.told import AGING, Told, ToldDriver
from congress.datasources.translate import ENTRIES, ITEMS, KEY, SELF, Field, Root, Table

_FINGERPRINT = Field("fingerprint", type="Str", description="what tells the alert apart: a hash of its labels")
_OF = Field("fingerprint", Root("fingerprint"), "Str", "the alert")
_NAME = Field("name", ("labels", "alertname"), "Str", "label alertname")
_SEVERITY = Field("severity", ("labels", "severity"), "Str", "label severity")
_STARTS = Field("starts_at", "startsAt", "Str", "when it began, as RFC 3339")
_ENDS = Field("ends_at", "endsAt", "Str", "when it ended, or will unless it is told again")
_URL = Field("generator_url", "generatorURL", "Str", "where it comes from")


def _entries(name: str, member: str) -> Table:
    fields = (_OF, Field("key", KEY, "Str", f"name of the {member[:-1]}"), Field("value", SELF, "Str", "its value"))
    return Table(name, fields, walk=(member, ENTRIES))


def _items(name: str, column: str, description: str, *walk: Any) -> Table:
    return Table(name, (_OF, Field(column, SELF, "Str", description)), walk=(*walk, ITEMS))


LABELS = _entries("alerts.labels", "labels")
ANNOTATIONS = _entries("alerts.annotations", "annotations")


class AlertmanagerDriver(ListedDriver):
    """All alerts of the API, also silenced and inhibited ones: their `state` is `suppressed`."""

    id = "alertmanager"
    description = "Alerts that Alertmanager holds at present"
    options = (
        Option("url", required=True, type=URL, description="Where Alertmanager is, without /api/v2"),
        *WEB_OPTIONS,
        *POLLING,
    )
    sights = (
        (
            Table(
                "alerts",
                (
                    _FINGERPRINT,
                    _NAME,
                    Field("state", ("status", "state"), "Str", "active, suppressed or unprocessed"),
                    _SEVERITY,
                    _STARTS,
                    _ENDS,
                    Field("updated_at", "updatedAt", "Str", "when it was last told, as RFC 3339"),
                    _URL,
                ),
            ),
            LABELS,
            ANNOTATIONS,
            Table(
                "alerts.receivers",
                (_OF, Field("receiver", "name", "Str", "who is told")),
                walk=("receivers", ITEMS),
            ),
            _items("alerts.silenced_by", "silence", "id of a silence that covers it", "status", "silencedBy"),
            _items(
                "alerts.inhibited_by", "inhibitor", "fingerprint of the alert that hides it", "status", "inhibitedBy"
            ),
        ),
    )

    def __init__(self, name: str, config: Mapping[str, str]) -> None:
        super().__init__(name, config)
        self._alerts_url = self.settings["url"].rstrip("/") + "/api/v2/alerts"
        self._web = web(self.settings)

    def look(self, group: str) -> tuple[Objects]:
        try:
            found = read_json(self._web.get(self._alerts_url))
            if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
                raise DriverError("the answer is no list of alerts; is the URL that of Alertmanager?")
        except DriverError as error:
            raise DriverError(f"datasource '{self.name}': {error}") from error
        return ({table.name: found for table in self.sights[0]},)


class AlertmanagerWebhookDriver(ToldDriver):
    """What Alertmanager's webhook tells: firing alerts are rows, resolved ones are not."""

    id = "alertmanager_webhook"
    description = "Alerts that fire, as Alertmanager's webhook tells them"
    options = AGING
    notifies = "alerts"
    identity = "fingerprint"
    root = Table(
        "alerts",
        (
            _FINGERPRINT,
            _NAME,
            _SEVERITY,
            _STARTS,
            _URL,
            Field("receiver", type="Str", description="the receiver that Alertmanager's configuration names"),
        ),
        children=(LABELS, ANNOTATIONS),
    )
    members = (root, LABELS, ANNOTATIONS)

    @classmethod
    def told(cls, payload: Any) -> Told:
        alerts = payload.get("alerts") if isinstance(payload, dict) else None
        if not isinstance(alerts, list):
            raise BadPushedData("a notification is an object with a list `alerts`; is it that of Alertmanager?")
        for number, one in enumerate(alerts):
            if not isinstance(one, dict) or not isinstance(one.get("labels"), dict):
                raise BadPushedData(f"alert {number} of the notification is no object with labels")
            if not isinstance(one.get("fingerprint"), str) or one.get("status") not in ("firing", "resolved"):
                raise BadPushedData(f"alert {number} of the notification misses fingerprint, or status firing/resolved")
        firing = [{**one, "receiver": payload.get("receiver")} for one in alerts if one["status"] == "firing"]
        return Told(firing, [one["fingerprint"] for one in alerts if one["status"] == "resolved"])
