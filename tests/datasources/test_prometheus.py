"""The drivers prometheus, alertmanager and alertmanager_webhook, over programs that really run."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from congress.datalog.values import Real
from congress.datasources.alertmanager import AlertmanagerDriver, AlertmanagerWebhookDriver
from congress.datasources.contract import BadPushedData, DriverError
from congress.datasources.options import OptionInvalid
from congress.datasources.prometheus import PrometheusDriver, QueryTable, rows_of
from tests.databases import free_port
from tests.datasources.answering import Answering, Asked
from tests.datasources.tables import by, named, seen
from tests.prometheus import Alertmanager, Prometheus
from tests.waiting import until


class Heard:
    """What a webhook was told."""

    def __init__(self) -> None:
        self.payloads: list[Any] = []
        self._lock = threading.Lock()

    def __call__(self, asked: Asked) -> Any:
        with self._lock:
            self.payloads.append(json.loads(asked.body))
        return {}


@pytest.fixture(scope="module")
def monitoring() -> Iterator[tuple[Prometheus, Alertmanager, Heard]]:
    heard = Heard()
    with Answering(heard) as webhook, Alertmanager(webhook.url) as alerts, Prometheus(alerts) as running:
        yield running, alerts, heard


def driver(url: str, tables: dict[str, Any]) -> PrometheusDriver:
    return PrometheusDriver("metrics", {"url": url, "tables": json.dumps(tables)})


def test_a_query_is_a_table_with_a_column_for_each_label(monitoring: tuple[Prometheus, Alertmanager, Heard]) -> None:
    running = monitoring[0]
    tables = {
        "up": {"query": "up", "labels": ["job", "instance", "rack"]},
        "half": {"query": "vector(0.5)", "time": True},
        "seven": {"query": "7"},
        "odd": {"query": "vector(0) / vector(0)"},
    }
    one = driver(running.url, tables)
    until(lambda: len(set(one.fetch("up")["up"])) == 2)
    assert set(one.fetch("up")["up"]) == {
        ("self", f"127.0.0.1:{running.port}", "", 1),
        ("gone", f"127.0.0.1:{running.gone}", "", 0),
    }
    [(half, moment)] = one.fetch("half")["half"]
    assert half == Real(0.5) and float(moment) > 1_700_000_000
    assert set(one.fetch("seven")["seven"]) == {(7,)}
    assert set(one.fetch("odd")["odd"]) == {("NaN",)}
    columns = [(column.name, column.type) for column in one.configured_tables(one.config)["up"]]
    assert columns == [("job", "Str"), ("instance", "Str"), ("rack", "Str"), ("value", "Scalar")]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("up ==", "the query failed: .*parse error"),
        ("up[1m]", "the query answers a matrix; a table needs an instant vector or a scalar"),
        ('"text"', "the query answers a string"),
    ],
)
def test_a_query_that_is_no_table_says_why(
    monitoring: tuple[Prometheus, Alertmanager, Heard], query: str, said: str
) -> None:
    with pytest.raises(DriverError, match=f"datasource 'metrics', table t: {said}"):
        driver(monitoring[0].url, {"t": {"query": query}}).fetch("t")


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({}, "t.query: Field required"),
        ({"query": "up", "labels": ["a-b"]}, "t.labels: 'a-b' is no name that rules can use"),
        ({"query": "up", "labels": ["value"]}, "t.labels: value would be two columns"),
    ],
)
def test_a_wrong_table_is_refused(table: dict[str, Any], said: str) -> None:
    with pytest.raises(OptionInvalid, match=f"config option tables: {said}"):
        driver("http://127.0.0.1:9", {"t": table})


@pytest.mark.parametrize(
    "answer", [[], {}, {"status": "success"}, {"status": "success", "data": {"resultType": "vector", "result": [{}]}}]
)
def test_another_ones_answer_is_an_error(answer: Any) -> None:
    with pytest.raises(DriverError):
        list(rows_of(QueryTable(query="up"), answer))


def test_alerts_are_rows_with_labels_and_annotations(monitoring: tuple[Prometheus, Alertmanager, Heard]) -> None:
    running, alerts, _ = monitoring
    one = AlertmanagerDriver("alerts", {"url": alerts.url})
    until(lambda: seen(one)["alerts"])
    tables = seen(one)
    [alert] = tables["alerts"]
    assert (alert["name"], alert["state"], alert["severity"]) == ("Gone", "active", "page")
    assert by(tables["alerts.labels"], "key")["job"]["value"] == "gone"
    [annotation] = tables["alerts.annotations"]
    assert annotation["value"] == f"127.0.0.1:{running.gone} does not answer"
    assert [row["receiver"] for row in tables["alerts.receivers"]] == ["congress"]


def test_a_silenced_alert_is_suppressed(monitoring: tuple[Prometheus, Alertmanager, Heard]) -> None:
    _, alerts, _ = monitoring
    one = AlertmanagerDriver("alerts", {"url": alerts.url})
    until(lambda: seen(one)["alerts"])
    silence = {
        "matchers": [{"name": "alertname", "value": "Gone", "isRegex": False, "isEqual": True}],
        "startsAt": "2020-01-01T00:00:00Z",
        "endsAt": "2099-01-01T00:00:00Z",
        "createdBy": "test",
        "comment": "test",
    }
    made = requests.post(f"{alerts.url}/api/v2/silences", json=silence, timeout=10).json()["silenceID"]
    until(lambda: [row["state"] for row in seen(one)["alerts"]] == ["suppressed"])
    assert [row["silence"] for row in seen(one)["alerts.silenced_by"]] == [made]
    requests.delete(f"{alerts.url}/api/v2/silence/{made}", timeout=10)
    until(lambda: [row["state"] for row in seen(one)["alerts"]] == ["active"])


def test_the_webhook_adds_alerts_that_fire_and_takes_those_away_that_are_resolved(
    monitoring: tuple[Prometheus, Alertmanager, Heard],
) -> None:
    heard = monitoring[2]
    until(lambda: heard.payloads)
    table, firing = AlertmanagerWebhookDriver.notified(heard.payloads[0])
    one = AlertmanagerWebhookDriver("hook", {})
    [row] = named(one.tables(), one.translate(table, firing))["alerts"]
    assert (row["name"], row["severity"], row["receiver"]) == ("Gone", "page", "congress")
    again = AlertmanagerWebhookDriver.notified(heard.payloads[0], firing)[1]
    assert [one["fingerprint"] for one in again] == [firing[0]["fingerprint"]]
    told = heard.payloads[0]["alerts"][0]
    other = {"alerts": [{**told, "fingerprint": "another"}]}
    assert len(AlertmanagerWebhookDriver.notified(other, firing)[1]) == 2
    resolved = {"alerts": [{**told, "status": "resolved"}]}
    assert AlertmanagerWebhookDriver.notified(resolved, firing)[1] == []


@pytest.mark.parametrize("payload", [None, [], {}, {"alerts": 7}, {"alerts": [7]}, {"alerts": [{"labels": {}}]}])
def test_what_is_no_notification_of_alertmanager_is_refused(payload: Any) -> None:
    with pytest.raises(BadPushedData):
        AlertmanagerWebhookDriver.notified(payload)


def test_an_alertmanager_that_is_away_is_an_error() -> None:
    with pytest.raises(DriverError, match="datasource 'alerts': "):
        seen(AlertmanagerDriver("alerts", {"url": f"http://127.0.0.1:{free_port()}"}))
