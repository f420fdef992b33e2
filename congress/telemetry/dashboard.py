"""Prints the dashboard for Grafana: `python -m congress.telemetry.dashboard > deploy/grafana/congress.json`."""

from __future__ import annotations

import json
from typing import Any, Final, NamedTuple

COLUMNS: Final = 3
"""Panels beside each other, on the 24 columns of Grafana's grid."""
HEIGHT: Final = 8


class Panel(NamedTuple):
    """A graph. `unit` as Grafana calls it; `legend` with the labels of the answer in double braces."""

    title: str
    expression: str
    unit: str = "short"
    legend: str = "{{instance}}"
    meaning: str = ""


def _quantile(share: float, metric: str, *by: str, condition: str = "") -> str:
    labels = ", ".join(("le", *by))
    return f"histogram_quantile({share}, sum by ({labels}) (rate({metric}_bucket{condition}[$__rate_interval])))"


ROWS: Final[tuple[tuple[str, tuple[Panel, ...]], ...]] = (
    (
        "Is all well?",
        (
            Panel("Not ready", "congress_unready", legend="{{instance}}: {{check}}", meaning="Empty when all is well."),
            Panel("Nodes", "max by (state) (congress_nodes)", legend="{{state}}"),
            Panel("Who reads the clouds", 'congress_lease_held{lease="datasources"}', meaning="One, and only one."),
            Panel("Lease renewals that failed", "rate(congress_lease_failures_total[$__rate_interval])"),
            Panel("Memory", "congress_process_resident_memory_bytes", "bytes"),
            Panel("Processor time", "rate(congress_process_cpu_seconds_total[$__rate_interval])", "percentunit"),
        ),
    ),
    (
        "Violations",
        (
            Panel(
                "Rows of watched tables",
                "max by (policy, table) (congress_watched_rows)",
                "short",
                "{{policy}}:{{table}}",
            ),
            Panel("From cloud to violation, 99 %", _quantile(0.99, "congress_update_latency_seconds", "instance"), "s"),
            Panel("From cloud to violation, half", _quantile(0.5, "congress_update_latency_seconds", "instance"), "s"),
        ),
    ),
    (
        "Datasources",
        (
            Panel(
                "Age of the oldest tables", "topk(10, max by (table) (congress_table_age_seconds))", "s", "{{table}}"
            ),
            Panel("Time to list, 99 %", _quantile(0.99, "congress_poll_seconds", "source"), "s", "{{source}}"),
            Panel(
                "Listings that fail",
                'sum by (source) (rate(congress_polls_total{outcome="failed"}[$__rate_interval]))',
                "ops",
                "{{source}}",
            ),
            Panel("Largest tables", "topk(10, max by (table) (congress_table_rows))", "short", "{{table}}"),
            Panel("Memory of tables", "topk(10, max by (table) (congress_table_bytes))", "bytes", "{{table}}"),
            Panel(
                "Rows that come and go",
                "sum by (source) (rate(congress_update_rows_total[$__rate_interval]))",
                "ops",
                "{{source}}",
            ),
        ),
    ),
    (
        "Engines and the stream between them",
        (
            Panel("Transaction, 99 %", _quantile(0.99, "congress_engine_transaction_seconds", "instance"), "s"),
            Panel(
                "Costliest tables",
                "topk(10, sum by (policy, table) (rate(congress_evaluation_seconds_total[$__rate_interval])))",
                "percentunit",
                "{{policy}}:{{table}}",
                "Share of a processor that their rules take.",
            ),
            Panel("Readers wait for the engine", "congress_engine_wait_seconds", "s"),
            Panel("Epoch", "congress_stream_epoch", meaning="The same everywhere."),
            Panel("Policy revisions behind", "scalar(max(congress_policy_revision)) - congress_policy_revision"),
            Panel("Publications behind", "congress_stream_behind"),
            Panel("Gaps", "rate(congress_stream_gaps_total[$__rate_interval])", "ops"),
            Panel(
                "Fetched tables",
                "sum by (instance, outcome) (rate(congress_stream_pulls_total[$__rate_interval]))",
                "ops",
                "{{instance}} {{outcome}}",
            ),
            Panel("Messages for the broker", "congress_bus_outbox_messages"),
        ),
    ),
    (
        "API",
        (
            Panel(
                "Requests", "sum by (status) (rate(congress_requests_total[$__rate_interval]))", "reqps", "{{status}}"
            ),
            Panel("Time to answer, 99 %", _quantile(0.99, "congress_request_seconds", "route"), "s", "{{route}}"),
            Panel("Requests that wait for a thread", "congress_requests_waiting"),
        ),
    ),
    (
        "Actions and events",
        (
            Panel("Ledger", "sum by (state) (congress_actions)", "short", "{{state}}"),
            Panel("Streams of events", "congress_event_streams"),
            Panel("Events that targets have not taken", "congress_outgoing_behind_events"),
        ),
    ),
)


def panels() -> list[Panel]:
    """All graphs, from the first to the last."""
    return [panel for _title, row in ROWS for panel in row]


def dashboard() -> dict[str, Any]:
    """The dashboard as Grafana imports it; it asks for the Prometheus to read."""
    drawn: list[dict[str, Any]] = []
    top = 0
    for title, row in ROWS:
        drawn.append({"type": "row", "title": title, "id": len(drawn) + 1, "gridPos": _place(top, 0, 24, 1)})
        for number, panel in enumerate(row):
            line, column = divmod(number, COLUMNS)
            width = 24 // COLUMNS
            drawn.append(_drawn(panel, len(drawn) + 1, _place(top + 1 + line * HEIGHT, column * width, width, HEIGHT)))
        top += 1 + -(-len(row) // COLUMNS) * HEIGHT
    return {
        "title": "Congress",
        "uid": "congress",
        "tags": ["congress"],
        "schemaVersion": 39,
        "version": 1,
        "editable": True,
        "time": {"from": "now-6h", "to": "now"},
        "refresh": "30s",
        "templating": {
            "list": [{"name": "datasource", "type": "datasource", "query": "prometheus", "label": "Prometheus"}]
        },
        "panels": drawn,
    }


def _place(y: int, x: int, width: int, height: int) -> dict[str, int]:
    return {"h": height, "w": width, "x": x, "y": y}


def _drawn(panel: Panel, number: int, place: dict[str, int]) -> dict[str, Any]:
    source = {"type": "prometheus", "uid": "${datasource}"}
    return {
        "type": "timeseries",
        "title": panel.title,
        "description": panel.meaning,
        "id": number,
        "gridPos": place,
        "datasource": source,
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "options": {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi"}},
        "targets": [{"refId": "A", "datasource": source, "expr": panel.expression, "legendFormat": panel.legend}],
    }


if __name__ == "__main__":
    print(json.dumps(dashboard(), indent=1))
