"""Prints the page of all metrics: `python -m congress.telemetry.reference > docs/metrics.md`."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import congress
from congress.telemetry import metrics

_HEAD = """# Metrics

`/metrics` answers in the text format of Prometheus, with the values of the process that is asked; ask each one.

It is served at two places. The socket of group `healthcheck` answers everybody who can reach it, like exporters do:
let it listen on the loopback address or on a management network. The API's own socket answers `GET /metrics` as it
answers other requests: with Keystone only to callers with a token whom the rule `congress:metrics:show` allows
(readers of the system, unless the policy file says otherwise), without authentication to everybody. Metrics hold names
of datasources and tables, routes and times, but no rows.

A dashboard for Grafana and alerts for Prometheus come with Congress: [watch over Congress](observability.md).

Of histograms there are also `_count`, `_sum` and `_bucket`.

| metric | kind | labels | meaning |
|---|---|---|---|
"""
_FOOT = """| `congress_process_*` | gauge | | Memory, processor time, start and open files of the process. |

This page is written by `python -m congress.telemetry.reference`.
"""
_DECLARING = re.compile(r"^from congress\.telemetry import metrics\b", re.MULTILINE)


def declare() -> None:
    """Import all modules that declare metrics."""
    root = Path(congress.__path__[0])
    for file in sorted(root.rglob("*.py")):
        if _DECLARING.search(file.read_text(encoding="utf-8")):
            importlib.import_module(".".join(["congress", *file.relative_to(root).with_suffix("").parts]))


def page() -> str:
    """The page, in Markdown."""
    declare()
    rows = "".join(
        f"| `{one.name}` | {one.kind} | {', '.join(f'`{label}`' for label in one.labels)} | {one.text} |\n"
        for one in metrics.described()
    )
    return _HEAD + rows + _FOOT


if __name__ == "__main__":
    print(page(), end="")
