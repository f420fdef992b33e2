"""The dashboard and the alerts that come with Congress ask for metrics that it has."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from congress.telemetry import dashboard, metrics, reference
from tests.databases import program

ROOT = Path(__file__).parents[2]
RULES = ROOT / "deploy" / "prometheus" / "congress.rules.yaml"
DASHBOARD = ROOT / "deploy" / "grafana" / "congress.json"
OF_PROMETHEUS = {"instance", "job", "le"}


def alerts() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"][0]["rules"]
    return found


def expressions() -> list[str]:
    return [alert["expr"] for alert in alerts()] + [panel.expression for panel in dashboard.panels()]


def promtool(*words: str) -> None:
    done = subprocess.run([program("promtool"), *words], capture_output=True, text=True, timeout=60, check=False)  # noqa: S603
    assert done.returncode == 0, done.stdout + done.stderr


def declared() -> dict[str, set[str]]:
    """Name as Prometheus stores it -> its labels."""
    reference.declare()
    found = {"congress_process_resident_memory_bytes": set[str](), "congress_process_cpu_seconds_total": set[str]()}
    for one in metrics.described():
        ends = ("_bucket", "_sum", "_count") if one.kind == "histogram" else ("",)
        found |= {one.name + end: set(one.labels) for end in ends}
    return found


@pytest.mark.parametrize("expression", expressions())
def test_metrics_and_labels_that_are_asked_for_exist(expression: str) -> None:
    known = declared()
    used = set(re.findall(r"\bcongress_\w+", expression))
    assert used <= known.keys()
    labels = {label for name in used for label in known[name]} | OF_PROMETHEUS
    grouped = re.findall(r"by \(([^)]*)\)", expression)
    chosen = re.findall(r"[{,]\s*(\w+)\s*(?:=|!=|=~|!~)\"", expression)
    assert {label.strip() for group in grouped for label in group.split(",")} | set(chosen) <= labels


@pytest.mark.parametrize("panel", dashboard.panels(), ids=lambda panel: panel.title)
def test_legends_name_labels_of_the_answer(panel: dashboard.Panel) -> None:
    named = set(re.findall(r"{{(\w+)}}", panel.legend))
    grouped = re.search(r"by \(([^)]*)\)", panel.expression)
    labels = declared()[re.findall(r"\bcongress_\w+", panel.expression)[-1]] | OF_PROMETHEUS
    assert named <= ({each.strip() for each in grouped[1].split(",")} if grouped else labels)


def test_the_dashboard_is_the_one_that_is_generated() -> None:
    written = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    assert written == dashboard.dashboard(), (
        "write it again: python -m congress.telemetry.dashboard > deploy/grafana/congress.json"
    )


def test_prometheus_understands_every_expression(tmp_path: Path) -> None:
    promtool("check", "rules", str(RULES))
    panels = [panel.expression.replace("$__rate_interval", "5m") for panel in dashboard.panels()]
    records = [{"record": f"panel:{number}", "expr": text} for number, text in enumerate(panels)]
    (tmp_path / "panels.yaml").write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": records}]}))
    promtool("check", "rules", str(tmp_path / "panels.yaml"))


def test_prometheus_takes_the_example_of_its_configuration() -> None:
    promtool("check", "config", str(RULES.parent / "prometheus.yml"))


HEALTHY = {
    **{f'up{{job="congress", instance="{node}"}}': "1+0x300" for node in "ab"},
    **{f'congress_stream_epoch{{instance="{node}"}}': "7+0x300" for node in "ab"},
    **{f'congress_policy_revision{{instance="{node}"}}': "0+1x300" for node in "ab"},
    'congress_lease_held{instance="a", lease="datasources"}': "1+0x300",
    'congress_lease_held{instance="b", lease="datasources"}': "0+0x300",
    'congress_nodes{instance="a", state="silent"}': "0+0x300",
    'congress_stream_behind{instance="a"}': "0+0x300",
    'congress_stream_doubtful_tables{instance="a"}': "0+0x300",
    'congress_stream_gaps_total{instance="a"}': "0+1x300",
    'congress_bus_lost_messages_total{instance="a"}': "3+0x300",
    'congress_polls_total{instance="a", source="nova", outcome="worked"}': "0+1x300",
    'congress_polls_total{instance="a", source="nova", outcome="failed"}': "0+1x300",
    'congress_table_age_seconds{instance="a", table="nova:servers"}': "20+0x300",
    'congress_update_latency_seconds_bucket{instance="a", le="0.1"}': "0+10x300",
    'congress_update_latency_seconds_bucket{instance="a", le="30.0"}': "0+10x300",
    'congress_update_latency_seconds_bucket{instance="a", le="+Inf"}': "0+10x300",
    'congress_engine_wait_seconds{instance="a"}': "0+0x300",
    'congress_requests_total{instance="a", status="200"}': "0+1000x300",
    'congress_requests_total{instance="a", status="500"}': "0+1x300",
    'congress_requests_waiting{instance="a"}': "1+0x300",
    'congress_actions{instance="a", state="failed"}': "4+0x300",
    'congress_actions{instance="a", state="unknown"}': "0+0x300",
    'congress_actions_paused{instance="a"}': "0+0x300",
    'congress_outgoing_behind_events{instance="a"}': "5+0x300",
    'congress_outgoing_events_total{instance="a", outcome="dead"}': "2+0x300",
}
"""What is well, over 300 minutes."""

ILL = {
    "CongressDown": {'up{job="congress", instance="b"}': "0+0x300"},
    "CongressNotReady": {'congress_unready{instance="a", check="database"}': "1+0x300"},
    "CongressNobodyReads": {'congress_lease_held{instance="a", lease="datasources"}': "0+0x300"},
    "CongressTwoReaders": {'congress_lease_held{instance="b", lease="datasources"}': "1+0x300"},
    "CongressNodeSilent": {'congress_nodes{instance="a", state="silent"}': "1+0x300"},
    "CongressFormerEpoch": {'congress_stream_epoch{instance="b"}': "6+0x300"},
    "CongressPoliciesBehind": {'congress_policy_revision{instance="b"}': "0+0x300"},
    "CongressTablesBehind": {'congress_stream_doubtful_tables{instance="a"}': "1+0x300"},
    "CongressGaps": {'congress_stream_gaps_total{instance="a"}': "0+10x300"},
    "CongressMessagesLost": {'congress_bus_lost_messages_total{instance="a"}': "0+1x300"},
    "CongressPollsFail": {'congress_polls_total{instance="a", source="nova", outcome="worked"}': "9+0x300"},
    "CongressTableOld": {'congress_table_age_seconds{instance="a", table="nova:servers"}': "0+60x300"},
    "CongressUpdatesSlow": {'congress_update_latency_seconds_bucket{instance="a", le="0.1"}': "0+0x300"},
    "CongressEngineBusy": {'congress_engine_wait_seconds{instance="a"}': "9+0x300"},
    "CongressRequestsFail": {'congress_requests_total{instance="a", status="500"}': "0+100x300"},
    "CongressRequestsWait": {'congress_requests_waiting{instance="a"}': "20+0x300"},
    "CongressActionsFail": {'congress_actions{instance="a", state="failed"}': "0+1x300"},
    "CongressActionsUncertain": {'congress_actions{instance="a", state="unknown"}': "1+0x300"},
    "CongressActionsPaused": {'congress_actions_paused{instance="a"}': "1+0x300"},
    "CongressEventsBehind": {'congress_outgoing_behind_events{instance="a"}': "500+0x300"},
    "CongressEventsDead": {'congress_outgoing_events_total{instance="a", outcome="dead"}': "0+1x300"},
}
"""Alert -> what is different when it, and no other, fires."""


def judged(name: str, different: dict[str, str], fires: list[str]) -> dict[str, Any]:
    series = [{"series": series, "values": values} for series, values in (HEALTHY | different).items()]
    samples = [{"labels": f'{{alertname="{alert}"}}', "value": 1} for alert in fires]
    question = 'count by (alertname) (ALERTS{alertstate="firing"})'
    asked = {"expr": question, "eval_time": "300m", "exp_samples": samples}
    return {"name": name, "interval": "1m", "input_series": series, "promql_expr_test": [asked]}


def test_each_alert_fires_when_it_should_and_no_other_does(tmp_path: Path) -> None:
    assert {alert["alert"] for alert in alerts()} == ILL.keys()
    cases = [judged("all is well", {}, []), *(judged(name, ill, [name]) for name, ill in ILL.items())]
    tests = {"rule_files": [str(RULES)], "evaluation_interval": "1m", "tests": cases}
    (tmp_path / "tests.yaml").write_text(yaml.safe_dump(tests))
    promtool("test", "rules", str(tmp_path / "tests.yaml"))


def test_the_page_says_of_each_alert_what_to_do() -> None:
    page = (ROOT / "docs" / "observability.md").read_text(encoding="utf-8")
    assert re.findall(r"(?m)^\| `(Congress\w+)` \|", page) == [alert["alert"] for alert in alerts()]
